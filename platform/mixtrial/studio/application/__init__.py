"""The studio as an ASGI application, in the form for uvicorn."""

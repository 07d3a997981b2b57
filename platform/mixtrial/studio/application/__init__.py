"""The studio as an ASGI application, as uvicorn finds it."""

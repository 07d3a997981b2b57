"""The server's application: Streamlit's pages and mixtrial's own routes run in one process."""

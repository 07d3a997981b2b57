"""The server's application: Streamlit's pages and our own routes in one process."""

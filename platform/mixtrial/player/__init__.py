"""Player with rating controls: a component of the browser page, drawn by Streamlit."""

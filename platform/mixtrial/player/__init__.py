"""Player and rating controls: one component in the browser, drawn by Streamlit."""

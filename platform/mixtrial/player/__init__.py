"""Player and rating widgets: one component in the browser, drawn by Streamlit."""

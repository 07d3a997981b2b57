"""What plays and what is rated with: one component in the browser, drawn by Streamlit."""

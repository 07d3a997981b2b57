"""Script that Streamlit runs at each visit, for a server started from the source code."""

from mixtrial.application.pages import draw_pages

draw_pages()

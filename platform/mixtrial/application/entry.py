"""Script that Streamlit runs each time somebody opens a page."""

from mixtrial.application.pages import draw_pages

draw_pages()

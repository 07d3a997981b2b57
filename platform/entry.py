"""Script that Streamlit runs at each visit in a checkout; the pages are in the package."""

from mixtrial.application.pages import draw_pages

draw_pages()

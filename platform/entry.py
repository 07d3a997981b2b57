"""Script that Streamlit runs at each visit in a checkout; the package holds the pages."""

from mixtrial.application.pages import draw_pages

draw_pages()

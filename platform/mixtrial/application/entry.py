"""Script that Streamlit runs at each visit."""

from mixtrial.application.pages import draw_pages

draw_pages()

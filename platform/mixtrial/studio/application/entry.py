"""Script that Streamlit runs at each visit of the studio."""

from mixtrial.studio.pages.router import draw_pages

draw_pages()

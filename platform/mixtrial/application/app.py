"""The survey's server of an installed package; ``platform/app.py`` is for the repository.

``mixtrial serve`` starts the server. Environment variables name the study (see
``mixtrial.server.settings``).
"""

import streamlit as st
from starlette.middleware import Middleware

from mixtrial.application.pages import ENTRY
from mixtrial.application.reading_ahead import ReadingAhead
from mixtrial.routes.route_table import MIDDLEWARE, ROUTES
from mixtrial.server.public_address import public_address
from mixtrial.server.streamlit_options import set_options

set_options(public_address().base_path)
app = st.App(ENTRY, routes=ROUTES, middleware=[*MIDDLEWARE, Middleware(ReadingAhead)])

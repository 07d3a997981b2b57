"""Server of the survey, if mixtrial runs from its source code and is not installed.

An installed package uses ``mixtrial.application.app``. ``mixtrial serve`` starts the application of
the package (``mixtrial.server.process``). Environment variables name the study (see
``mixtrial.server.settings``).
"""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from mixtrial.application.reading_ahead import ReadingAhead
from mixtrial.routes.route_table import MIDDLEWARE, ROUTES
from mixtrial.server.public_address import public_address
from mixtrial.server.streamlit_options import set_options

set_options(public_address().base_path)
app = st.App(
    Path(__file__).with_name("entry.py"),
    routes=ROUTES,
    middleware=[*MIDDLEWARE, Middleware(ReadingAhead)],
)

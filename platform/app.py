"""The survey's server in a checkout; the same is in the package, as ``mixtrial.application.app``.

Run it with ``streamlit run platform/app.py`` or ``uvicorn --app-dir platform app:app``; the
environment says which study it serves (see ``mixtrial.server.settings``).
"""

from pathlib import Path

import streamlit as st

from mixtrial.routes.route_table import MIDDLEWARE, ROUTES

app = st.App(
    Path(__file__).with_name("entry.py"),
    routes=ROUTES,
    middleware=MIDDLEWARE,
)

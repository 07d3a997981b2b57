"""The survey's server: Streamlit's pages and our own routes in one process.

Run it with ``streamlit run platform/app.py`` or ``uvicorn --app-dir platform app:app``; the
environment says which study it serves (see ``mixtrial.settings``).
"""

from pathlib import Path

import streamlit as st
from starlette.routing import Route

from mixtrial.headphone_route import HEADPHONE_ROUTE, headphone_sound
from mixtrial.player.assets import ASSET_ROUTE, player_asset
from mixtrial.routes import MIDDLEWARE, ROUTES

app = st.App(
    Path(__file__).with_name("entry.py"),
    routes=[
        *ROUTES,
        Route(ASSET_ROUTE, player_asset, methods=["GET"]),
        Route(HEADPHONE_ROUTE, headphone_sound, methods=["GET"]),
    ],
    middleware=MIDDLEWARE,
)

"""The server as ``platform/app.py`` runs it, its texts read from ``locales`` beside the study."""

import os
from pathlib import Path

import streamlit as st
from starlette.routing import Route

import mixtrial.server.language
from mixtrial.player.assets import ASSET_ROUTE, player_asset
from mixtrial.routes.headphones import HEADPHONE_ROUTE, headphone_sound
from mixtrial.routes.route_table import MIDDLEWARE, ROUTES
from mixtrial.server.streamlit_options import set_options

ROOT = Path(__file__).parents[3]
mixtrial.server.language.LOCALES = Path(os.environ["MIXTRIAL_STUDY"]).parent / "locales"
set_options("")
app = st.App(
    ROOT / "platform" / "entry.py",
    routes=[
        *ROUTES,
        Route(ASSET_ROUTE, player_asset, methods=["GET"]),
        Route(HEADPHONE_ROUTE, headphone_sound, methods=["GET"]),
    ],
    middleware=MIDDLEWARE,
)

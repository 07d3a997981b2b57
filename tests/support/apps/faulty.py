"""The server as ``platform/app.py`` runs it, with a fault nobody foresaw in two of its pages.

The survey fails half-way down its welcome, the dashboard in its sign-in, for as long as there is a
file called ``fault`` beside the study.
"""

import os
from pathlib import Path
from typing import Any

import streamlit as st

import mixtrial.dashboard.router as dashboard
import mixtrial.survey.pages.welcome as consent
from mixtrial.routes.route_table import MIDDLEWARE, ROUTES
from mixtrial.server.streamlit_options import set_options

ROOT = Path(__file__).parents[3]
FAULT = Path(os.environ["MIXTRIAL_STUDY"]).with_name("fault")


def failing(draw: Any) -> Any:
    """Return a function that fails where there is a fault, and else does what it did."""

    def draw_or_fail(*values: Any) -> Any:
        if FAULT.is_file():
            raise KeyError("a fault of the tests")
        return draw(*values)

    return draw_or_fail


set_options("")
consent.draw_paragraphs = failing(consent.draw_paragraphs)
dashboard.draw_signin = failing(dashboard.draw_signin)
app = st.App(ROOT / "platform" / "entry.py", routes=ROUTES, middleware=MIDDLEWARE)

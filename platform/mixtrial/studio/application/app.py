"""Server of the studio, started by ``mixtrial studio``.

Environment variables name the folder of studies (see ``mixtrial.studio.running``).
"""

from pathlib import Path

import streamlit as st

from mixtrial.server.public_address import public_address
from mixtrial.server.streamlit_options import set_options
from mixtrial.studio.route_table import MIDDLEWARE, ROUTES, lifespan

set_options(public_address().base_path)
app = st.App(
    Path(__file__).with_name("entry.py"), routes=ROUTES, middleware=MIDDLEWARE, lifespan=lifespan
)

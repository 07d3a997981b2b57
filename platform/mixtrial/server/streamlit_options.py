"""Streamlit's settings: few messages, fast pages, and mixtrial's colours.

With their defaults, ``fileWatcherType`` and ``postScriptGC`` would take most of the time that a
page needs.
"""

from __future__ import annotations

from streamlit import config
from streamlit.logger import set_log_level

OPTIONS: dict[str, str | bool | int] = {
    "server.headless": True,
    "server.enableStaticServing": False,
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    # Upload limit in megabytes; low, because participants upload nothing.
    "server.maxUploadSize": 1,
    "server.maxMessageSize": 16,  # limit, in megabytes, for a message from the server to a page
    # Streamlit would set a cookie against forged requests on the welcome page, before the
    # participant's consent. This cookie protects only Streamlit's uploads and Streamlit's sign-in,
    # which are not used here. Our own routes check the origin of each request.
    "server.enableXsrfProtection": False,
    "runner.postScriptGC": False,
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "theme.baseRadius": "12px",
    "theme.buttonRadius": "10px",
    "theme.light.primaryColor": "#1f6f78",
    "theme.light.backgroundColor": "#f4f6f6",
    "theme.light.secondaryBackgroundColor": "#ffffff",
    "theme.light.textColor": "#1c2526",
    "theme.light.borderColor": "#dde3e3",
    "theme.dark.primaryColor": "#6cc0c9",
    "theme.dark.backgroundColor": "#101617",
    "theme.dark.secondaryBackgroundColor": "#1a2224",
    "theme.dark.textColor": "#e6eded",
    "theme.dark.borderColor": "#313b3d",
}


def set_options(base_path: str) -> None:
    """Set the options in this process, and the path before all pages.

    The function is called before the application is made. Streamlit's own settings files and
    variables have no effect. Under uvicorn, Streamlit does not read its environment variables at
    all.
    """
    for name, value in (OPTIONS | {"server.baseUrlPath": base_path}).items():
        config.set_option(name, value)
    set_log_level("warning")  # this level also keeps uvicorn from logging its start

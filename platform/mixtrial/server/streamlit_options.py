"""Streamlit's settings: quiet, fast, and in our colours.

``fileWatcherType`` and ``postScriptGC`` would take most of a page's time with their defaults.
"""

from __future__ import annotations

from streamlit import config
from streamlit.logger import set_log_level

OPTIONS: dict[str, str | bool | int] = {
    "server.headless": True,
    "server.enableStaticServing": False,
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "server.maxUploadSize": 1,  # the limit of uploads in megabytes; participants upload nothing
    "server.maxMessageSize": 16,  # megabytes to a page; messages from a page are limited far lower
    # Streamlit's cookie would be set with the welcome page, before consent. Streamlit's cookie
    # protects Streamlit's uploads and its own sign-in, and neither is used here. Our routes check
    # the origin of a request.
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
    variables have no effect. Under uvicorn, Streamlit would not read the variables anyway.
    """
    for name, value in (OPTIONS | {"server.baseUrlPath": base_path}).items():
        config.set_option(name, value)
    set_log_level("warning")  # the setting is also for uvicorn, which would log its start

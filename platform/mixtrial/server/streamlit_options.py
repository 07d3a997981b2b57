"""How Streamlit is run: quiet, fast, and in our colours.

The same values stand in ``platform/.streamlit/config.toml``, which ``streamlit run
platform/app.py`` reads by itself; a test keeps the two alike. ``fileWatcherType`` and
``postScriptGC`` cost most of a page's time when left at their defaults.
"""

from __future__ import annotations

import re

OPTIONS: dict[str, str | bool | int] = {
    "server.headless": True,
    "server.enableStaticServing": False,
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "server.maxUploadSize": 1,  # megabytes; nobody uploads anything here
    "server.maxMessageSize": 16,  # megabytes, of the websocket, in both directions
    # Its cookie would come with the welcome page, before consent. It guards Streamlit's uploads and
    # its own sign-in, and there is neither here; our routes ask where a request comes from.
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


def command_line_flags() -> list[str]:
    """Return the options as ``streamlit run`` takes them: ``--server.headless=true`` and so on."""
    return [f"--{name}={_written(value)}" for name, value in OPTIONS.items()]


def environment_variables() -> dict[str, str]:
    """Return the options as environment variables: ``STREAMLIT_SERVER_HEADLESS`` and so on.

    For servers that are not started by ``streamlit run``, such as uvicorn with several workers.
    """
    return {f"STREAMLIT_{_upper(name)}": _written(value) for name, value in OPTIONS.items()}


def _upper(name: str) -> str:
    """``server.fileWatcherType`` as ``SERVER_FILE_WATCHER_TYPE``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|\.", "_", name).upper()


def _written(value: str | bool | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

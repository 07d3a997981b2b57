"""Routes that answer for an installation of the test's own."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

import pytest

import mixtrial.routes
from mixtrial.server.installation import Installation


def answer_for(monkeypatch: pytest.MonkeyPatch, opened: Callable[[], Installation]) -> None:
    """Let every route ask ``opened`` instead of the environment for its study."""
    for each in pkgutil.iter_modules(mixtrial.routes.__path__, "mixtrial.routes."):
        module = importlib.import_module(each.name)
        if hasattr(module, "current_installation"):
            monkeypatch.setattr(module, "current_installation", opened)

"""The way back to the page before, where the study allows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mixtrial.survey.screens import page_before
from mixtrial.survey.visit import Visit, forget_opening


def may_go_back(visit: Visit) -> bool:
    """Whether the present page has a button that leads back."""
    return visit.here.study.pages.back and page_before(visit.participant) is not None


def go_back(visit: Visit, wish: Mapping[str, Any]) -> bool:
    """Go to the page before, when that is what was wished for; whether it was.

    The wish names the page on which it was made, so that one sent twice leads back once.
    """
    if "back" not in wish:
        return False
    present, earlier = visit.participant.page_index, page_before(visit.participant)
    if wish["back"] != present or earlier is None or not visit.here.study.pages.back:
        return False
    if not visit.here.store.reopen_page(visit.token, earlier):
        return False
    for index in (present, earlier):
        forget_opening(visit, index)
    return True

"""Findings of axe-core on a page that has come to rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

# Colours on their way from one to the other have a contrast of their own.
SETTLED = """() => {
  const roots = [document];
  for (const root of roots) {
    for (const each of root.querySelectorAll('*')) if (each.shadowRoot) roots.push(each.shadowRoot);
  }
  return roots.flatMap((root) => root.getAnimations()).every(
    (each) => each.playState !== 'running' || each.effect.getTiming().iterations === Infinity);
}"""


# Counted by the page itself: where it has more to do before, the time begins later.
PAUSE = """() => new Promise((rested) => setTimeout(
  () => requestAnimationFrame(() => requestAnimationFrame(rested)), 200))"""
DRAWN = """() => {
  const app = document.querySelector("[data-test-script-state]");
  return (!app || app.dataset.testScriptState === "notRunning")
    && !document.querySelector("[data-testid=stSkeleton], [data-stale=true]");
}"""

# Each that opens from now on, however soon it closes.
COUNT_DIALOGS = """() => {
  window.dialogs = 0;
  new MutationObserver((records) => {
    const added = records.flatMap((record) => [...record.addedNodes]);
    const has = (node) => node.matches?.("[role=dialog]") || node.querySelector?.("[role=dialog]");
    window.dialogs += added.filter(has).length;
  }).observe(document.body, { childList: true, subtree: true });
}"""


def settle(page: Any) -> None:
    """Wait until no colour or place is on its way any more."""
    page.evaluate(PAUSE)  # for what a script of the page is about to begin
    page.wait_for_function(SETTLED)


def wait_until_drawn(page: Any) -> None:
    """Wait until the server has said all of a page, and nothing of the one before is left."""
    page.wait_for_function(DRAWN)
    settle(page)


GROUND = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
"""The colour behind a page."""

OF_COLOURS = ("color-contrast", "link-in-text-block")
"""Rules whose findings differ between a light page and a dark one."""


def serious_findings(page: Any, rules: Sequence[str] = ()) -> list[str]:
    """Findings that axe-core calls serious or critical: the rule, and where it is broken first.

    All rules are asked, or those named.
    """
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="dev dependency")
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = list(rules)
    settle(page)
    return [
        f"{found['id']}: {found['nodes'][0]['html'][:160]}"
        for found in axe.Axe().run(page, options=options).response["violations"]
        if found["impact"] in ("serious", "critical")
    ]

"""What axe-core says of a page that has come to rest."""

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


def settle(page: Any) -> None:
    """Wait until no colour or place is on its way any more."""
    page.wait_for_timeout(200)  # for what a script of the page is about to begin
    page.wait_for_function(SETTLED)


OF_COLOURS = ("color-contrast", "link-in-text-block")
"""Rules whose findings differ between a light page and a dark one."""


def serious_findings(page: Any, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core calls serious or critical: the rule, and where it is broken first.

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

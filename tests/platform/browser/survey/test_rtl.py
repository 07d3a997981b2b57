"""A study in a made-up language written from right to left, on a phone, page by page.

Its texts are the English ones in Hebrew letters, a third longer: a text that is written into the
code instead of a locale file stays in Latin letters, and is found.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

import mixtrial.server.language
from browser_study import Walker, running_browser, running_server, write_study
from page_audit import wait_until_drawn
from page_walks import hear_headphone_trial
from stimuli.study_keys.default_texts import default_labels, default_texts

pytestmark = pytest.mark.browser
HEBREW = "אבגדהוזחטיכלמנסעפצקרשת"
VISIBLE_TEXTS = """() => {
  const found = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const parent = node.parentElement;
      if (parent && !["STYLE", "SCRIPT", "NOSCRIPT"].includes(parent.tagName)
        && parent.checkVisibility()) found.push(node.textContent);
    }
    if (node.nodeType === Node.ELEMENT_NODE && node.checkVisibility()) {
      for (const name of ["aria-label", "aria-valuetext", "title", "placeholder", "alt"])
        if (node.getAttribute(name)) found.push(node.getAttribute(name));
    }
    for (const child of node.shadowRoot?.childNodes ?? []) walk(child);
    for (const child of node.childNodes) walk(child);
  };
  walk(document.querySelector('[data-testid="stMain"]'));
  return found.filter((text) => /[A-Za-z]{2,}/.test(text)).map((text) => text.trim());
}"""
STREAMLITS_OWN = {"Increment", "Decrement"}
"""Labels of the small buttons beside a number, which the keyboard passes over."""


def turned(value: Any) -> Any:
    """Texts in Hebrew letters and a third longer; places to fill in, names and numbers stay."""
    if isinstance(value, dict):
        return {key: child if key == "name" else turned(child) for key, child in value.items()}
    if isinstance(value, list):
        return [turned(child) for child in value]
    text, inside = "", False
    for sign in value + " " + value[: len(value) // 3].replace("{", "").replace("}", ""):
        inside = (inside or sign == "{") and sign != "}"
        text += HEBREW[ord(sign.lower()) % 22] if sign.isalpha() and not inside else sign
    return text


@pytest.fixture(scope="module")
def texts() -> dict[str, Any]:
    """The made-up language's locale file."""
    english = yaml.safe_load(
        (mixtrial.server.language.LOCALES / "en.yaml").read_text(encoding="utf-8")
    )
    return {
        "direction": "rtl",
        "survey": turned(english["survey"]),
        "player": turned(english["player"]),
    }


@pytest.fixture(scope="module")
def walker(texts: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walker]:
    """A participant on a phone, in a study all of whose texts are in that language."""
    folder = tmp_path_factory.mktemp("rtl")
    (folder / "locales").mkdir()
    path = folder / "locales" / "he.yaml"
    path.write_text(yaml.safe_dump(texts, allow_unicode=True), encoding="utf-8")
    own = turned(default_texts("en"))
    question = {"name": "q", "label": turned("How tired are your ears?")}
    scale = {"type": "scale", "low_label": turned("fresh"), "high_label": turned("tired")}
    several = {"type": "multiple", "choices": own["devices"], "required": False}
    keys = {
        **own,
        "range": {"labels": turned(list(default_labels("en")))},
        "attributes": own["attributes"][:1],
        "language": "he",
        "ask": ["years", "age"],
        "headphones": {"test": "huggins", "trials": 1, "needed": 1, "attempts": 1},
        "comments": "both",
        "pages": {"back": True, "training_feedback": True, "break_after": 1},
        "questionnaires": [
            {"name": "a", "when": "before", "title": turned("Before"),
             "questions": [{**question, **scale, "prefer_not_to_say": True}]},
            {"name": "z", "when": "after", "title": turned("At the end"), "questions": [
                {**question, **several}, {**question, "name": "t", "type": "text"}]},
        ],
    }  # fmt: skip
    more = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items()]
    study = write_study(folder, title=turned("Which mix is best"), more=more)
    shown = yaml.safe_load(study.read_text(encoding="utf-8"))
    for song in shown["songs"]:
        song["title"] = turned(song["name"])
    study.write_text(yaml.safe_dump(shown, allow_unicode=True), encoding="utf-8")
    with running_server(study) as server, running_browser() as browser:
        walker = Walker(browser, server, viewport={"width": 390, "height": 844})
        yield walker
        walker.close()


def test_every_page_is_read_from_right_to_left_and_fits_a_phone(
    walker: Walker, texts: dict[str, Any]
) -> None:
    """From the welcome to the thanks: no page is too wide, none holds a text of its own.

    Each tells the browser its language, whose name the made-up one has.
    """
    page, survey, player = walker.page, texts["survey"], texts["player"]
    seen: dict[str, tuple[int, str, set[str]]] = {}

    def look(name: str) -> None:
        wait_until_drawn(page)
        root = page.locator("html")
        direction = f"{root.get_attribute('dir')} {root.get_attribute('lang')}"
        foreign = set(page.evaluate(VISIBLE_TEXTS)) - STREAMLITS_OWN
        seen[name] = (walker.overflow_px(), direction, foreign)

    def go_on(name: str) -> None:
        look(name)
        page.get_by_role("button", name=survey["continue"], exact=True).click()

    def choose(*numbers: int) -> None:
        for number in numbers:
            page.get_by_test_id("stRadioOption").nth(number).click()

    page.goto(f"{walker.server.url}/")
    page.get_by_role("button", name=survey["agree"]).wait_for()
    look("welcome")
    page.get_by_role("button", name=survey["agree"]).click()
    page.get_by_text(survey["group_question"]).wait_for()
    choose(1, 3, 7)
    go_on("about you")
    page.get_by_role("heading", name=turned("Before")).wait_for()
    choose(2)
    go_on("before")
    page.locator(".play:not([disabled])").click()
    look("volume")
    page.get_by_role("button", name=player["volume_continue"]).click()
    hear_headphone_trial(page)
    look("headphones")
    page.get_by_role("button", name=player["headphone_choose"].format(number=1)).click()
    for number in range(3):
        walker.wait_for_page()
        if number == 0:
            page.locator("details.keys summary").click()
        for slot in range(4):
            walker.rate(slot, 20 * slot)
        look(f"page {number}")
        walker.next()
        if number == 0:
            page.get_by_role("heading", name=survey["feedback_heading"]).wait_for()
            look("feedback")
            page.get_by_role("button", name=survey["feedback_continue"]).click()
        elif number == 1:
            page.get_by_role("heading", name=survey["break_heading"]).wait_for()
            go_on("break")
    page.get_by_role("heading", name=turned("At the end")).wait_for()
    page.get_by_role("button", name=survey["continue"], exact=True).click()
    page.get_by_role("alert").wait_for()
    page.locator("textarea").fill(turned("nothing"))
    go_on("after")
    page.get_by_role("heading", name=survey["finished_heading"]).wait_for()
    look("thanks")
    assert {name: state for name, state in seen.items() if state[0] != 0} == {}
    assert {name for name, state in seen.items() if state[1] != "rtl he"} == set()
    code = page.locator("code").first.text_content()
    foreign = {name: state[2] - {code} for name, state in seen.items() if state[2] - {code}}
    assert foreign == {}
    assert walker.troubles == []

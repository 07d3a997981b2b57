"""The link at the end: its places are filled safely, and lead nowhere else."""

from __future__ import annotations

import pytest

from stimuli.study_keys.recruiting.completion_link import check_completion_link, filled_link
from stimuli.study_keys.recruiting.recruitment import PROLIFIC


def test_the_link_at_the_end_takes_identifiers_as_single_values() -> None:
    """No sign of an identifier can end its value, add a parameter or name another host."""
    link = "https://panel.example/done/{STUDY_ID}?cc=C1&pid={PROLIFIC_PID}#{SESSION_ID}"
    answers = {"prolific_pid": 'a&cc=X#/é"<', "study_id": "../.."}
    filled = filled_link(link, answers, PROLIFIC.places)
    assert filled == (
        "https://panel.example/done/..%2F..?cc=C1&pid=a%26cc%3DX%23%2F%C3%A9%22%3C#"
    )  # fmt: skip
    assert filled_link("https://panel.example/done", {}, {}) == "https://panel.example/done"


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ("javascript:alert(1)", "must be a link"),
        ("https://{STUDY_ID}.example/", "with its placeholders after the host"),
        ("https://panel.example@evil.example/", "must be a link"),
        (
            "https://panel.example/{PID}",
            r"has the unknown placeholder \{PID\}; the placeholders are \{PROLIFIC_PID\}",
        ),
        ("https://panel.example/{}", "has the unknown placeholder"),
        ("https://panel.example/}x{", "an unmatched brace"),
    ],
)
def test_a_link_that_could_lead_elsewhere_is_refused(link: str, sentence: str) -> None:
    """Places stand behind the host, and only known ones."""
    with pytest.raises(ValueError, match=sentence):
        check_completion_link(link, PROLIFIC.places, "completion_link")


@pytest.mark.parametrize(
    "link",
    [
        "https://app.prolific.com/submissions/complete?cc=C1A2B3",
        "http://localhost:8080",
        "https://panel.example?p={PROLIFIC_PID}",
    ],
)
def test_usual_links_are_taken(link: str) -> None:
    """With and without places, path or port."""
    check_completion_link(link, PROLIFIC.places, "completion_link")

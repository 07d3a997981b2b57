"""A study file that is given away holds no code by which a panel pays, and is else what it was."""

from __future__ import annotations

import pytest
import yaml

from mixtrial.reporting.study_text import without_codes

FILE = """\
# completion: a comment stays
title: "Codes: completion: C1A2B3"   # as in a text
completion_code: 'C1A2B3'
completion_link: https://panel.example/done?token=ab3&id={pid}  # paid
recruitment:
  panel: prolific
  completion: &way "C1A2B3"
  screened_out: CSCREEN9
  returned: *way
  keep: [completion]
songs:
  - {name: completion, vocal: a.wav, completion: stays}
"""


def test_codes_and_links_are_left_out_and_every_other_letter_stays() -> None:
    """The values of the keys alone, in any writing; comments, texts and lists are as they were."""
    left = without_codes(FILE)
    assert left == FILE.replace("completion_code: 'C1A2B3'", "completion_code: left-out").replace(
        "https://panel.example/done?token=ab3&id={pid}", "https://example.org/left-out"
    ).replace('&way "C1A2B3"', "&way left-out").replace("CSCREEN9", "left-out")
    told = yaml.safe_load(left)
    assert told["recruitment"]["returned"] == "left-out"
    assert told["title"] == "Codes: completion: C1A2B3"


@pytest.mark.parametrize(
    "written",
    ["completion_code: |\n  C1A2B3\n", "completion_code: >-\n  C1A2B3\ntitle: x\n",
     "{completion_code: C1A2B3, title: x}", "completion_code:\n  C1A2B3\ntitle: x\n",
     "\"completion_code\": \"C1A\\\n  2B3\"\n",
     "recruitment: {completion: C1A2B3}\r\ntitle: x\r\n"],
)  # fmt: skip
def test_a_code_is_found_however_it_is_written(written: str) -> None:
    """Blocks, flows, quotes over two lines, CR LF."""
    left = without_codes(written)
    assert "C1A" not in left
    assert "2B3" not in left
    before, after = yaml.safe_load(written), yaml.safe_load(left)
    assert list(before) == list(after)
    assert {k: v for k, v in before.items() if k == "title"} == {
        k: v for k, v in after.items() if k == "title"
    }


@pytest.mark.parametrize(
    "written", ["", "title: x\n", "recruitment:\n", "- a\n", "completion_code:\n"]
)
def test_a_file_without_codes_is_what_it_was(written: str) -> None:
    """Not a letter differs."""
    assert without_codes(written) == written

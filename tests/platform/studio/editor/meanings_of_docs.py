"""The tables of docs/study-file.md and docs/pages.md as the editor has them.

Run it to write them anew::

    PYTHONPATH=tests/support:. .venv/bin/python -m tests.platform.studio.editor.meanings_of_docs
"""

from __future__ import annotations

import re

import yaml

from mixtrial.studio.editor.fields.meanings import TABLE
from places import ROOT

HOMES = {
    "The study": [()], "Songs": [("songs",)], "Systems": [("systems",)],
    "Strength of each stage: `amount`": [("systems", "amount")],
    "Attributes, groups and devices": [("attributes",), ("groups",), ("devices",)],
    "Places and the last day": [("admission",)], "Participants of a panel": [("recruitment",)],
    "Publication": [("publication",)],
    "Questions": [("questionnaires",)], "An e-mail address at the end": [("contact",)],
    "The headphone check": [("headphones",)], "Calibrated seats: `calibration`": [("calibration",)],
    "Pages": [("pages",)], "Scales": [("range",)],
    "Groups with different instructions: `arms`": [("arms",)],
    "The declared plan": [("analysis",)],
    "One-sided claims: `one_sided`": [("analysis", "one_sided")],
    "Tests before the end: `looks`, `anytime`": [("analysis",)],
    "Exclusion by repeated pages: `expertise`": [("analysis", "expertise")],
    "Controls of a crowd test: `controls`": [("analysis", "controls")],
    "Conditions of the study: `conditions`": [("conditions",)],
    "Keys of every part": [("parts",)],
}  # fmt: skip
"""Groups that the tables below a heading explain."""
OF_ENTRIES = {"song", "system", "answer", "within", "attribute"}
"""Keys of the table of controls that are those of its stimuli."""


def meanings_of_the_docs() -> dict[str, list[str]]:
    """Default and meaning of each key, by its path, in the order of the docs."""
    found: dict[str, list[str]] = {}
    for page in ("study-file.md", "pages.md"):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        for part in re.split(r"^##+ ", text, flags=re.M)[1:]:
            heading, _, body = part.partition("\n")
            for table in re.findall(r"(?:^\|.*\n)+", body, flags=re.M):
                for homes, keys, cells in _rows(heading, table):
                    for home in homes:
                        for key in keys:
                            found.setdefault(".".join((*home, key)), cells)
    return found


def _rows(heading: str, table: str) -> list[tuple[list[tuple[str, ...]], list[str], list[str]]]:
    head, _, *lines = table.splitlines()
    homes = HOMES.get(heading)
    if homes is None or not head.startswith("| key"):
        return []
    if "of a question" in head:
        homes = [("questionnaires", "questions")]
    rows = []
    for line in lines:
        cell, *cells = [each.strip() for each in line.strip("|").split(" | ")]
        keys = re.findall(r"`(\w+)`", cell)
        where = homes
        if keys[0] == "looks" and keys[1:]:
            keys = [".".join(keys)]
        if heading.startswith("Controls") and set(keys) & OF_ENTRIES:
            where = [(*homes[0], each) for each in ("gold", "traps")]
        rows.append((where, keys, [_unlinked(each) for each in cells]))
    return rows


def _unlinked(cell: str) -> str:
    """A cell without links and without what leads to another place of the page."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", cell).replace(" (attributes only)", "")
    elsewhere = r"((\*[^*]*\* )?(below|in [\w-]+\.md)|[\w-]+\.md|\*[^*]*\*)"
    return re.sub(rf"[,;:]? see {elsewhere}", "", plain).strip()


if __name__ == "__main__":
    TABLE.write_text(
        "# Made of the tables of docs/study-file.md and docs/pages.md by\n"
        "# tests/platform/studio/editor/meanings_of_docs.py: change the docs, then run it.\n"
        + yaml.safe_dump(meanings_of_the_docs(), allow_unicode=True, sort_keys=False, width=100),
        encoding="utf-8",
    )

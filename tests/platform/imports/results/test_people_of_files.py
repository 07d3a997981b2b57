"""Participants of several files: who is one person, and who is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mixtrial.imports.results.options import reading_options
from mixtrial.imports.results.reading import Imported, read_results
from mixtrial.imports.results.together import as_one_table

NAMELESS = {
    "mushra.csv": "session_test_id,trial_id,rating_stimulus,rating_score,rating_time,rating_comment"
                  "\nt,s,x,{0},1,\nt,s,y,{0},1,\n",
    "golisten.csv": 'Tags,,t,\nName,Date,"S rating",\n,,S_x.wav,S_y.wav\nAnn,2026,{0},{0}\n',
    "jspsych.csv": "trial_type,trial_index,time_elapsed,rt,response,song,system\n"
                   "slider,1,9,1,{0},s,x\nslider,2,9,1,{0},s,y\n",
    "beaqle.txt": json.dumps([{"TestID": "s", "rating": {"x": 0, "y": 0}}])
                  .replace("{", "{{").replace("}", "}}").replace("0", "{0}"),
}  # fmt: skip


def read(folder: Path, name: str, text: str, columns: str | None = None) -> Imported:
    """Content of a file in a folder of its own."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return read_results(folder / name, reading_options(columns))


@pytest.mark.parametrize("name", NAMELESS)
@pytest.mark.parametrize("same_name", [True, False])
def test_people_without_a_name_are_others_in_another_file(
    tmp_path: Path, name: str, same_name: bool
) -> None:
    """Under files of two names, and of the same name in two folders; it is told."""
    first = read(tmp_path / "a", name, NAMELESS[name].format(61))
    other = name if same_name else f"other-{name}"
    second = read(tmp_path / "b", other, NAMELESS[name].format(12))
    assert "none of its participants is taken for one of another file" in first.assumed
    table = as_one_table([first, second], None)
    assert sorted(table.groupby("participant")["rating"].unique().map(list)) == [[12], [61]]


def test_people_whom_a_tool_names_are_the_same_in_every_file(tmp_path: Path) -> None:
    """A session that webMUSHRA names; nothing is told then."""
    text = NAMELESS["mushra.csv"].replace("trial_id", "session_uuid,trial_id")
    first, second = (
        read(tmp_path, f"{song}.csv", text.replace("t,s", f"t,u1,{song}").format(61))
        for song in "ab"
    )
    assert set(as_one_table([first, second], None)["participant"]) == {"u1"}
    assert not any("another file" in clause for clause in first.assumed)


def test_people_whom_a_column_names_are_the_same_in_every_file(tmp_path: Path) -> None:
    """The user says which column it is."""
    text = (
        "trial_type,trial_index,time_elapsed,rt,response,song,system,who\nslider,1,9,1,{},{},x,p\n"
    )
    first, second = (
        read(tmp_path, f"{song}.csv", text.format(61, song), "participant=who") for song in "ab"
    )
    assert set(as_one_table([first, second], None)["participant"]) == {"p"}

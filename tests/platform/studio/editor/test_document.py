"""A study file that is edited: undone, merged and saved, and nobody's work lost."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from mixtrial.studio.editor.document.document import (
    MOST_VERSIONS,
    ChangedOnDiskError,
    open_document,
    versions_of,
)
from mixtrial.studio.editor.document.merging import difference
from mixtrial.studio.editor.document.spans import EditError

TEXT = """\
# mine
title: One
systems: [a, b]  # two
attributes:
  - {name: overall, question: "How good?"}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A study file."""
    path = tmp_path / "study.yaml"
    path.write_bytes(TEXT.encode())
    return path


def test_what_was_not_changed_is_written_byte_by_byte(path: Path) -> None:
    """A byte order mark and the line ends of Windows stay; the file's rights too."""
    content = b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()
    path.write_bytes(content)
    path.chmod(0o640)
    document = open_document(path)
    document.set(("title",), "Two")
    document.save()
    assert path.read_bytes() == content.replace(b"One", b"Two")
    assert path.stat().st_mode & 0o777 == 0o640
    assert versions_of(path)[0].read_bytes() == content


def test_changes_are_undone_and_redone_in_their_order(path: Path) -> None:
    """Those made by hand among them; a new change forgets what was undone."""
    document = open_document(path)
    document.set(("title",), "Two")
    document.replace(document.text + "seed: 4\n")
    document.undo()
    assert (document.value(("title",)), document.value(("seed",))) == ("Two", None)
    document.undo()
    assert document.text == TEXT
    assert not document.is_changed
    document.redo()
    assert document.value(("title",)) == "Two"
    document.set(("title",), "Three")
    document.redo()
    document.undo()
    document.undo()
    assert document.text == TEXT


def test_what_is_typed_at_one_place_is_one_step_of_undo(path: Path) -> None:
    """Letter after letter; another place between them begins anew."""
    document = open_document(path)
    for title in ("T", "Tw", "Two"):
        document.set(("title",), title)
    document.set(("seed",), 3)
    document.set(("title",), "Three")
    document.undo()
    document.undo()
    assert document.value(("title",)) == "Two"
    document.undo()
    assert document.text == TEXT
    document.set(("title",), "Two")
    document.undo()
    assert document.text == TEXT


def test_two_editors_of_different_keys_both_get_what_they_wrote(path: Path) -> None:
    """The second is told, sees both, and saves the file with both changes."""
    first, second = open_document(path), open_document(path)
    first.set(("title",), "First")
    first.insert(("attributes", 1), {"name": "level", "question": "How level is it."})
    first.save()
    second.set(("attributes", 0, "question"), "How well does it sound?")
    with pytest.raises(ChangedOnDiskError, match="somebody else") as told:
        second.save()
    assert path.read_text("utf-8") == first.text
    assert second.conflicts(told.value.theirs) == []
    second.put_mine_on(told.value.theirs)
    second.save()
    assert difference(TEXT, path.read_text("utf-8")).splitlines() == [
        "-title: One", "+title: First",
        '-  - {name: overall, question: "How good?"}',
        '+  - {name: overall, question: "How well does it sound?"}',
        "+  - {name: level, question: How level is it.}",
    ]  # fmt: skip


def test_two_editors_of_one_key_are_told_where_they_meet(path: Path) -> None:
    """Nothing is written until one of them chooses; what was on the disk is kept as a version."""
    first, second = open_document(path), open_document(path)
    first.set(("title",), "First")
    first.save()
    second.set(("title",), "Second")
    second.set(("systems",), ["a", "b", "c"])
    with pytest.raises(ChangedOnDiskError) as told:
        second.save()
    assert second.conflicts(told.value.theirs) == [("title",)]
    second.put_mine_on(told.value.theirs)
    second.save()
    assert "title: Second\nsystems: [a, b, c]  # two\n" in path.read_text("utf-8")
    assert [each.read_text("utf-8") for each in versions_of(path)] == [first.text, TEXT]


def test_the_same_change_twice_is_no_conflict(path: Path) -> None:
    """Both wanted it."""
    first, second = open_document(path), open_document(path)
    for document in (first, second):
        document.set(("title",), "Same")
    first.save()
    second.save()
    assert not second.is_changed


LISTS = """\
title: One
systems:
  - a   # the first
  - b
attributes:
  - {name: overall, question: "How good?"}
  - {name: width, question: "How wide?"}
"""


def test_entries_that_two_people_add_and_change_all_stand(path: Path) -> None:
    """Each by its name, wherever it stands by now; comments stay with their lines."""
    path.write_text(LISTS, encoding="utf-8")
    mine, theirs = open_document(path), open_document(path)
    theirs.insert(("attributes", 0), {"name": "first", "question": "What first?"})
    theirs.insert(("systems", 2), "theirs")
    theirs.remove(("attributes", 1))
    theirs.save()
    mine.insert(("attributes", 2), {"name": "mine", "question": "Whose?"})
    mine.set(("attributes", 1, "question"), "How broad?")
    mine.insert(("systems", 1), "mine")
    assert mine.conflicts(theirs.text) == []
    mine.put_mine_on(theirs.text)
    merged = """\
title: One
systems:
  - a   # the first
  - mine
  - b
  - theirs
attributes:
  - {name: first, question: "What first?"}
  - {name: width, question: "How broad?"}
  - {name: mine, question: "Whose?"}
"""
    assert mine.text == merged


def test_entries_that_two_people_both_changed_are_named(path: Path) -> None:
    """One removed what the other changed; two new ones are called alike; one turned the order."""
    path.write_text(LISTS, encoding="utf-8")
    mine, theirs = open_document(path), open_document(path)
    theirs.remove(("attributes", 0))
    theirs.insert(("attributes", 1), {"name": "new", "question": "By them?"})
    mine.set(("attributes", 0, "question"), "How nice?")
    mine.insert(("attributes", 2), {"name": "new", "question": "By me?"})
    met = [("attributes", "overall", "question"), ("attributes", "new")]
    assert mine.conflicts(theirs.text) == met
    turned = open_document(path)
    turned.move(("systems", 0), 1)
    theirs.insert(("systems", 2), "c")
    assert turned.conflicts(theirs.text) == [("systems",)]


def test_comments_changed_by_hand_are_merged_by_hand(path: Path) -> None:
    """Their file can be taken; mine comes back by undo."""
    document = open_document(path)
    document.replace(TEXT.replace("# mine", "# ours"))
    path.write_bytes(TEXT.replace("One", "Theirs").encode())
    assert document.conflicts(document.text_on_disk()) is None
    document.take_theirs(document.text_on_disk())
    assert document.value(("title",)) == "Theirs"
    document.undo()
    assert document.text.startswith("# ours")


def test_saves_at_one_moment_lose_nothing(path: Path) -> None:
    """Of eight, each adds a key of its own; who comes second merges, as the page does."""

    def edit(number: int) -> None:
        document = open_document(path)
        document.set((f"key_{number}",), number)
        while document.is_changed:
            try:
                document.save()
            except ChangedOnDiskError as changed:
                document.put_mine_on(changed.theirs)

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = open_document(path)
    assert [found.value((f"key_{number}",)) for number in range(8)] == [*range(8)]


def test_a_save_that_was_broken_off_does_not_lock_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its mark is passed after a while."""
    monkeypatch.setattr("mixtrial.studio.editor.document.document.LOCK_WAIT_S", 0.05)
    (path.parent / ".study.yaml.saving").touch()
    document = open_document(path)
    document.set(("title",), "Two")
    document.save()
    assert not (path.parent / ".study.yaml.saving").exists()


def test_a_few_versions_are_kept(path: Path) -> None:
    """The newest ones."""
    document = open_document(path)
    for number in range(MOST_VERSIONS + 3):
        document.set(("seed",), number)
        document.save()
    kept = [each.read_text("utf-8") for each in versions_of(path)]
    assert len(kept) == MOST_VERSIONS
    assert f"seed: {MOST_VERSIONS + 1}" in kept[0]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"\xff\xfe", "is not a text file in UTF-8"), (b"#" * 300_000, "larger than 256 KiB")],
)
def test_what_is_no_study_file_is_refused(path: Path, content: bytes, sentence: str) -> None:
    """In one sentence; a missing file too, and one that vanished while it was edited."""
    path.write_bytes(content)
    with pytest.raises(EditError, match=sentence):
        open_document(path)
    with pytest.raises(EditError, match="no such file"):
        open_document(path.with_name("none.yaml"))


def test_a_file_that_vanished_is_not_made_anew(path: Path) -> None:
    """Who archived or deleted the study meant it."""
    document = open_document(path)
    document.set(("title",), "Two")
    path.unlink()
    with pytest.raises(EditError, match="cannot be written: no such file"):
        document.save()
    assert not path.exists()

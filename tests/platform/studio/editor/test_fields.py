"""The editor knows every key that a study file can have, and says what it means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mixtrial.studio.editor.fields.departures import KEYS, field_of
from mixtrial.studio.editor.fields.field import Field, Path
from mixtrial.studio.editor.fields.meanings import TABLE, meaning_of, type_in_a_line, type_in_full
from mixtrial.studio.editor.fields.sections import SECTIONS, fields_of, section_of
from mixtrial.studio.editor.fields.study_fields import (
    fields_at,
    key_order,
    part_fields,
    study_fields,
)
from mixtrial.studio.editor.pictures.pictures import (
    ADDRESS,
    COLOURS,
    PICTURE_ROUTES,
    picture_html,
    picture_of,
)
from stimuli.page_types.registry import page_types
from stimuli.study.found_files import PATTERN_KEYS
from stimuli.study.study import Study
from tests.platform.studio.editor.meanings_of_docs import meanings_of_the_docs


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Classes of keys that a type annotation names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)


def keys_in(model: type[BaseModel], path: Path = ()) -> Iterator[Path]:
    """Every key below a class, read from its annotations."""
    for name, told in model.model_fields.items():
        yield (*path, name)
        for inner in models_in(told.annotation):
            yield from keys_in(inner, (*path, name))


def paths_in(fields: tuple[Field, ...], path: Path = ()) -> Iterator[Path]:
    """Every path of the editor's fields."""
    for each in fields:
        yield (*path, each.key)
        yield from paths_in(each.inner, (*path, each.key))


def test_every_key_of_a_study_file_is_a_field_of_the_editor() -> None:
    """Keys of the checking classes, and the two patterns that they never see."""
    wanted = {*keys_in(Study), *((key,) for key in PATTERN_KEYS)}
    assert set(paths_in(study_fields())) == wanted
    assert len(wanted) > 130


@pytest.mark.parametrize("name", page_types())
def test_every_key_of_every_page_type_is_a_field(name: str) -> None:
    """Asked of the type, its own keys and those of any part."""
    assert set(paths_in(part_fields(name))) == set(keys_in(page_types()[name]))
    assert part_fields(name)[0].options == tuple(page_types())
    assert type_in_a_line(name)
    assert type_in_full(name)


def test_every_key_stands_in_one_section() -> None:
    """None is forgotten, none is shown twice."""
    shown = [each.key for section in SECTIONS for each in fields_of(section)]
    assert sorted(shown) == sorted(each.key for each in study_fields())
    for each in study_fields():
        section = section_of((each.key, 0, "name"))
        assert section is not None
        assert each in fields_of(section)
    assert section_of(()) is None


WITHOUT_A_ROW = {
    "item", "excerpt", "strata", "choices", "show_if", "environment", "authors",
}  # fmt: skip
"""Groups that the docs explain in a sentence, not key by key."""


def test_no_two_keys_on_the_card_of_a_system_have_one_label() -> None:
    """The level that takes the place of the chosen one, and the share of that stage."""
    [system] = [each for each in study_fields() if each.key == "systems"]
    [amount] = [each for each in system.inner if each.key == "amount"]
    labels = [each.label for each in (*system.inner, *amount.inner)]
    assert len(set(labels)) == len(labels)
    assert {"Level of the vocal", "Level (share)"} <= set(labels)


def test_the_meanings_are_those_of_the_docs() -> None:
    """Word for word; a page that is changed asks for the table to be made anew."""
    assert yaml.safe_load(TABLE.read_text("utf-8")) == meanings_of_the_docs()
    untold = {path for path in paths_in(study_fields()) if not meaning_of(path).text}
    assert {path[-2] for path in untold if path[1:] and path[-1] != "name"} <= WITHOUT_A_ROW
    assert {path for path in untold if not path[1:]} == {("arms",)}
    assert meaning_of(("attributes", "range", "step")) == meaning_of(("range", "step"))
    assert meaning_of(("seed",)).default == "1"


def test_a_field_is_of_the_kind_that_its_class_says() -> None:
    """A text, a number, a choice, a list, pairs, words at values, a group, entries."""
    found = {each.key: each for each in study_fields()}
    assert (found["title"].kind, found["title"].is_required) == ("text", True)
    assert (found["loudness_target_lufs"].kind, found["loudness_target_lufs"].default) == (
        "scalar", -23.0,
    )  # fmt: skip
    assert found["loudness_target_lufs"].label == "Loudness target (LUFS)"
    assert found["bit_depth"].options == (16, 24)
    assert (found["ask"].kind, found["ask"].options) == ("words", ("years", "age", "hearing"))
    analysis = {each.key: each for each in found["analysis"].inner}
    assert (analysis["contrasts"].kind, analysis["anytime"].kind) == ("rows", "flag")
    labels = found["range"].inner[-1]
    assert (labels.kind, labels.may_be_list) == ("by_name", True)
    assert found["songs"].inner[4].kind == "by_name"
    assert not found["songs"].inner[4].may_be_list


def test_keys_of_a_part_follow_its_type() -> None:
    """At a place of a file; a part without a type has what all parts have."""
    values = {"parts": [{"type": "mushra"}, {"name": "x"}]}
    assert "anchors" in [each.key for each in fields_at(("parts", 0), values)]
    assert "anchors" not in [each.key for each in fields_at(("parts", 1), values)]
    assert next(each.key for each in fields_at(("parts", 0, "range"), values)) == "minimum"
    assert [*key_order(("parts", 0))][:2] == ["type", "name"]
    assert {"anchors", "pairs", "levels"} <= {*key_order(("parts", 0))}
    assert [*key_order(("songs", 3, "excerpt"))] == ["start_s", "duration_s"]


def test_every_rule_of_a_recommendation_stands_at_a_field() -> None:
    """``mixtrial check`` lists nothing that the editor has no place for."""
    for name, key in KEYS.items():
        path = field_of(key)
        assert fields_at(path[:-1]), (name, key)
        assert path[-1] in {each.key for each in fields_at(path[:-1])}, (name, key)
        assert section_of(path) is not None


def test_pictures_are_small_and_of_page_types_that_there_are() -> None:
    """Each of a type in both colours; 40 kB are enough for a page that is shown small."""
    folder = picture_of("", "light").parent
    files = {path.name for path in folder.glob("*.webp")}
    assert files
    assert files <= {picture_of(name, colour).name for name in page_types() for colour in COLOURS}
    assert all(f"{name.removesuffix('-light.webp')}-dark.webp" in files
               for name in files if name.endswith("-light.webp"))  # fmt: skip
    assert max((folder / name).stat().st_size for name in files) < 40_000


def test_a_picture_is_given_to_whoever_looks_and_nothing_else_is() -> None:
    """A type without one is shown by its words; no name leads elsewhere."""
    with TestClient(Starlette(routes=PICTURE_ROUTES)) as client:
        kind = next(iter(page_types()))
        shown = client.get(ADDRESS.format(name=f"{kind}-dark"))
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
        for name in ("pictures.py", f"{kind}-blue", "no_such-light", "..%2fpictures"):
            assert client.get(ADDRESS.format(name=name)).status_code == 404
    assert picture_html("no_such", "words") == ""
    assert picture_html(kind, 'a "word"').count('alt="a &quot;word&quot;"') == 2

"""How to cite mixtrial, in the form that reference managers read (CFF 1.2.0)."""

from __future__ import annotations

import tomllib
from typing import Any

import yaml

import places

CITATION: dict[str, Any] = yaml.safe_load((places.ROOT / "CITATION.cff").read_text("utf-8"))
# Of the format's schema: what must be there, of the work itself and of a work it refers to.
REQUIRED = {"cff-version", "message", "title", "authors"}
REQUIRED_OF_A_REFERENCE = {"authors", "title", "type"}
PERSON_OR_ENTITY = ({"family-names", "given-names"}, {"name"})


def test_the_citation_has_what_the_format_requires() -> None:
    """Version 1.2.0, a software, and authors who are persons or entities."""
    assert set(CITATION) >= REQUIRED
    assert (CITATION["cff-version"], CITATION["type"]) == ("1.2.0", "software")
    works = [CITATION, *CITATION["references"]]
    authors = [author for work in works for author in work["authors"]]
    assert len(authors) >= len(works)
    for author in authors:
        assert any(set(author) >= names for names in PERSON_OR_ENTITY), author


def test_the_citation_names_the_study_that_mixtrial_follows() -> None:
    """One reference, with what is known of it."""
    (study,) = CITATION["references"]
    assert set(study) >= REQUIRED_OF_A_REFERENCE
    assert study["authors"][0]["family-names"] == "Li"
    assert study["title"] == "Automatic Vocal Mixing Using Convolutional Neural Networks"
    assert study["year"] == 2022


def test_version_and_licence_are_those_of_the_package() -> None:
    """The version is text there, too: 0.10 is not 0.1."""
    project = tomllib.loads((places.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert CITATION["version"] == project["version"]
    assert CITATION["license"] == project["license"]

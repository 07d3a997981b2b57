"""Authors, licence and DOI of what a study publishes: checked where they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from browser_study import write_study
from docs_examples import example_of
from stimuli.loading.load import load_study
from stimuli.study.study import StudyError


def test_who_publishes_is_told_and_changes_nothing(tmp_path: Path) -> None:
    """It can be written when the study is over: the fingerprint stays."""
    path = write_study(tmp_path, is_built=False)
    before = load_study(path).fingerprint
    path.write_text(path.read_text("utf-8") + example_of("archive.md", "yaml"), "utf-8")
    study = load_study(path)
    assert study.fingerprint == before
    assert [author.shown for author in study.publication.authors] == [
        "Ada Lovelace", "The listening group",
    ]  # fmt: skip
    assert study.publication.authors[0].orcid == "https://orcid.org/0000-0002-1825-0097"


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("licence: CC-BY", r"licence must be one of CC0-1\.0, .*, not 'CC-BY'"),
        ("doi: zenodo.1234567", r"doi must be a DOI such as 10\.5281/zenodo\.1234567"),
        ("authors: [{given_names: Ada}]", "An author needs either family_names"),
        ("authors: [{name: A, family_names: B}]", "An author needs either family_names"),
        ("authors: [{name: A, orcid: 0000-0002-1825-0098}]", "orcid must be an ORCID iD such as"),
        (
            "authors: [{name: A, orcid: 'https://evil.example/'}]",
            "orcid must be an ORCID iD such as",
        ),
        ("author: [{name: A}]", "Did you mean 'authors'"),
    ],
)
def test_what_nobody_could_cite_is_refused(tmp_path: Path, told: str, sentence: str) -> None:
    """One sentence: an unknown licence, no DOI, nobody, an iD with a wrong check digit."""
    path = write_study(tmp_path, is_built=False)
    path.write_text(path.read_text("utf-8") + f"publication: {{{told}}}\n", "utf-8")
    with pytest.raises(StudyError, match=sentence):
        load_study(path)


def test_a_doi_is_kept_without_its_address(tmp_path: Path) -> None:
    """However it was copied."""
    path = write_study(tmp_path, is_built=False)
    plain = path.read_text("utf-8")
    for told in ("10.5281/zenodo.1", "doi:10.5281/zenodo.1", "https://doi.org/10.5281/zenodo.1"):
        path.write_text(f"{plain}publication: {{doi: '{told}'}}\n", "utf-8")
        assert load_study(path).publication.doi == "10.5281/zenodo.1"

"""Page types of one's own, each one file: simulated, exported, balanced, checked and reported."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

import stimuli.page_types
from docs_examples import example_of, more_files
from harbour_study import SYSTEMS, open_installation, write_study
from mixtrial.commands import cli
from mixtrial.exports.csv_text import download
from mixtrial.exports.registry import offered_exports
from mixtrial.server.installation import Installation
from mixtrial.simulation.in_process import simulate_participants
from stimuli.page_types.registry import page_types
from stimuli.standards.check import check_study

PAGE = "add-a-page-type.md"
JND = """
from typing import Literal

from stimuli.page_types.preference import Options as Preference


class Options(Preference):
    type: Literal["jnd"] = "jnd"
"""
SOURCES = {
    "jnd": JND,
    "brighter": example_of(PAGE, name="brighter"),
    "glance": example_of(PAGE, name="glance"),
}
PARTS = "parts: [{type: jnd}, {type: glance}, {type: brighter, systems: [human, cnn]}]\n"
N_SONGS, N_PARTICIPANTS = 3, 6
PAIRS = 6
"""That four systems make."""


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A study of three new types, with simulated participants."""
    folder, types = tmp_path_factory.mktemp("study"), tmp_path_factory.mktemp("types")
    study = write_study(folder, n_songs=N_SONGS)
    study.write_text(
        study.read_text(encoding="utf-8") + "pages: {training: false}\n" + PARTS, encoding="utf-8"
    )
    with more_files(stimuli.page_types, SOURCES, types, page_types.cache_clear):
        installation = open_installation(study)
        list(simulate_participants(installation, N_PARTICIPANTS, seed=1))
        yield installation
        installation.store.close()


def exported(installation: Installation, name: str) -> pd.DataFrame:
    """An exported table as it is read back."""
    return pd.read_csv(io.StringIO(download(installation, name)))


def test_choices_of_a_new_type_are_trials_of_the_kind_that_it_names(
    installation: Installation,
) -> None:
    """Each pair of each song once a participant; where no tie is allowed, there is none."""
    assert "trials" in offered_exports(installation.study)
    trials = exported(installation, "trials")
    assert trials.groupby("part").size().to_dict() == {
        "jnd": N_PARTICIPANTS * N_SONGS * PAIRS, "brighter": N_PARTICIPANTS * N_SONGS,
    }  # fmt: skip
    assert set(trials["trial_kind"]) == {"preference"}
    answers = trials.groupby("part")["answer"].agg(set)
    assert answers["brighter"] == {"a", "b"}
    assert answers["jnd"] == {"a", "b", "tie"}


def test_only_the_type_with_sliders_has_ratings(installation: Installation) -> None:
    """All its mixes, one rating each; choices are not among them."""
    ratings = exported(installation, "ratings")
    assert set(ratings["part"]) == {"glance"}
    assert len(ratings) == N_PARTICIPANTS * N_SONGS * len(SYSTEMS)


def test_the_codebook_explains_the_choices(installation: Installation) -> None:
    """Every column of the exported trials has a meaning."""
    codebook = exported(installation, "codebook")
    of_trials = codebook[codebook["table"] == "trials"]
    assert list(of_trials["column"]) == list(exported(installation, "trials").columns)
    assert of_trials["meaning"].notna().all()


def test_balance_counts_pairs_of_a_pair_type_and_places_of_the_other(
    installation: Installation,
) -> None:
    """Six participants turn every pair round three times."""
    balance = exported(installation, "balance")
    mine = balance[(balance["among"] == "everybody") & (balance["pages"] == "completed")]
    rows = mine.set_index("criterion")[["cells", "fewest", "most"]]
    assert rows.loc["brighter: pair on its sides"].to_list() == [2, 9, 9]
    assert rows.loc["jnd: presentations of a pair of a song"].to_list() == [18, 6, 6]
    assert "glance: system in a position on the page" in rows.index


def test_the_check_names_the_new_methods_and_asks_no_words_of_a_choice(
    installation: Installation,
) -> None:
    """The scale's words are asked for where there is a scale."""
    standing = check_study(installation.study)
    assert "brighter: paired comparison of brightness" in standing.method
    assert "glance: multi-stimulus at a glance" in standing.method
    [scale] = [one for one in standing.departures if one.rule == "scale"]
    assert "glance: the words are" in scale.found
    assert "brighter" not in scale.found


@pytest.fixture(scope="module")
def reported(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], str]:
    """Content of results.json, and the page."""
    out = tmp_path_factory.mktemp("report")
    words = [installation.settings.study_path, "--no-pictures", "--out", out]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["mixtrial", "report", *map(str, words)])
        with pytest.raises(SystemExit, match="0"):
            cli.main()
    page = (out / "report.html").read_text(encoding="utf-8")
    return json.loads((out / "results.json").read_text(encoding="utf-8")), page


def test_choices_are_reported_as_choices_and_ratings_as_ratings(
    reported: tuple[dict[str, Any], str],
) -> None:
    """Strengths of what was compared; the part with a scale is the one that is analysed."""
    results, page = reported
    counted = {row["part"]: row["n_trials"] for row in results["trials"]["preference"]}
    assert counted == {"brighter": N_PARTICIPANTS * N_SONGS,
                       "jnd": N_PARTICIPANTS * N_SONGS * PAIRS}  # fmt: skip
    assert results["trials"]["abx"] == []
    assert results["report"]["part"]["name"] == "glance"
    assert results["data"]["n_ratings"] == N_PARTICIPANTS * N_SONGS * len(SYSTEMS)
    assert "at a glance, each mix played once, no reference; this is not MUSHRA." in page
    design = {row["what"]: row["text"] for row in results["report"]["design"]}
    assert design["Order"].count("each pair as often on either side") == 1

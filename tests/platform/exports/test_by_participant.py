"""One participant per row, under names that SPSS, JASP and jamovi take; also as SPSS file."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pandas as pd
import pytest

from db.records.errors import StoreError
from mixtrial.commands.answers.export import export
from mixtrial.commands.study.simulate import simulate
from mixtrial.exports.by_participant import layout, meanings
from mixtrial.exports.csv_text import download, rated_pages
from mixtrial.exports.sav import write_sav
from mixtrial.exports.variable_names import RESERVED, variable_names
from mixtrial.simulation.rehearsal import installation_to_read
from page_types_study import write_page_types_study

PARTS = """
parts:
  - {type: multi_stimulus, name: first, songs: [amber, birch], attributes: [overall]}
  - {type: acr, name: second, songs: [amber]}
pages: {training: false, repeated_songs: 1}
ask: [years]
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two parts with ratings, four simulated participants."""
    path = write_page_types_study(tmp_path_factory.mktemp("wide"), parts=PARTS)
    simulate(path, participants=4, seed=3)
    return path


def test_a_row_is_a_participant_and_a_cell_the_mean_of_its_songs(study: Path) -> None:
    """Repeats of a song count once together; each column has a meaning in the codebook."""
    installation = installation_to_read(study)[0]
    wide = pd.read_csv(io.StringIO(download(installation, "by_participant")))
    by_song = pd.read_csv(io.StringIO(download(installation, "by_song")))
    long = rated_pages(installation.store.ratings(installation.study.identifier))
    assert wide["participant"].tolist() == ["P001", "P002", "P003", "P004"]
    assert list(wide.columns[:2]) == ["participant", "participant_kind"]
    for person in wide.itertuples():
        own = long[(long["participant"] == person.participant) & (long["part"] == "first")]
        of_songs = own[own["system"] == "cnn"].groupby("song")["rating"].mean()
        assert person.first_overall_cnn == pytest.approx(of_songs.mean())
        row = by_song[by_song["participant"] == person.participant].iloc[0]
        for song, mean in of_songs.items():
            assert row[f"first_overall_cnn_{song}"] == pytest.approx(mean)
    said = meanings(installation.study, wide.columns, by_song=False)
    assert said["first_overall_cnn"][0] == "points of the scale"
    assert set(wide.columns) - set(said) <= {"participant", "participant_kind", "group", "device",
                                             "finished"}  # fmt: skip


def test_a_system_that_the_study_file_no_longer_has_keeps_its_column(study: Path) -> None:
    """Ratings of an earlier version are not lost."""
    installation = installation_to_read(study)[0]
    long = rated_pages(installation.store.ratings(installation.study.identifier))
    renamed = long.assign(system=long["system"].replace("cnn", "old-one"))
    assert "first_overall_old_one" in layout(renamed, installation, by_song=False)


def test_nobody_yet_is_a_table_without_rows(study: Path) -> None:
    """The dashboard offers it before anybody came."""
    installation = installation_to_read(study)[0]
    long = installation.store.ratings(installation.study.identifier)
    empty = layout(long.iloc[:0], installation, by_song=True)
    assert empty.empty
    assert "participant" in empty


def test_names_are_those_that_the_programs_take() -> None:
    """A letter first, 64 signs at most, none twice in any case, no word of SPSS's language."""
    names = ["overall_a-b", "overall_a_b", "Overall_A_B", "9lives", "with", "end.", "é", "x" * 90,
             "x" * 91, "participant"]  # fmt: skip
    made = variable_names(names, ["participant"])
    assert made[:4] == ["overall_a_b", "overall_a_b_2", "Overall_A_B_3", "v_9lives"]
    assert made[-1] == "participant_2"
    assert len({name.lower() for name in made}) == len(made)
    for name in made:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_.]{0,63}", name)
        assert not name.endswith(".")
        assert name.lower() not in RESERVED


def test_an_spss_file_has_numbers_labels_times_and_yes_or_no(study: Path, tmp_path: Path) -> None:
    """`mixtrial export --out x.sav`, read back by pyreadstat."""
    pyreadstat = pytest.importorskip("pyreadstat")
    export(study, tmp_path / "wide.sav", table="by_participant", database=None)
    table, told = pyreadstat.read_sav(tmp_path / "wide.sav")
    assert table["participant"].tolist() == ["P001", "P002", "P003", "P004"]
    assert table["first_overall_cnn"].dtype == float
    assert told.column_names_to_labels["first_overall_cnn"].startswith("overall of ")
    assert told.variable_value_labels["finished"] == {1.0: "yes", 0.0: "no"}
    assert table["finished"].tolist() == [1.0] * 4
    export(study, tmp_path / "people.sav", table="participants", database=None)
    people, _ = pyreadstat.read_sav(tmp_path / "people.sav")
    assert str(people["created_at"].dtype).startswith("datetime64")
    assert (tmp_path / "people.sav").stat().st_mode & 0o777 == 0o600


def test_a_text_that_spss_cannot_hold_is_refused(tmp_path: Path) -> None:
    """One sentence, no file."""
    pytest.importorskip("pyreadstat")
    with pytest.raises(StoreError, match="The column said has a text that is too long for an SPSS"):
        write_sav(pd.DataFrame({"said": ["x" * 40_000]}), tmp_path / "x.sav", {})
    assert list(tmp_path.iterdir()) == []

"""The evaluation table against numbers worked out by hand, its sentences, and its page."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from mixing.audio import AudioError, write_flac
from mixing.learning.data.song_sources import read_songs
from mixing.learning.evaluation.evaluate import (
    CNN,
    CONSTANT,
    LI2022,
    NETWORK,
    ZERO,
    SongAnswers,
    evaluate_songs,
    song_answers,
)
from mixing.learning.evaluation.finished_weights import evaluate_weights
from mixing.learning.evaluation.page import evaluation_page
from mixing.learning.evaluation.published_table import COLUMNS, li2022_constants
from mixing.learning.evaluation.table import answers_table, in_words, number, table_of
from mixing.learning.features.targets import NETWORKS
from mixing.learning.training import fitting, held_out
from mixing.learning.training.fitting import Answers, Examples, cases_of
from mixing.learning.training.rivals import rival_answers
from mixing.learning.training.train import TrainSettings
from mixing.learning.training.trust import HeldOutSong, natural_error, trusted_shrinkage
from mixing.learning.weight_files import WEIGHTS_FOLDER, WeightsError
from mixtrial.commands import cli
from stimuli.rendering.processes import InThisProcess

pytestmark = pytest.mark.usefixtures("short_search")

RATE = 44_100
RIVALS: dict[str, np.ndarray] = {}


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with four songs of noise, whose levels follow from their tone."""
    folder = tmp_path_factory.mktemp("songs")
    for i in range(4):
        rng = np.random.default_rng(i)
        vocal, backing = rng.normal(0, 0.1, (2, 1, 12 * RATE)).astype(np.float32)
        (folder / f"song_{i}").mkdir()
        write_flac(folder / f"song_{i}" / "vocal.flac", 0.25 * (i + 1) * vocal, RATE)
        write_flac(folder / f"song_{i}" / "backing.flac", backing, RATE)
    return folder


@pytest.fixture
def few_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings that draw forty examples: what they learn does not matter here."""
    monkeypatch.setattr(fitting, "N_DRAWN", dict.fromkeys(NETWORKS, 40))


def answers_of(level_lu: dict[str, tuple[float, float, float]]) -> dict[str, list[SongAnswers]]:
    """Answers about levels: true, by the network, by the constant; all trusted as they are."""
    network = NETWORKS["level"]
    found = []
    for song, figures in level_lu.items():
        truth, predicted, constant = (network.to_scaled([figure])[None] for figure in figures)
        held = HeldOutSong(Answers(song, "finished stems", truth, predicted), constant[0])
        found.append(song_answers(held, np.ones(1), "level", RIVALS))
    return {"level": found}


def row_of(table: pd.DataFrame, predictor: str) -> pd.Series:
    """Row of a predictor in a table of one column."""
    return table.set_index("predictor").loc[predictor]


# --- the table --------------------------------------------------------------------------------


def test_errors_ratio_and_difference_are_those_of_hand() -> None:
    """Errors of 1 and 2 against 3 and 1 LU: means 1.5 and 2, ratio 0.75, difference −0.5."""
    table = table_of(answers_of({"a": (-4, -3, -1), "b": (0, -2, -1)}), seed=0)
    cnn, constant = row_of(table, CNN), row_of(table, CONSTANT)
    assert cnn["mae"] == pytest.approx(1.5)
    assert constant["mae"] == pytest.approx(2.0)
    assert cnn["ratio"] == pytest.approx(0.75)
    assert cnn["difference"] == pytest.approx(-0.5)
    assert (cnn["mae_low"], cnn["mae_high"]) == (pytest.approx(1.0), pytest.approx(2.0))
    assert (cnn["difference_low"], cnn["difference_high"]) == (
        pytest.approx(-2.0), pytest.approx(1.0),
    )  # fmt: skip
    assert row_of(table, LI2022)["mae"] == pytest.approx((abs(-4 + 1.77) + 1.77) / 2)


def test_interval_of_many_songs_is_the_textbooks() -> None:
    """For two hundred songs the bootstrap interval of the mean is mean ± 1.96 standard errors."""
    rng = np.random.default_rng(4)
    errors = rng.uniform(0, 4, 200)
    figures = {f"{i:03}": (-4.0, -4.0 + error, -4.0) for i, error in enumerate(errors)}
    row = row_of(table_of(answers_of(figures), seed=1), CNN)
    half = 1.96 * errors.std(ddof=1) / np.sqrt(200)
    assert row["mae_low"] == pytest.approx(errors.mean() - half, abs=0.04)
    assert row["mae_high"] == pytest.approx(errors.mean() + half, abs=0.04)


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        ({"a": (-4, -3, -1), "b": (-4, -3, -1)}, "relative loudness: beats .* 1 against 3 LU"),
        ({"a": (-4, -1, -3), "b": (-4, -1, -3)}, "relative loudness: LOSES .* 3 against 1 LU"),
        ({"a": (-4, -3, -3), "b": (-4, -3, -3)}, "switched off, answers with the best constant"),
        ({"a": (-4, -3, -1), "b": (0, -2, -1)}, "may be chance"),
        ({"a": (-4, -3, -1), "b": (-4, -3, -1)}, r"wanted 0.90 of it, reached: 0.333"),
        ({"a": (-4, -1, -3), "b": (-4, -1, -3)}, r"wanted 0.90 of it, NOT reached: 3.000"),
    ],
)
def test_sentences_say_who_wins(
    figures: dict[str, tuple[float, float, float]], sentence: str
) -> None:
    """Better, worse, off, and not sure: each has its words."""
    (told,) = in_words(table_of(answers_of(figures), seed=0))
    assert re.search(sentence, told), told


def test_a_network_that_is_off_but_would_lose_is_told() -> None:
    """The constant answers, and the sentence says what the network would have done."""
    held = HeldOutSong(
        Answers("a", "x", np.full((1, 1), 0.5), np.full((1, 1), 0.9)), np.full(1, 0.5)
    )
    answers = {"level": [song_answers(held, np.zeros(1), "level", RIVALS)]}
    (told,) = in_words(table_of(answers, seed=0))
    assert "switched off" in told
    assert "as fitted, the network LOSES to it (7.2)" in told


def test_the_zero_predictor_errs_by_three_and_a_third() -> None:
    """Over many damages, no EQ at all errs by 4/9 × 7.5 dB; so does the best constant."""
    rng = np.random.default_rng(0)
    found = []
    for i in range(40):
        gains = np.zeros((50, 9))
        for case in gains:
            case[rng.choice(9, 4, replace=False)] = rng.uniform(-15, 15, 4)
        truth = NETWORKS["eq"].to_scaled(gains)
        held = HeldOutSong(Answers(f"{i}", "x", truth, truth), np.full(9, 0.5))
        found.append(song_answers(held, np.ones(9), "eq", RIVALS))
    table = table_of({"eq": found}, seed=0)
    assert row_of(table, ZERO)["mae"] == pytest.approx(10 / 3, abs=0.06)
    assert row_of(table, CONSTANT)["mae"] == row_of(table, ZERO)["mae"]
    assert row_of(table, CNN)["mae"] == pytest.approx(0.0)


def test_li2022s_constants_stand_in_every_column() -> None:
    """Thirteen columns, whose constants come back out of the scaled ones."""
    assert len(COLUMNS) == 13
    for column in COLUMNS:
        network = NETWORKS[column.task]
        natural = network.to_natural(li2022_constants(column.task))
        names = [output.name for output in network.outputs]
        for name in column.outputs:
            assert natural[names.index(name)] == pytest.approx(column.li2022_constant)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e-8, "0"), (0.0123, "0.0123"), (1.5, "1.5"), (2.999, "3"), (3462.4, "3462"), (99.96, "100")],
)
def test_numbers_have_three_digits_and_no_exponent(value: float, text: str) -> None:
    """As a reader wants them."""
    assert number(value) == text


# --- trust ------------------------------------------------------------------------------------


def test_trust_needs_more_than_chance() -> None:
    """Gains of 2, 2, 2, 2 LU are trusted; of 4, −1, 4, −1 (mean 1.5, error 1.44) they are not."""
    sure = answers_of({f"{i}": (-4, -3, -1) for i in range(4)})
    unsure = {"0": (-6, -5, -1), "1": (-2, -4, -1), "2": (-6, -5, -1), "3": (-2, -4, -1)}
    for figures, trusted in ((sure, True), (answers_of(unsure), False)):
        held = [
            HeldOutSong(
                Answers(a.song, a.source, a.truth, a.predicted[NETWORK]), a.predicted[CONSTANT][0]
            )
            for a in figures["level"]
        ]
        assert (trusted_shrinkage(held, "level") > 0).all() == trusted


def test_a_network_that_knows_nothing_is_hardly_ever_trusted() -> None:
    """Of 200 networks that guess, at most a tenth are trusted with the level of eight songs."""
    rng = np.random.default_rng(11)
    trusted = 0
    for _ in range(200):
        truth, guess = rng.normal(0.5, 0.1, (2, 8, 1, 1))
        held = [
            HeldOutSong(Answers(f"{i}", "x", truth[i], guess[i]), np.full(1, 0.5)) for i in range(8)
        ]
        trusted += bool(trusted_shrinkage(held, "level").any())
    assert trusted <= 20


def test_bands_are_trusted_together_but_each_by_its_own_factor() -> None:
    """Known bands are kept, a band that is guessed gets 0, and all are off when guessed."""
    rng = np.random.default_rng(12)

    def factors(known: slice) -> np.ndarray:
        held = []
        for i in range(8):
            truth, predicted = rng.uniform(0.1, 0.9, (2, 12, 9))
            predicted[:, known] = truth[:, known]
            held.append(HeldOutSong(Answers(f"{i}", "x", truth, predicted), np.full(9, 0.5)))
        return trusted_shrinkage(held, "eq")

    assert factors(slice(0, 7)) == pytest.approx([1, 1, 1, 1, 1, 1, 1, 0, 0], abs=0.11)
    assert factors(slice(0, 0)).tolist() == [0.0] * 9


def test_nothing_is_known_from_one_song() -> None:
    """One song, however well it is answered, does not earn trust."""
    held = HeldOutSong(Answers("a", "x", np.full((1, 1), 0.9), np.full((1, 1), 0.9)), np.zeros(1))
    assert trusted_shrinkage([held], "level").tolist() == [0.0]


# --- rivals -----------------------------------------------------------------------------------


def test_rivals_hear_what_average_spectra_tell(songs: Path) -> None:
    """Told the damage of a song they know, ridge and MLP err less than no answer at all."""
    found = read_songs((songs,)).songs
    rivals = rival_answers(Examples(found, found[:1]), found[:1], "eq", seed=2)
    truth = cases_of(found[0], "eq", 2).truth
    zero = natural_error(np.full_like(truth, 0.5), truth, "eq").mean()
    for name in ("ridge", "mlp"):
        answered = rivals[name][found[0].song]
        assert answered.shape == truth.shape
        assert natural_error(answered, truth, "eq").mean() < 0.95 * zero


# --- evaluating songs -------------------------------------------------------------------------


def test_evaluation_goes_on_where_it_was(
    songs: Path, tmp_path: Path, few_examples: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finished folds are not fitted again, and the table is the same."""
    settings = TrainSettings(n_folds=0, n_steps=1)
    monkeypatch.setattr(held_out, "rival_answers", _no_rivals)
    first = evaluate_songs([songs], tmp_path, InThisProcess(), settings)
    for row in table_of(first.answers, 1).itertuples():
        assert row.predictor != CNN or row.difference <= 0
    assert set(first.answers) | set(first.not_taught) == set(NETWORKS)
    assert "eq" in first.answers
    assert [song.song for song in first.answers["eq"]] == [f"song_{i}" for i in range(4)]

    def never(*_: object) -> None:
        raise AssertionError("a finished fold was fitted again")

    monkeypatch.setattr(held_out, "fit", never)
    again = evaluate_songs([songs], tmp_path, InThisProcess(), settings)
    assert table_of(again.answers, 1).equals(table_of(first.answers, 1))


def test_two_artists_are_answered_by_constants(
    songs: Path, tmp_path: Path, few_examples: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Balances of two artists and of a voice that has none: the table has a row, no network."""
    monkeypatch.setattr(held_out, "rival_answers", _no_rivals)
    for i, facts in enumerate(({"artist": "a"}, {"artist": "a"}, {"artist": "b"}, {"raw": True})):
        shutil.copytree(songs / f"song_{i}", tmp_path / "songs" / f"song_{i}")
        (tmp_path / "songs" / f"song_{i}" / "song.json").write_text(json.dumps(facts))
    settings = TrainSettings(n_folds=0, n_steps=1)
    evaluated = evaluate_songs([tmp_path / "songs"], tmp_path / "kept", InThisProcess(), settings)
    assert "Only 3 songs can train the level network" in evaluated.not_taught["level"]
    answers = {answer.song: answer for answer in evaluated.answers["level"]}
    assert answers["song_0"].predicted[CNN] == answers["song_2"].truth
    assert answers["song_2"].predicted[CNN] == pytest.approx(
        np.mean([answers[f"song_{i}"].truth for i in (0, 1)])
    )
    table = table_of(evaluated.answers, 1)
    level = table[table["column"] == "relative loudness"].set_index("predictor")
    assert level["ratio"][CNN] == 1
    assert NETWORK not in level.index
    told = next(text for text in in_words(table) if text.startswith("relative loudness"))
    assert "switched off, answers with the best constant" in told
    assert "LOSES" not in told
    rows = answers_table(evaluated.answers)
    assert "relative loudness, LU" in evaluation_page(table, rows, in_words(table), [])


def _no_rivals(examples: object, songs: list, task: str, seed: int) -> dict[str, dict]:
    """Stand-ins that answer with the middle of each range."""
    n = {"eq": (16, 9)}.get(task, (1, 1))
    return {name: {song.song: np.full(n, 0.5) for song in songs} for name in ("ridge", "mlp")}


def test_finished_weights_answer_about_any_songs(songs: Path) -> None:
    """Each song is asked, beside the median of the other three; nothing is trained."""
    evaluated = evaluate_weights([songs], WEIGHTS_FOLDER, seed=1)
    assert {len(answers) for answers in evaluated.answers.values()} == {4}
    levels = {a.song: a for a in evaluated.answers["level"]}
    truths = [levels[f"song_{i}"].truth[0, 0] for i in (1, 2, 3)]
    assert levels["song_0"].predicted[CONSTANT][0, 0] == pytest.approx(np.median(truths))


def test_the_page_holds_table_sentences_and_a_plot_a_column() -> None:
    """Numbers, words and thirteen titles, in one file that asks no network for anything."""
    answers = answers_of({"a": (-4, -3, -1), "b": (0, -2, -1)})
    table, rows = table_of(answers, 0), answers_table(answers)
    assert rows["truth"].tolist() == pytest.approx([-4, 0])
    assert rows[CNN].tolist() == pytest.approx([-3, -2])
    page = evaluation_page(table, rows, in_words(table), ["Two <songs>."])
    assert "Two &lt;songs&gt;." in page
    assert "1.5<br><small>1–2</small>" in page
    assert "relative loudness, LU" in page
    assert 'src="http' not in page
    again = evaluation_page(table, rows, in_words(table), ["Two <songs>."])
    assert again == page, "another run would not give the same bytes"


# --- the commands -----------------------------------------------------------------------------


def test_the_commands_train_evaluate_and_mix(
    songs: Path, tmp_path: Path, few_examples: None
) -> None:
    """Trained by the command, the weights mix a song and are evaluated on others."""
    runner = CliRunner()
    for task in ("level", "range", "eq"):
        trained = runner.invoke(
            cli.app,
            ["train", task, str(songs), "--out", str(tmp_path / "w"), "--steps", "1", "--jobs", "1",
             "--folds", "4", "--licence", "CC0"],
        )  # fmt: skip
        assert trained.exit_code == 0, trained.output
    assert (tmp_path / "w" / "curves.html").is_file()
    shutil.copy(WEIGHTS_FOLDER / "reverb.safetensors", tmp_path / "w")
    index = json.loads((tmp_path / "w" / "weights.json").read_text(encoding="utf-8"))
    shipped = json.loads((WEIGHTS_FOLDER / "weights.json").read_text(encoding="utf-8"))
    index["networks"]["reverb"] = shipped["networks"]["reverb"]
    (tmp_path / "w" / "weights.json").write_text(json.dumps(index), encoding="utf-8")
    song = songs / "song_0"
    mixed = runner.invoke(
        cli.app,
        ["mix", "--vocal", str(song / "vocal.flac"), "--backing", str(song / "backing.flac"),
         "--system", "cnn", "--weights", str(tmp_path / "w"), "--out", str(tmp_path / "m.flac")],
    )  # fmt: skip
    assert mixed.exit_code == 0, mixed.output
    asked = runner.invoke(
        cli.app,
        ["evaluate", str(songs), "--out", str(tmp_path / "e"), "--weights", str(tmp_path / "w")],
    )
    assert asked.exit_code == 0, asked.output
    assert "NOT held out, the networks were taught by them: song_0" in asked.output
    table = pd.read_csv(tmp_path / "e" / "evaluation.csv")
    assert "EQ gain" in set(table["column"])
    assert (tmp_path / "e" / "evaluation.html").is_file()
    assert (tmp_path / "e" / "answers.csv").is_file()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["train", "tempo", "{songs}", "--out", "{out}"], "no network 'tempo'; choose level"),
        (["train", "eq", "{songs}", "--out", "{file}"], "takes a folder"),
        (["evaluate", "{songs}", "--out", "{file}"], "takes a folder"),
        (["evaluate", "{songs}", "--out", "{out}", "--folds", "2"], "0 or at least 3"),
        (["train", "eq", "{out}", "--out", "{out}", "--jobs", "1"], "There is no folder"),
        (["train", "eq", "{songs}", "--out", "{out}", "--architecture", "vast", "--jobs", "1"],
         "no architecture 'vast'"),
        (["evaluate", "{songs}", "--out", "{out}", "--weights", "{out}"], "no trained weights"),
        (["evaluate", "{songs}", "--out", "{out}", "--judge", "{out}"], "no trained weights"),
        (["evaluate", "{songs}", "--out", "{out}", "--judge", "{out}", "--weights", "shipped"],
         "--judge trains its own networks; leave --weights out"),
    ],
)  # fmt: skip
def test_bad_wishes_are_one_sentence(
    arguments: list[str], sentence: str, songs: Path, tmp_path: Path
) -> None:
    """Each is named by the error that the command turns into exit code 2."""
    (tmp_path / "file").touch()
    places = {"songs": songs, "out": tmp_path / "out", "file": tmp_path / "file"}
    result = CliRunner().invoke(cli.app, [word.format(**places) for word in arguments])
    assert result.exception is not None
    assert sentence in (cli.sentence_for(result.exception) or "")  # type: ignore[arg-type]


def test_weights_that_are_not_the_indexs_mix_nothing(songs: Path, tmp_path: Path) -> None:
    """A changed byte is found before anything is mixed, and nothing is written."""
    shutil.copytree(WEIGHTS_FOLDER, tmp_path / "w")
    content = bytearray((tmp_path / "w" / "level.safetensors").read_bytes())
    content[-1] ^= 1
    (tmp_path / "w" / "level.safetensors").write_bytes(content)
    with pytest.raises(WeightsError, match="SHA-256 differs"):
        evaluate_weights([songs], tmp_path / "w", seed=1)
    song = songs / "song_0"
    result = CliRunner().invoke(
        cli.app,
        ["mix", "--vocal", str(song / "vocal.flac"), "--backing", str(song / "backing.flac"),
         "--system", "cnn", "--weights", str(tmp_path / "w"), "--out", str(tmp_path / "m.flac")],
    )  # fmt: skip
    assert isinstance(result.exception, WeightsError)
    assert not (tmp_path / "m.flac").exists()


def test_one_song_cannot_be_evaluated(songs: Path, tmp_path: Path) -> None:
    """No split by song is possible, and the sentence says so."""
    with pytest.raises(AudioError, match="Only 1 song can train the eq network; at least 4"):
        evaluate_songs([songs / "song_0"], tmp_path, InThisProcess(), TrainSettings(n_steps=1))

"""Songs of one singer, artist or title stay together: in splits, folds, trust and intervals."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import places
from mixing.audio import write_flac
from mixing.ingest.intake import read_song
from mixing.learning.data.groups import artist_in, groups_of, keys_of
from mixing.learning.data.song_sources import LearningSongs
from mixing.learning.data.songs import TaughtSong, find_stems, teach
from mixing.learning.data.splits import SPLITS, split_songs
from mixing.learning.evaluation.evaluate import CAUTIOUS, CNN, CONSTANT, NETWORK, SongAnswers
from mixing.learning.evaluation.table import group_table, table_of
from mixing.learning.evaluation.unheard import follow, switch_off
from mixing.learning.features.summaries import SPECTRA
from mixing.learning.features.targets import NETWORKS
from mixing.learning.networks.likeness import too_soft, unlike
from mixing.learning.training.fitting import Answers
from mixing.learning.training.held_out import folds_of
from mixing.learning.training.train import check_folds, teaching
from mixing.learning.training.trust import HeldOutSong, trusted_shrinkage
from mixing.learning.weight_files import WEIGHTS_FOLDER, read_index, read_weights, write_weights
from mixing.systems.base import SystemSettings
from mixing.systems.registry import create_system

pytestmark = pytest.mark.usefixtures("short_search")


def test_a_song_is_grouped_by_its_file(tmp_path: Path) -> None:
    """Song, artist and singer, whatever else stands there; without a file by nothing."""
    assert keys_of(tmp_path) == ()
    assert keys_of(tmp_path, "AM Contra") == ("artist:am contra",)
    facts = {"song": "Sodium", "artist": "Kit", "singer": None, "bpm": 140}
    (tmp_path / "song.json").write_text(json.dumps(facts), encoding="utf-8")
    assert keys_of(tmp_path, "AM Contra") == ("song:sodium", "artist:kit")
    (tmp_path / "song.json").write_text("no JSON", encoding="utf-8")
    assert keys_of(tmp_path) == ()
    assert artist_in("AM Contra - Heart Peripheral") == "AM Contra"
    assert artist_in("harbour_lights") == ""


def test_songs_that_share_anything_are_one_group() -> None:
    """A and b share an artist, b and c a singer: all three belong together."""
    keys = {
        "d": ("artist:w",), "c": ("singer:x",), "b": ("artist:y", "singer:x"), "a": ("artist:y",),
        "e": (),
    }  # fmt: skip
    assert groups_of(keys) == {"a": "a", "b": "a", "c": "a", "d": "d", "e": "e"}


def test_no_group_is_divided_among_the_splits() -> None:
    """Ten artists of four songs; every split has whole artists, and there are three of them."""
    groups = {f"song {i}": f"artist {i // 4}" for i in range(40)}
    split = split_songs(dict.fromkeys(groups), 3, groups)
    assert set(split.values()) == set(SPLITS)
    for artist in set(groups.values()):
        assert len({split[song] for song in groups if groups[song] == artist}) == 1
    assert list(split.values()).count("test") == 8  # six songs of forty, to the end of the artist
    with pytest.raises(ValueError, match="6 songs of 2 artists or singers cannot be divided"):
        split_songs(dict.fromkeys(map(str, range(6))), 0, {str(i): str(i % 2) for i in range(6)})


def _taught(n_songs: int, n_groups: int) -> list[TaughtSong]:
    return [
        TaughtSong(f"{i}", "finished stems", 44_100, (), {}, group=f"singer {i % n_groups}")
        for i in range(n_songs)
    ]


def test_a_fold_holds_whole_groups() -> None:
    """However many folds are asked for, there are no more than groups."""
    songs = _taught(12, 4)
    group = {song.song: song.together for song in songs}
    for n_folds, wanted in ((12, 4), (3, 3)):
        folds = folds_of(songs, n_folds, seed=1)
        assert len(folds) == wanted
        assert sorted(name for fold in folds for name in fold) == sorted(group)
        of_fold = [{group[name] for name in fold} for fold in folds]
        assert sum(map(len, of_fold)) == len(set.union(*of_fold))


def test_two_singers_are_too_few() -> None:
    """One sentence that says why eight songs do not do."""
    songs = LearningSongs(tuple(_taught(8, 2)), frozenset(), {})
    with pytest.raises(
        ValueError, match="The 8 songs that can train the eq network come from 2 artists only"
    ):
        teaching(songs, "eq")
    assert len(teaching(LearningSongs(tuple(_taught(8, 3)), frozenset(), {}), "eq")) == 8


def _held_out(n_groups: int, of_each: int) -> list[HeldOutSong]:
    """A network that gains a little in every song, by the same in all songs of a group."""
    rng = np.random.default_rng(5)
    gains = np.repeat(rng.normal(0.05, 0.06, n_groups), of_each)
    return [
        HeldOutSong(
            Answers(
                f"{i}", "x", np.full((1, 1), 0.9), np.full((1, 1), 0.5 + gain), f"{i // of_each}"
            ),
            np.full(1, 0.5),
        )
        for i, gain in enumerate(gains)
    ]


def test_many_songs_of_few_singers_prove_little() -> None:
    """Forty songs of four singers are four cases; the same songs counted singly seem to be sure."""
    songs = _held_out(4, 10)
    alone = [
        HeldOutSong(Answers(a.song, a.source, a.truth, a.predicted), song.constant)
        for song in songs
        for a in [song.answers]
    ]
    assert trusted_shrinkage(alone, "level") > 0
    assert trusted_shrinkage(songs, "level") == 0
    assert trusted_shrinkage(_held_out(2, 20), "level") == 0


def _answers(groups: list[str], errors: list[float]) -> dict[str, list[SongAnswers]]:
    truth = np.full((1, 1), 0.5)
    return {
        "level": [
            SongAnswers(
                f"{i}", "x", truth,
                {CNN: truth + error, CONSTANT: truth + 0.02, NETWORK: truth + error}, group,
            )
            for i, (group, error) in enumerate(zip(groups, errors, strict=True))
        ]
    }  # fmt: skip


def test_intervals_come_from_drawing_groups() -> None:
    """Songs of one group have one error: ten of each are no narrower than one of each."""
    errors = [0.01, 0.02, 0.03, 0.06]
    few = table_of(_answers(list("abcd"), errors), 1)
    many = table_of(_answers(list("abcd") * 10, errors * 10), 1)
    alone = table_of(_answers([""] * 40, errors * 10), 1)
    width = [
        float((own["mae_high"] - own["mae_low"]).iloc[0])
        for own in (table[table["predictor"] == CNN] for table in (few, many, alone))
    ]
    assert width[1] == pytest.approx(width[0], rel=0.1)
    assert width[2] < 0.5 * width[1]


def test_every_group_counts_once_in_the_table() -> None:
    """Ten songs of one singer that err by 0.6 LU, one of another by 1.8: 1.2 on average."""
    table = table_of(_answers(["a"] * 10 + ["b"], [0.01] * 10 + [0.03]), 1)
    own = table.set_index("predictor").loc[CNN]
    unit = float(NETWORKS["level"].to_natural(np.full((1, 1), 0.51))[0, 0])
    unit -= float(NETWORKS["level"].to_natural(np.full((1, 1), 0.5))[0, 0])
    assert own["mae"] == pytest.approx(2 * unit)
    assert own["ratio"] == pytest.approx(1.0)
    assert (own["n_songs"], own["n_groups"]) == (11, 2)


def test_every_group_counts_once_in_trust() -> None:
    """A network that gains on thirty songs of one singer and loses on three others is not used."""
    groups, gains = ["a"] * 30 + list("bcd"), [0.2] * 30 + [-0.15] * 3

    def held(by: list[str]) -> list[HeldOutSong]:
        return [
            HeldOutSong(
                Answers(f"{i}", "x", np.full((1, 1), 0.9), np.full((1, 1), 0.5 + gain), group),
                np.full(1, 0.5),
            )
            for i, (gain, group) in enumerate(zip(gains, by, strict=True))
        ]

    assert trusted_shrinkage(held([""] * 33), "level") > 0
    assert trusted_shrinkage(held(groups), "level") == 0


def test_a_raw_song_teaches_no_balance_and_no_range(tmp_path: Path) -> None:
    """A voice before a backing that it met by chance; its spectrum teaches as ever."""
    rng = np.random.default_rng(2)
    for stem in ("vocal", "backing"):
        write_flac(tmp_path / f"{stem}.flac", rng.normal(0, 0.1, (1, 529_200)).astype("f4"), 44_100)
    [pair] = find_stems([tmp_path])
    assert set(teach(pair).targets) == {"level", "range", "reverb"}
    (tmp_path / "song.json").write_text('{"singer": "a", "raw": true}', encoding="utf-8")
    assert set(teach(pair).targets) == {"reverb"}
    assert teach(pair).teaches("eq")


def test_the_table_by_group_names_who_pays() -> None:
    """Ratio to the best constant, group by group."""
    table = group_table(_answers(["a", "a", "b"], [0.01, 0.01, 0.03])).set_index("group")
    assert table.loc["a", "ratio"] == pytest.approx(0.5)
    assert table.loc["b", "ratio"] == pytest.approx(1.5)
    assert table.loc["a", "n_songs"] == 2
    assert table.loc["b", "fitted_mae"] == table.loc["b", "mae"]


def test_folds_are_asked_for_by_one_rule() -> None:
    """Train and evaluate alike: all groups one by one, or three and more."""
    for fine in (0, 3, 5):
        check_folds(fine)
    for wrong in (1, 2):
        with pytest.raises(ValueError, match="--folds must be 0 or at least 3"):
            check_folds(wrong)


def _ask_again(predicted: list[float], constant: float = 0.5) -> dict[str, list[SongAnswers]]:
    """Answers about two singers, whose truth is 0.6."""
    return {
        "range": [
            SongAnswers(
                f"{i}", "x", np.full((1, 1), 0.6),
                {CNN: np.full((1, 1), value), CONSTANT: np.full((1, 1), constant)}, f"{i}",
            )
            for i, value in enumerate(predicted)
        ]
    }  # fmt: skip


def _weights_that_trust_range(folder: Path) -> None:
    """The shipped weights, whose network of loudness range answers by itself."""
    shutil.copytree(WEIGHTS_FOLDER, folder, dirs_exist_ok=True)
    index = read_index(folder)
    tensors = read_weights("range", folder)
    tensors["shrinkage"] = np.ones(1, np.float32)
    index["networks"]["range"]["sha256"] = write_weights(tensors, folder / "range.safetensors")
    index["networks"]["range"]["shrinkage"]["lra_lu"] = 1.0
    (folder / "weights.json").write_text(json.dumps(index), encoding="utf-8")


def test_what_loses_on_other_singers_is_switched_off(tmp_path: Path) -> None:
    """In weights, index and card; what does not lose stays, and nothing is switched on."""
    _weights_that_trust_range(tmp_path)
    assert switch_off(tmp_path, _ask_again([0.6, 0.55])) == {}
    assert switch_off(tmp_path, _ask_again([0.9, 0.55])) == {"range": {"lra_lu": 1.75}}
    assert read_weights("range", tmp_path)["shrinkage"] == 0
    entry = read_index(tmp_path)["networks"]["range"]
    assert entry["shrinkage"]["lra_lu"] == 0
    assert entry["held_out_error"]["ships"] == entry["held_out_error"]["constant"]
    assert "lra_lu (1.75)" in (tmp_path / "model_card.md").read_text(encoding="utf-8")
    assert switch_off(tmp_path, _ask_again([0.6, 0.6])) == {}
    assert read_weights("range", tmp_path)["shrinkage"] == 0


def test_what_groups_held_out_do_not_trust_is_off(tmp_path: Path) -> None:
    """The card has their figures; what they trust stays, and nothing is switched on."""
    _weights_that_trust_range(tmp_path)

    def answers(trusted: float, fitted: float) -> dict[str, list[SongAnswers]]:
        one = {CNN: trusted, CAUTIOUS: trusted, CONSTANT: 0.5, NETWORK: fitted}
        said = {kind: np.full((1, 1), value) for kind, value in one.items()}
        truth = np.full((1, 1), 0.6)
        return {"range": [SongAnswers(f"{i}", "x", truth, {**said}, f"{i // 2}") for i in range(4)]}

    assert follow(tmp_path, answers(trusted=0.58, fitted=0.58)) == {}
    assert read_index(tmp_path)["networks"]["range"]["shrinkage"]["lra_lu"] == 1.0
    assert follow(tmp_path, answers(trusted=0.5, fitted=0.72)) == {"range": {"lra_lu": 1.2}}
    assert read_weights("range", tmp_path)["shrinkage"] == 0
    entry = read_index(tmp_path)["networks"]["range"]
    assert entry["judged_on"] == {"songs": 4, "groups": 2}
    assert entry["held_out_error"]["network"]["lra_lu"] == pytest.approx(
        1.2 * entry["held_out_error"]["constant"]["lra_lu"], rel=1e-3
    )
    card = (tmp_path / "model_card.md").read_text(encoding="utf-8")
    assert "Figures of 4 songs in 2 groups, each held out once." in card
    unfitted = answers(trusted=0.5, fitted=0.5)
    for song in unfitted["range"]:
        del song.predicted[NETWORK]
    assert follow(tmp_path, unfitted) == {}
    card = (tmp_path / "model_card.md").read_text(encoding="utf-8")
    assert "| lra_lu | – | " in card


def test_a_song_unlike_those_taught_gets_the_constant() -> None:
    """Too short, too soft, or of a spectrum that no song had; said in words."""
    tensors = read_weights("eq")
    usual = np.array(tensors["offset"], dtype=np.float32)
    assert unlike(3, usual, tensors) is None
    assert "sings in 2 of the 3 clips" in str(unlike(2, usual, tensors))
    odd = usual.copy()
    odd[SPECTRA] += 2.0 * np.cos(np.arange(256))
    assert "the vocal's spectrum is 14 dB from those" in str(unlike(3, odd, tensors))
    assert too_soft(np.full((2, 100), 1e-4, np.float32)) == "the vocal's peak is under -60 dBFS"
    assert too_soft(np.full((2, 100), 0.1, np.float32)) is None


def test_a_mix_of_a_short_vocal_says_why_no_network_was_asked(trusted: Path) -> None:
    """Twelve seconds: no equaliser by the network, and a note."""
    folder = places.RECORDED
    song = read_song(folder / "francium_vocal.flac", folder / "francium_backing.flac")
    report = create_system("cnn", SystemSettings(weights=trusted)).mix(song).report
    assert report.eq == ()
    assert any("the eq network answered with its constant: the vocal" in n for n in report.notes)

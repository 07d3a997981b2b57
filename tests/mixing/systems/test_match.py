"""Matching a mix of our own chain recovers how it was made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import places
from mixing.audio import Audio, AudioError, Song, write_flac
from mixing.chain import render, run_chain
from mixing.ingest.intake import read_song
from mixing.meters.objective import compare_mixes
from mixing.parameters import CompressionTarget, EqBand, Mix, MixParameters, ReverbParameters
from mixing.profiles import CORRECTED, LI2022
from mixing.rules.genres import ABOVE_POP_LU
from mixing.systems import match
from mixing.systems.base import SystemSettings
from mixing.systems.baseline import LI2022_SHELVES, BaselineDecisions
from mixing.systems.levels import balance_lu
from mixing.systems.match import create

LEVEL_LU, REVERB_TIME_S = 1.0, 1.3
# A loud, bright vocal in a hall of its own, as no rule would have it.
REVERB = ReverbParameters(0.5, REVERB_TIME_S, 0.12, 15.0, **LI2022_SHELVES)
TASTE = MixParameters(
    (EqBand(1000.0, 6.0), EqBand(4000.0, -5.0)), CompressionTarget(11.0, 12.0), REVERB, LEVEL_LU
)


@pytest.fixture(scope="module")
def song() -> Song:
    """Twelve seconds of a recorded song."""
    folder = places.RECORDED
    return read_song(folder / "francium_vocal.flac", folder / "francium_backing.flac")


@pytest.fixture(scope="module")
def liked(song: Song) -> Mix:
    """The mix that somebody likes."""
    return render(song, TASTE, "taste")


@pytest.fixture(scope="module")
def reference(liked: Mix, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its file."""
    path = tmp_path_factory.mktemp("liked") / "mix.flac"
    write_flac(path, liked.audio, liked.sample_rate)
    return path


@pytest.fixture(scope="module")
def matched(song: Song, reference: Path) -> Mix:
    """The song mixed towards it."""
    return create(SystemSettings(reference=reference)).mix(song)


def test_level_and_dynamics_are_recovered(liked: Mix, matched: Mix) -> None:
    """Balance within 0.5 dB, range within 1 LU, crest within 1 dB."""
    assert matched.report.relative_loudness_lu == pytest.approx(LEVEL_LU, abs=0.5)
    ours, theirs = matched.report.compression, liked.report.compression
    assert ours is not None
    assert theirs is not None
    assert ours.lra_after_lu == pytest.approx(theirs.lra_after_lu, abs=1.0)
    assert ours.crest_after_db == pytest.approx(theirs.crest_after_db, abs=1.0)


def test_the_reverb_is_recovered(liked: Mix, matched: Mix) -> None:
    """Decay by the nearest of those tried, level within 2 LU (listeners tell 5 apart)."""
    assert matched.report.reverb is not None
    assert matched.report.reverb.reverb_time_s == pytest.approx(REVERB_TIME_S)
    ours, theirs = (mix.report.extra["relative_reverb_loudness_lu"] for mix in (matched, liked))
    assert ours == pytest.approx(theirs, abs=2.0)


def test_the_mix_sounds_like_the_one_that_is_liked(song: Song, liked: Mix, matched: Mix) -> None:
    """The two bands are raised and lowered; over critical bands it is twice as near as before."""
    gains = {band.frequency_hz: band.gain_db for band in matched.report.eq}
    assert gains[1000.0] > 2.0
    assert gains[4000.0] < -2.0
    rate = song.sample_rate
    baseline = run_chain(song, BaselineDecisions(CORRECTED), "baseline", CORRECTED)
    before, after = (
        compare_mixes(mix.audio, liked.audio, rate).bark_distance_db for mix in (baseline, matched)
    )
    assert after < 0.5 * before


def test_an_untouched_sum_asks_for_next_to_nothing(song: Song, tmp_path: Path) -> None:
    """Vocal plus backing as they are: their own balance, no reverb to speak of, no equaliser."""
    path = tmp_path / "sum.flac"
    write_flac(path, 0.3 * (song.vocal + song.backing), song.sample_rate)
    report = create(SystemSettings(reference=path)).mix(song).report
    assert report.eq == ()
    assert report.reverb is None
    assert report.compression is not None
    assert report.compression.ratio == 1.0
    own_lu = BaselineDecisions(CORRECTED).profile.relative_loudness_lu
    assert report.relative_loudness_lu != pytest.approx(own_lu, abs=0.2)


class _Halves:
    """A separation model that says that the vocal is two thirds of whatever it hears."""

    name, sample_rate = "halves", 44_100

    def vocal_of(self, mix: Audio) -> Audio:
        """Two thirds."""
        return mix * np.float32(2 / 3)


def test_a_mix_of_another_song_is_separated(
    song: Song, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its balance is taken over: a vocal of twice the backing's amplitude is 6 LU above it."""
    monkeypatch.setattr(match, "open_separator", {"auto": _Halves()}.__getitem__)
    noise = np.random.default_rng(1).standard_normal((2, 8 * 44_100)) / 20
    path = tmp_path / "other.flac"
    write_flac(path, noise.astype(np.float32), 44_100)
    report = create(SystemSettings(reference=path)).mix(song).report
    assert report.relative_loudness_lu == pytest.approx(6.02, abs=0.05)
    assert report.extra["too_reverberant_logit"] <= 0


def test_a_level_is_a_genre_a_number_or_the_references(song: Song, reference: Path) -> None:
    """In the order of the literature; pop has the profile's own balance; others are refused."""
    by_genre = [balance_lu(name, song, CORRECTED, None) for name in ABOVE_POP_LU]
    assert by_genre == sorted(by_genre, reverse=True)
    assert balance_lu("pop", song, CORRECTED, None) == CORRECTED.relative_loudness_lu
    assert balance_lu("metal", song, LI2022, None) == pytest.approx(-4.77)
    assert balance_lu(-2.5, song, CORRECTED, None) == -2.5
    assert balance_lu("reference", song, CORRECTED, reference) == pytest.approx(LEVEL_LU, abs=0.5)
    with pytest.raises(AudioError, match="no level 'jazz'; give a number of LU, or one of coun"):
        balance_lu("jazz", song, CORRECTED, None)
    with pytest.raises(AudioError, match="The level 'reference' needs a reference"):
        balance_lu("reference", song, CORRECTED, None)


def test_a_reference_is_needed() -> None:
    """And it must be sound."""
    for reference in (None, Path("mine.json")):
        with pytest.raises(AudioError, match="match system needs a reference: a finished mix"):
            create(SystemSettings(reference=reference))

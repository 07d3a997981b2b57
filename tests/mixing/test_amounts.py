"""A share of each stage: 0 leaves it untouched, 1 is the system's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import places
from mixing.amounts import PartDecisions
from mixing.audio import AudioError, Song
from mixing.chain import render, run_chain
from mixing.decisions import WHOLE, Amounts, FixedDecisions
from mixing.effects.level import relative_loudness_lu
from mixing.ingest.intake import read_song
from mixing.parameters import (
    CompressionSettings,
    CompressionTarget,
    EqBand,
    MixParameters,
    ReverbParameters,
)
from mixing.profiles import CORRECTED, LI2022
from mixing.systems.base import SystemSettings
from mixing.systems.registry import create_system

REVERB = ReverbParameters(0.4, 0.8, 0.0, 10.0, 100.0, -2.0, 0.5, 10_000.0, -16.0, 0.7)
PARAMETERS = MixParameters(
    (EqBand(1000.0, 6.0),), CompressionSettings(-30.0, 4.0, 5.0, 80.0), REVERB, 2.0
)
NOTHING = Amounts(0.0, 0.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def song() -> Song:
    """Twelve seconds of a recorded song."""
    folder = places.RECORDED
    return read_song(folder / "francium_vocal.flac", folder / "francium_backing.flac")


def test_nothing_of_everything_is_the_song_as_it_came(song: Song) -> None:
    """Vocal and backing get one gain, in the balance of the files."""
    mix = render(song, PARAMETERS, "test", amounts=NOTHING)
    assert mix.report.eq == ()
    assert mix.report.compression is None
    assert mix.report.reverb is None
    gain = mix.backing[0, 1000:2000] @ song.backing[0, 1000:2000]
    gain /= song.backing[0, 1000:2000] @ song.backing[0, 1000:2000]
    assert np.allclose(mix.vocal, gain * song.vocal, rtol=1e-3, atol=1e-6)


def test_all_of_everything_is_the_systems_own_mix(song: Song) -> None:
    """Sample for sample."""
    assert np.array_equal(
        render(song, PARAMETERS, "test", amounts=Amounts(1, 1, 1, 1)).audio,
        render(song, PARAMETERS, "test").audio,
    )


def test_half_is_half(song: Song) -> None:
    """Gain in dB, slope of the compressor, level of the reverb, and the way to the balance."""
    half = PartDecisions(FixedDecisions(PARAMETERS), Amounts(0.5, 0.5, 0.5, 0.5), CORRECTED)
    given = (song.vocal, song.backing, song.sample_rate)
    assert half.choose_eq(*given) == (EqBand(1000.0, 3.0),)
    settings = half.choose_compression(*given)
    assert isinstance(settings, CompressionSettings)
    assert 1 - 1 / settings.ratio == pytest.approx(0.5 * (1 - 1 / 4))
    reverb = half.choose_reverb(*given)
    assert isinstance(reverb, ReverbParameters)
    wet, whole = (w / (1 - w) for w in (reverb.dry_wet, REVERB.dry_wet))
    assert wet == pytest.approx(0.5 * whole)
    untouched_lu = relative_loudness_lu(*given)
    assert half.choose_relative_loudness(*given) == pytest.approx((untouched_lu + 2.0) / 2)


def test_part_of_the_way_to_a_range_and_a_crest(song: Song) -> None:
    """From what the vocal has; a target that it keeps already stays."""
    wanted = replace(PARAMETERS, eq=(), compression=CompressionTarget(30.0, 0.0))
    third = PartDecisions(FixedDecisions(wanted), Amounts(compression=1 / 3), CORRECTED)
    target = third.choose_compression(song.vocal, song.backing, song.sample_rate)
    assert isinstance(target, CompressionTarget)
    assert target.lra_lu == 30.0
    whole = run_chain(song, FixedDecisions(wanted), "test").report.compression
    assert target.crest_db == pytest.approx(whole.crest_before_db * 2 / 3, rel=0.02)


@pytest.mark.parametrize("name", ["baseline", "cnn", "random"])
def test_systems_take_amounts(song: Song, name: str) -> None:
    """Half of the balance, and the facts are told as ever."""
    settings = SystemSettings(LI2022 if name == "random" else CORRECTED, 3)
    whole, part = (
        create_system(name, replace(settings, amounts=amounts)).mix(song).report
        for amounts in (WHOLE, Amounts(eq=0.0, reverb=0.0))
    )
    assert part.eq == ()
    assert part.reverb is None
    assert part.relative_loudness_lu == whole.relative_loudness_lu
    assert set(part.extra) >= {"vocal_gain_db"}
    assert ("tempo_bpm" in whole.extra) == (name == "baseline")


def test_a_balance_that_is_asked_for_takes_the_chosen_ones_place(song: Song) -> None:
    """Whole, and half of the way from the files' own."""
    whole, half = (
        render(song, PARAMETERS, "test", amounts=amounts).report.relative_loudness_lu
        for amounts in (Amounts(balance_lu=3.0), Amounts(level=0.5, balance_lu=3.0))
    )
    own = render(song, PARAMETERS, "test", amounts=NOTHING).report.relative_loudness_lu
    assert own is not None
    assert whole == pytest.approx(3.0, abs=0.01)
    assert half == pytest.approx((own + 3.0) / 2, abs=0.01)


def test_only_shares_are_amounts() -> None:
    """Named, in a sentence."""
    with pytest.raises(
        AudioError, match=r"The amount of reverb is 1\.5; it must lie between 0 and"
    ):
        Amounts(reverb=1.5)

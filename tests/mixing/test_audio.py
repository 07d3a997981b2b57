"""Sound inside the house, and how it leaves: nothing is clipped or lost in silence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixing.audio import Audio, AudioError, as_stereo, write_flac
from mixing.ingest.decoding import read_audio

RATE = 44_100


@pytest.fixture
def noise() -> Audio:
    """Four seconds of stereo noise, well below full scale."""
    return (0.1 * np.random.default_rng(3).standard_normal((2, 4 * RATE))).astype(np.float32)


def test_a_written_file_reads_back_within_two_steps_of_24_bits(
    tmp_path: Path, noise: Audio
) -> None:
    """Writing and reading are inverse, and another library reads the same sound."""
    write_flac(tmp_path / "noise.flac", noise, RATE)
    audio, rate = read_audio(tmp_path / "noise.flac")
    other, other_rate = soundfile.read(tmp_path / "noise.flac", dtype="float32")
    assert rate == other_rate == RATE
    assert np.abs(audio - noise).max() < 2 * 2**-23
    np.testing.assert_allclose(audio, other.T, rtol=0, atol=2**-22)


def test_mono_is_heard_in_both_ears(noise: Audio) -> None:
    """One channel becomes two equal ones; stereo stays as it is."""
    doubled = as_stereo(noise[:1])
    np.testing.assert_array_equal(doubled, np.stack([noise[0], noise[0]]))
    assert as_stereo(noise) is noise


def test_a_sample_above_full_scale_is_never_clipped_in_silence(
    tmp_path: Path, noise: Audio
) -> None:
    """Writing refuses, and leaves nothing behind."""
    with pytest.raises(AudioError, match="would clip"):
        write_flac(tmp_path / "hot.flac", 20 * noise, RATE)
    assert list(tmp_path.iterdir()) == []

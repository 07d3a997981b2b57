"""The door where files become arrays: what comes in whole, and what is turned away."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixing.audio import Audio, AudioError, as_stereo, read_audio, read_song, write_flac

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


@pytest.mark.parametrize("suffix", ["flac", "wav"])
def test_a_file_that_was_cut_short_is_refused(tmp_path: Path, noise: Audio, suffix: str) -> None:
    """A half-copied file must not be mixed as if it ended in silence."""
    whole, half = tmp_path / f"whole.{suffix}", tmp_path / f"half.{suffix}"
    soundfile.write(whole, noise.T, RATE, subtype="PCM_16")
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    read_audio(whole)
    with pytest.raises(AudioError, match=rf"half\.{suffix}"):
        read_audio(half)


def test_a_song_that_fades_to_digital_silence_is_whole(tmp_path: Path, noise: Audio) -> None:
    """Silence at the end is no damage."""
    noise[:, 3 * RATE :] = 0
    write_flac(tmp_path / "fade.flac", noise, RATE)
    assert read_audio(tmp_path / "fade.flac")[0].shape == noise.shape


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


def test_stems_of_different_length_or_rate_are_refused(tmp_path: Path, noise: Audio) -> None:
    """Both files and both figures are named."""
    write_flac(tmp_path / "a.flac", noise, RATE)
    write_flac(tmp_path / "b.flac", noise[:, :-RATE], RATE)
    write_flac(tmp_path / "c.flac", noise, 48_000)
    with pytest.raises(AudioError, match=r"a\.flac lasts 4\.000 s, .*b\.flac 3\.000 s"):
        read_song(tmp_path / "a.flac", tmp_path / "b.flac")
    with pytest.raises(AudioError, match=r"44100 Hz, .*c\.flac of 48000 Hz"):
        read_song(tmp_path / "a.flac", tmp_path / "c.flac")

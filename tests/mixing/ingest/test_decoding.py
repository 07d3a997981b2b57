"""Files of every kind become sound, just as it is in them; what is damaged is turned away."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pedalboard.io import AudioFile

from mixing.audio import Audio, AudioError, write_flac
from mixing.ingest.decoding import audio_length, decode, read_audio

RATE = 44_100
STREAMED = "written into a pipe"


def low_noise(n_samples: int, rate: int = RATE, seed: int = 3) -> Audio:
    """Stereo noise (2, n) below 5 kHz, which every codec keeps, at −20 dBFS."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal((2, n_samples)))
    spectrum[:, np.fft.rfftfreq(n_samples, 1 / rate) > 5_000] = 0
    sound = np.fft.irfft(spectrum, n_samples)
    return np.asarray(0.1 * sound / sound.std(), dtype=np.float32)


@pytest.fixture
def noise() -> Audio:
    """Half a second and 123 samples: no whole number of any codec's frames."""
    return low_noise(RATE // 2 + 123)


def delay_samples(found: Audio, sound: Audio) -> int:
    """How many samples later the first channel is, by cross-correlation."""
    n = 1 << 17
    product = np.fft.rfft(found[0], n) * np.conj(np.fft.rfft(sound[0], n))
    at = int(np.argmax(np.fft.irfft(product)))
    return at if at < n // 2 else at - n


@pytest.mark.parametrize(
    ("form", "subtype", "error"),
    [
        ("WAV", "PCM_U8", 2**-6),
        ("WAV", "PCM_16", 2**-14),
        ("WAV", "PCM_24", 2**-22),
        ("WAV", "PCM_32", 2**-22),
        ("WAV", "FLOAT", 0.0),
        ("WAV", "DOUBLE", 0.0),
        ("WAVEX", "PCM_24", 2**-22),
        ("WAVEX", "FLOAT", 0.0),
        ("RF64", "PCM_24", 2**-22),
        ("FLAC", "PCM_16", 2**-14),
        ("FLAC", "PCM_24", 2**-22),
        ("AIFF", "PCM_16", 2**-14),
        ("AIFF", "PCM_24", 2**-22),
        ("CAF", "PCM_24", 2**-22),
        ("CAF", "ALAC_16", 2**-14),
        ("W64", "PCM_16", 2**-14),
    ],
)
def test_lossless_files_of_every_width_come_as_they_were_written(
    tmp_path: Path, noise: Audio, form: str, subtype: str, error: float
) -> None:
    """To within a step or two of their width, both channels in their places."""
    path = tmp_path / f"noise.{form.lower()}"
    soundfile.write(path, noise.T, RATE, subtype=subtype, format=form)
    audio, rate = read_audio(path)
    assert rate == RATE
    assert audio.shape == noise.shape
    assert np.abs(audio - noise).max() <= error
    assert audio_length(path) == (noise.shape[1], RATE)


@pytest.mark.parametrize(
    ("suffix", "rate", "form", "subtype"),
    [
        ("mp3", RATE, "MP3", None),
        ("ogg", RATE, "OGG", "VORBIS"),
        ("opus", 48_000, "OGG", "OPUS"),
    ],
)
def test_lossy_files_come_without_their_encoders_delay_and_padding(
    tmp_path: Path, suffix: str, rate: int, form: str, subtype: str | None
) -> None:
    """As long as what was encoded, and in step with it."""
    sound = low_noise(rate // 2 + 123, rate)
    path = tmp_path / f"noise.{suffix}"
    soundfile.write(path, sound.T, rate, format=form, subtype=subtype)
    audio, found_rate = read_audio(path)
    assert (audio.shape, found_rate) == (sound.shape, rate)
    assert delay_samples(audio, sound) == 0


def aac_file(path: Path, sound: Audio) -> Path:
    """Encode a sound as AAC with PyAV; skip the test where that extra is not installed."""
    av = pytest.importorskip("av", reason="PyAV is an extra")
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=RATE, layout="stereo")
        for start in range(0, sound.shape[1], 1024):
            piece = np.ascontiguousarray(sound[:, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_an_m4a_comes_without_its_encoders_delay_and_padding(tmp_path: Path, noise: Audio) -> None:
    """The container states the length in milliseconds: to within one of what was encoded."""
    path = aac_file(tmp_path / "noise.m4a", noise)
    audio, rate = read_audio(path)
    assert rate == RATE
    assert abs(audio.shape[1] - noise.shape[1]) <= RATE / 1000
    assert delay_samples(audio, noise) == 0
    assert audio_length(path) == (audio.shape[1], RATE)


def test_a_bare_aac_stream_is_said_to_hide_its_delay(tmp_path: Path, noise: Audio) -> None:
    """Nothing in it says how much came first."""
    found = decode(aac_file(tmp_path / "noise.aac", noise))
    assert delay_samples(found.audio, noise) == 1024
    assert "does not say how much silence" in found.notes[0]


def test_a_damaged_m4a_is_refused(tmp_path: Path, noise: Audio) -> None:
    """In a sentence with the remedy."""
    path = aac_file(tmp_path / "noise.m4a", noise)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(AudioError, match=r"noise\.m4a cannot be read as audio; export it as WAV"):
        read_audio(path)


def test_without_pyav_the_sentence_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One who has no PyAV reads how to get it, or to do without."""
    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "voice.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(100))
    with pytest.raises(AudioError, match=r"voice\.m4a holds AAC.*pip install 'mixtrial\[m4a\]'"):
        read_audio(tmp_path / "voice.m4a")


def wav_bytes(sound: Audio, path: Path) -> bytearray:
    """A WAV file of 16 bits, whose header's sizes stand at 4 and 40."""
    soundfile.write(path, sound.T, RATE, subtype="PCM_16")
    return bytearray(path.read_bytes())


@pytest.mark.parametrize("size", [0, 0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
@pytest.mark.parametrize("of_the_whole", [0, 36, 0xFFFFFFFF])
def test_a_wav_from_a_pipe_is_read_to_its_end(
    tmp_path: Path, noise: Audio, size: int, of_the_whole: int
) -> None:
    """Sizes that ffmpeg, sox and others write where the length is not known."""
    content = wav_bytes(noise, tmp_path / "pipe.wav")
    content[4:8] = of_the_whole.to_bytes(4, "little")
    content[40:44] = size.to_bytes(4, "little")
    (tmp_path / "pipe.wav").write_bytes(content)
    found = decode(tmp_path / "pipe.wav")
    assert np.abs(found.audio - noise).max() <= 2**-14
    assert STREAMED in found.notes[0]
    assert audio_length(tmp_path / "pipe.wav") == (noise.shape[1], RATE)


@pytest.mark.parametrize("n_stated", [0, 0xFFFFFFFF])
def test_an_aiff_from_a_pipe_is_read_to_its_end(
    tmp_path: Path, noise: Audio, n_stated: int
) -> None:
    """Its number of samples and the size of its sound are unknown."""
    path = tmp_path / "pipe.aiff"
    soundfile.write(path, noise.T, RATE, subtype="PCM_16")
    content = bytearray(path.read_bytes())
    frames, size = content.find(b"COMM") + 10, content.find(b"SSND") + 4
    content[frames : frames + 4] = n_stated.to_bytes(4, "big")
    content[size : size + 4] = n_stated.to_bytes(4, "big")
    path.write_bytes(content)
    found = decode(path)
    assert found.audio.shape == noise.shape
    assert STREAMED in found.notes[0]


def test_a_flac_from_a_pipe_is_read_to_its_end(tmp_path: Path, noise: Audio) -> None:
    """Its block of facts says 0 samples, which stands for unknown (RFC 9639, 8.2)."""
    path = tmp_path / "pipe.flac"
    soundfile.write(path, noise.T, RATE, subtype="PCM_16")
    content = bytearray(path.read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    path.write_bytes(content)
    found = decode(path)
    assert np.abs(found.audio - noise).max() <= 2**-14
    assert STREAMED in found.notes[0]
    assert audio_length(path) == (noise.shape[1], RATE)


def test_a_caf_from_a_pipe_is_read_to_its_end(tmp_path: Path, noise: Audio) -> None:
    """A size of −1 means up to the end of the file (Apple's specification of CAF)."""
    path = tmp_path / "pipe.caf"
    soundfile.write(path, noise.T, RATE, subtype="PCM_16")
    content = bytearray(path.read_bytes())
    size = content.find(b"data") + 4
    content[size : size + 8] = b"\xff" * 8
    path.write_bytes(content)
    found = decode(path)
    assert np.abs(found.audio[:, : noise.shape[1]] - noise).max() <= 2**-14
    assert STREAMED in found.notes[0]


def test_a_few_samples_that_a_header_promised_are_noted(tmp_path: Path, noise: Audio) -> None:
    """Five samples are missing: read without them."""
    path = tmp_path / "short.wav"
    path.write_bytes(wav_bytes(noise, path)[: -5 * 4])
    found = decode(path)
    assert found.audio.shape[1] == noise.shape[1] - 5
    assert found.notes == ("5 samples that its header states are missing",)


@pytest.mark.parametrize(("bits", "channels"), [(16, 2), (24, 2), (24, 1)])
def test_a_flac_has_the_very_samples_that_pedalboard_reads(
    tmp_path: Path, noise: Audio, bits: int, channels: int
) -> None:
    """Bit for bit, both ends of full scale included: what was built before stays as it is."""
    path = tmp_path / "same.flac"
    sound = noise[:channels].copy()
    sound[:, :3], sound[:, 3:6] = 1.0, -1.0
    soundfile.write(path, sound.T, RATE, subtype=f"PCM_{bits}")
    with AudioFile(str(path)) as file:
        theirs = file.read(file.frames)
    ours, rate = read_audio(path)
    np.testing.assert_array_equal(ours, theirs)
    assert (ours.dtype, rate) == (np.float32, RATE)
    assert ours.flags.c_contiguous


@pytest.mark.parametrize("suffix", ["flac", "wav"])
def test_a_file_that_was_cut_short_is_refused(tmp_path: Path, noise: Audio, suffix: str) -> None:
    """A half-copied file must not be mixed as if it ended in silence."""
    whole, half = tmp_path / f"whole.{suffix}", tmp_path / f"half.{suffix}"
    soundfile.write(whole, noise.T, RATE, subtype="PCM_16")
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    read_audio(whole)
    with pytest.raises(AudioError, match=rf"half\.{suffix}"):
        read_audio(half)


def test_a_flac_with_broken_bytes_in_its_midst_is_refused(tmp_path: Path, noise: Audio) -> None:
    """One decoder plays them as noise; the other knows that they are none of the sound."""
    path = tmp_path / "broken.flac"
    soundfile.write(path, noise.T, RATE)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(255 - each for each in content[middle : middle + 200])
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"broken\.flac is damaged: .*Copy or export it again"):
        read_audio(path)


def test_half_an_mp3_says_what_is_missing(tmp_path: Path, noise: Audio) -> None:
    """Its first frame tells how many there were."""
    path = tmp_path / "half.mp3"
    soundfile.write(path, np.tile(noise, 4).T, RATE)
    n_whole = decode(path).audio.shape[1]
    assert decode(path).notes == ()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = decode(path)
    missing = n_whole - found.audio.shape[1]
    said = f"{missing} of {n_whole} samples that its header tells of are missing: cut short?"
    assert found.notes == (said,)
    assert missing > 0.05 * RATE


def test_a_song_that_fades_to_digital_silence_is_whole(tmp_path: Path, noise: Audio) -> None:
    """Silence at the end is not damage."""
    noise[:, 3 * RATE :] = 0
    write_flac(tmp_path / "fade.flac", noise, RATE)
    assert read_audio(tmp_path / "fade.flac")[0].shape == noise.shape


@pytest.mark.parametrize("channels", [3, 6])
def test_more_than_two_channels_are_refused_with_the_remedy(tmp_path: Path, channels: int) -> None:
    """Nobody can know what a downmix should be but its author."""
    soundfile.write(tmp_path / "many.wav", np.zeros((RATE, channels)), RATE)
    with pytest.raises(AudioError, match=rf"has {channels} channels; .* export a stereo downmix"):
        read_audio(tmp_path / "many.wav")


def test_samples_that_are_no_numbers_are_refused(tmp_path: Path, noise: Audio) -> None:
    """One NaN would silence a whole mix."""
    noise[1, 5_000] = np.nan
    soundfile.write(tmp_path / "nan.wav", noise.T, RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"nan\.wav holds samples that are not numbers"):
        read_audio(tmp_path / "nan.wav")


@pytest.mark.parametrize("content", [b"", b"RIFF", b"<html>not found</html>", bytes(5_000)])
@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3", "ogg", "caf"])
def test_what_is_no_audio_is_refused(tmp_path: Path, content: bytes, suffix: str) -> None:
    """Empty files, and pages that a download left in place of a sound."""
    path = tmp_path / f"page.{suffix}"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=rf"page\.{suffix} cannot be read as audio"):
        read_audio(path)


def test_a_wav_without_any_sample_is_refused(tmp_path: Path) -> None:
    """It is whole, and holds nothing."""
    soundfile.write(tmp_path / "none.wav", np.zeros((0, 2)), RATE)
    with pytest.raises(AudioError, match=r"none\.wav (holds no sound|cannot be read)"):
        read_audio(tmp_path / "none.wav")

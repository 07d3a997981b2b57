"""FLAC files that tell nothing but their sound, read by decoders that are not ours."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixing.audio import Audio, write_flac
from mixing.ingest.decoding import read_audio
from stimuli.rendering.blind_flac import alike
from stimuli.study.blind_header import check_blind, is_blind
from stimuli.study.manifest import Manifest, Stimulus
from stimuli.study.study import StudyError

RATE = 44_100
N_SAMPLES = 3 * RATE + 123


def flac_of(folder: Path, audio: Audio, bit_depth: int) -> bytes:
    """Return the bytes that the encoder makes of a recording."""
    write_flac(folder / "plain.flac", audio, RATE, bit_depth)
    return (folder / "plain.flac").read_bytes()


def sounds() -> list[Audio]:
    """Recordings that pack badly, well, and to almost nothing."""
    noise = np.random.default_rng(1).uniform(-0.9, 0.9, (2, N_SAMPLES))
    tone = 0.01 * np.sin(np.arange(N_SAMPLES) / 20) * np.ones((2, 1))
    return [each.astype(np.float32) for each in (noise, tone, np.zeros((2, N_SAMPLES)))]


@dataclass(frozen=True)
class Page:
    """Recordings as the encoder left them, and as they are served."""

    plain: list[bytes]
    served: list[bytes]


@pytest.fixture(scope="module", params=[16, 24])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Page:
    """Three recordings, and the last a second time."""
    folder = tmp_path_factory.mktemp("page")
    plain = [flac_of(folder, sound, request.param) for sound in sounds()]
    plain.append(plain[-1])
    return Page(plain, alike(plain, range(4)))


def test_the_encoder_tells_what_is_in_a_file_and_so_did_padding(page: Page) -> None:
    """Otherwise the tests below would find nothing where there is nothing to find."""
    told = [flac[12:18] + flac[26:42] for flac in page.plain]
    assert len(set(told)) == 3
    assert told[2] == told[3]
    assert len({len(flac) for flac in page.plain}) == 3


def test_files_of_a_page_are_equally_large_and_have_one_header(page: Page) -> None:
    """Marker and STREAMINFO alone: frame sizes and MD5 are unknown, the number of samples equal."""
    assert len({len(flac) for flac in page.served}) == 1
    [header] = {flac[:42] for flac in page.served}
    assert header[:8] == b"fLaC\x80\x00\x00\x22"
    assert (header[12:18], header[26:42]) == (bytes(6), bytes(16))
    assert int.from_bytes(header[22:26], "big") == N_SAMPLES
    [head] = {flac[42:49] for flac in page.served}
    assert (head[:2], head[3] >> 4, head[6]) == (b"\xff\xf8", 1, 2)  # two plain channels


def test_a_page_grows_no_larger_than_its_largest_file_asks(page: Page) -> None:
    """One frame is plain, and 4 KB are noise; all plain would be three times a mix's download."""
    plain_frame = 2 * 4096 * 3
    largest = max(len(flac) for flac in page.plain)
    assert len(page.served[0]) <= largest + plain_frame + 2 * 4096


def test_little_is_left_behind_the_last_frame(page: Page) -> None:
    """Libraries that stop at the last frame leave less unread than a frame of plain samples has."""
    for flac in page.served:
        file = io.BytesIO(flac)
        size = {"PCM_16": 2, "PCM_24": 3}[soundfile.info(file).subtype]
        begins = [at for at in range(len(flac)) if flac.startswith(b"\xff\xf8\xc9", at)]
        assert 4096 < len(flac) - begins[-1] < 3 * 2 * 4096 * size


def test_two_libraries_decode_every_sample_as_it_was(page: Page, tmp_path: Path) -> None:
    """Here libsndfile (with libFLAC) and pedalboard (JUCE's reader)."""
    for plain, served in zip(page.plain, page.served, strict=True):
        was, now = (soundfile.read(io.BytesIO(flac), dtype="int32") for flac in (plain, served))
        np.testing.assert_array_equal(was[0], now[0])
        (tmp_path / "plain.flac").write_bytes(plain)
        (tmp_path / "served.flac").write_bytes(served)
        read = [read_audio(tmp_path / f"{name}.flac") for name in ("plain", "served")]
        np.testing.assert_array_equal(read[0][0], read[1][0])
        assert read[0][1] == read[1][1] == RATE


def test_equal_recordings_come_in_other_bytes(page: Page) -> None:
    """A file drawn with another seed shares its header and no more than chance would."""
    one, other = (np.frombuffer(flac, np.uint8) for flac in page.served[2:])
    assert hashlib.sha256(one).digest() != hashlib.sha256(other).digest()
    assert np.mean(one[-256:] == other[-256:]) < 0.1


def test_a_file_made_so_before_is_made_anew_to_the_byte(page: Page) -> None:
    """The former filling is left behind; the same seeds fill it the same way."""
    assert alike(page.served, range(4)) == page.served


def test_recordings_that_cannot_stand_on_one_page_are_refused(tmp_path: Path) -> None:
    """Another length or depth would be told by the header; other files are no FLAC."""
    noise = sounds()[0]
    flac = flac_of(tmp_path, noise, 16)
    for other in (flac_of(tmp_path, noise[:, :-1], 16), flac_of(tmp_path, noise, 24)):
        with pytest.raises(
            ValueError, match="differ in length, sample rate, channels or bit depth"
        ):
            alike([flac, other], [0, 1])
    with pytest.raises(ValueError, match="not a FLAC file"):
        alike([b"RIFF....WAVE"], [0])
    with pytest.raises(ValueError, match="cannot be decoded"):
        alike([flac[:44]], [0])


def test_a_build_of_an_earlier_version_is_named_with_its_remedy(page: Page, tmp_path: Path) -> None:
    """Its files hold the MD5 and frame sizes that the encoder wrote."""
    (tmp_path / "new.flac").write_bytes(page.served[0])
    (tmp_path / "old.flac").write_bytes(page.plain[0])
    assert [is_blind(tmp_path / f"{name}.flac") for name in ("new", "old", "no")] == [
        True, False, False
    ]  # fmt: skip
    row = Stimulus(
        song="harbour", system="cnn", file="new.flac", sha256="", integrated_lufs=-23.0,
        true_peak_dbtp=-4.5, lra_lu=6.0, duration_s=3.0, sample_rate=RATE, gain_db=0.0,
        page_target_lufs=-23.0, mix_integrated_lufs=-23.0, mix_true_peak_dbtp=-3.0,
        profile="corrected", seed=1, key="", parameters="{}",
    )  # fmt: skip
    check_blind(Manifest(tmp_path, (row,)))
    copied = replace(row, copies="old.flac")
    with pytest.raises(StudyError, match=r"earlier version of mixtrial, .*; build the study again"):
        check_blind(Manifest(tmp_path, (copied,)))

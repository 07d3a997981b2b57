"""Measurement of one song for a dataset, in any process on any machine.

Conventions
-----------
Clips are those of :func:`mixing.learning.features.features.clips_of`: 10 s of log-mel, one every 5
s, where the vocal sings for at least 30 % of the time; backing first, vocal second. NaN means that
a value does not exist, for example the relative loudness of silence or the tempo of music without a
beat.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass, fields
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from mixing.audio import Audio, AudioError, Song, check_song
from mixing.ingest.intake import taken_in
from mixing.learning.data.song_files import SongFiles
from mixing.learning.features.features import (
    CLIP_FRAMES,
    FRAMES_AVERAGED,
    MIN_ACTIVE_SHARE,
    TOO_LITTLE_VOCAL,
    active_frames,
    bin_frequencies_hz,
    log_mel_of,
)
from mixing.learning.reverb_targets.blind import hear_reverb
from mixing.learning.reverb_targets.decay_model import BANDS_HZ
from mixing.learning.reverb_targets.matching import match_heard
from mixing.learning.separation.base import separated
from mixing.learning.separation.registry import open_separator
from mixing.learning.separation.stem_files import separated_by
from mixing.meters.loudness import (
    block_powers,
    integrated_from_powers,
    lra_100ms,
    range_from_powers,
)
from mixing.parameters import ReverbParameters
from mixing.rules.tempo import tempo_bpm

Float16: TypeAlias = npt.NDArray[np.float16]
Float32: TypeAlias = npt.NDArray[np.float32]
Float64: TypeAlias = npt.NDArray[np.float64]

FIGURES = ("relative_loudness_lu", "lra_lu", "lra_100ms_lu")
"""Loudness of the vocal relative to the backing in LU, and loudness range of the vocal by Tech 3342
and by Li's (2022) meter."""

REVERB_FIGURES = (
    "heard_tail_db",
    *(f"heard_decay_time_{frequency:g}_hz_s" for frequency in BANDS_HZ),
    *(field.name for field in fields(ReverbParameters)),
)
"""Estimated reverb of the vocal, and the delay network's parameters closest to this reverb."""


@dataclass(frozen=True, slots=True)
class MeasuredSong:
    """Measured values and features of one song.

    ``figures`` (3,), ``reverb`` (16,), ``tempo_bpm`` and ``average_spectrum`` (2, 64) belong to the
    whole song. ``clip_start_s`` (n,), ``clip_figures`` (n, 3), ``clip_spectrum`` (n, 2, 64) and
    ``log_mel`` (n, 2, 54, 64) belong to the clips of the song. Spectra are means of the log-mel
    spectrum in dB over active frames. ``model`` is the name of the model that separated vocal and
    backing of a mix. ``content`` is a hash of all samples of the vocal.
    """

    song: str
    source: str
    model: str
    sample_rate: int
    duration_s: float
    tempo_bpm: float
    content: str
    figures: Float64
    reverb: Float64
    average_spectrum: Float32
    clip_start_s: Float64
    clip_figures: Float64
    clip_spectrum: Float32
    log_mel: Float16


def measure_song(files: SongFiles, backend: str) -> MeasuredSong:
    """Read a song, separate it if it is a mix, and measure it.

    Raises
    ------
    AudioError
        A file cannot be used, the stems of the song do not fit together, or no clip has an active
        vocal.
    """
    song, model = read_stems(files, backend)
    check_song(song)
    rate = song.sample_rate
    mels = np.stack([log_mel_of(song.backing, rate), log_mel_of(song.vocal, rate)])
    starts, clips = cut_into_clips(mels)
    if not starts.size:
        raise AudioError(TOO_LITTLE_VOCAL)
    frame_samples = round(rate / 2 / bin_frequencies_hz(rate)[1]) * FRAMES_AVERAGED
    powers = block_powers(song.vocal, rate), block_powers(song.backing, rate)
    clip_figures = [
        _figures(song, powers, start * frame_samples, (start + CLIP_FRAMES) * frame_samples)
        for start in starts
    ]
    tempo = tempo_bpm(song.backing, rate)
    return MeasuredSong(
        song=files.song,
        source=files.source,
        model=model,
        sample_rate=rate,
        duration_s=song.vocal.shape[1] / rate,
        tempo_bpm=np.nan if tempo is None else tempo,
        content=hashlib.sha256(song.vocal.tobytes()).hexdigest(),
        figures=_figures(song, powers, 0, song.vocal.shape[1]),
        reverb=_reverb(song),
        average_spectrum=average_spectra(mels[None])[0],
        clip_start_s=starts * frame_samples / rate,
        clip_figures=np.array(clip_figures),
        clip_spectrum=average_spectra(clips),
        log_mel=clips.astype(np.float16),
    )


def read_stems(files: SongFiles, backend: str) -> tuple[Song, str]:
    """Vocal and backing of a song, and the separation model's name if the song is a mix."""
    first = taken_in(files.vocal)
    vocal, rate = first.audio, first.sample_rate
    if not files.backing:
        separator = open_separator(backend)
        return separated(vocal, rate, separator), separator.name
    backing = np.zeros_like(vocal)
    for path in files.backing:
        backing += taken_in(path, rate, vocal.shape[1], files.vocal.name).audio
    return Song(vocal, backing, rate), separated_by(files.vocal.parent) or ""


def cut_into_clips(mels: Float32) -> tuple[npt.NDArray[np.int64], Float32]:
    """First frame of each clip, (n,), and the clips' log-mel spectra, (n, 2, 54, 64)."""
    if mels.shape[1] == 0:
        return np.zeros(0, dtype=np.int64), np.zeros((0, 2, CLIP_FRAMES, mels.shape[2]), np.float32)
    if mels.shape[1] < CLIP_FRAMES:
        mels = mels[:, np.arange(CLIP_FRAMES) % mels.shape[1]]
    active = active_frames(mels[1])
    starts = np.arange(0, mels.shape[1] - CLIP_FRAMES + 1, CLIP_FRAMES // 2)
    windows = np.lib.stride_tricks.sliding_window_view(active, CLIP_FRAMES)[starts]
    kept = starts[windows.mean(axis=1) >= MIN_ACTIVE_SHARE]
    clips = [mels[:, start : start + CLIP_FRAMES] for start in kept]
    return kept, np.array(clips, dtype=np.float32).reshape(-1, 2, CLIP_FRAMES, mels.shape[2])


def average_spectra(mels: Float32) -> Float32:
    """Mean (n, 2, 64) over the active frames of log-mels (n, 2, n_frames, 64), in dB."""
    active = active_frames(mels)[..., None]
    count = np.maximum(active.sum(axis=2), 1)
    mean = np.where(active, mels, 0).sum(axis=2) / count
    return np.asarray(np.where(active.any(axis=2), mean, np.nan), dtype=np.float32)


def _reverb(song: Song) -> Float64:
    """The :data:`REVERB_FIGURES` of a song; NaN if its vocal is too short."""
    try:
        heard = hear_reverb(song.vocal, song.sample_rate)
    except AudioError:
        return np.full(len(REVERB_FIGURES), np.nan)
    match = match_heard(heard, song.sample_rate, seed=0)
    return np.array([heard.level_db, *heard.decay_time_s, *astuple(match.parameters)])


def _figures(song: Song, powers: tuple[Float64, Float64], start: int, stop: int) -> Float64:
    """The three :data:`FIGURES` of the samples from ``start`` to ``stop``."""
    block = song.sample_rate // 10
    vocal, backing = (p[start // block : max(stop // block, start // block + 4)] for p in powers)
    # Both stems can be silent, and −inf minus −inf has no value.
    with np.errstate(invalid="ignore"):
        relative = np.subtract(integrated_from_powers(vocal), integrated_from_powers(backing))
    part: Audio = song.vocal[:, start:stop]
    return np.array(
        [
            relative if np.isfinite(relative) else np.nan,
            range_from_powers(vocal),
            lra_100ms(part, song.sample_rate),
        ]
    )

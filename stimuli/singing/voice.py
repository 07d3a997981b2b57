"""The singer: a synthesised voice, tuned to the score and changed in timbre.

Sinsy's HTS voice sings the melody. Sinsy's voice is out of tune by up to a semitone, and always has
the same timbre. The WORLD vocoder analyses Sinsy's voice, corrects its pitch to the score, and adds
portamento and vibrato. WORLD also shifts the formants, so that singers sound larger or smaller.

Conventions
-----------
Audio is float64 mono (n_samples,) inside this module. WORLD works in frames of 5 ms. The tools
(pysinsy, pyworld) are needed only to make songs, not by mixtrial. The tools pysinsy and pyworld are
imported when a song is made.

References
----------
.. [1] Oura et al., "Recent development of the HMM-based singing voice synthesis system - Sinsy",
   SSW7, 2010.
.. [2] Morise, Yokomori, Ozawa, "WORLD: a vocoder-based high-quality speech synthesis system for
   real-time applications", IEICE Trans. E99-D(7), 2016.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter1d
from scipy.signal import resample_poly

from stimuli.singing.score import Note, Score

Signal = npt.NDArray[np.float64]

LEAD_BEATS = 2
GRID = 8  # smallest note value: 1/8 of a quarter note
PORTAMENTO_FRAMES = 11
WHISPERED_SHARE = 0.7  # a note counts as whispered if less of its middle is voiced
EVENED_SHARE = 0.6
BURST_DB = 5.0
VIBRATO_HZ, VIBRATO_SEMITONES, VIBRATO_AFTER_S, VIBRATO_FROM_S = 5.6, 0.25, 0.25, 0.5


class MissingToolError(RuntimeError):
    """A tool for making songs is missing; the message names the tool and how to install it."""


@dataclass(frozen=True, slots=True)
class Singer:
    """The timbre of a singer.

    Parameters
    ----------
    octaves
        Transposition of the written notes, in octaves (−1 for a man's voice).
    formant_warp
        Factor by which all formant frequencies are multiplied: 0.85–0.9 for a large body, 1.05 for
        a small body.
    breath
        Value added to the aperiodicity (0–0.1).
    air_db
        Gain of a shelf filter that raises the frequencies above 3.5 kHz, because the synthesised
        voice sounds dull.
    """

    octaves: int = 0
    formant_warp: float = 1.0
    breath: float = 0.02
    air_db: float = 6.0


SINGERS: dict[str, Singer] = {
    "soprano": Singer(0, 1.04, 0.03, 7.0),
    "mezzo": Singer(0, 0.98, 0.02, 6.0),
    "alto": Singer(0, 0.94, 0.06, 5.0),
    "breathy mezzo": Singer(0, 1.0, 0.10, 6.0),
    "tenor": Singer(-1, 0.90, 0.03, 8.0),
    "baritone": Singer(-1, 0.86, 0.05, 8.0),
}


def sing(score: Score, duration_s: float, sample_rate: int) -> Signal:
    """Vocal of ``score``, (duration_s × sample_rate,) samples, dry, peak at −6 dBFS.

    Raises
    ------
    MissingToolError
        pysinsy or pyworld is not installed.
    """
    singer = SINGERS[score.plan.singer]
    voice, rate = _synthesise(score_xml(score))
    voice = voice[round(LEAD_BEATS * 60.0 / score.plan.tempo_bpm * rate) :]
    voice = _reshape(voice, rate, score, singer)
    voice *= _dynamics(score, voice, rate)
    voice = _without_bursts(voice, rate)
    voice = _resampled(voice, rate, sample_rate)
    n_samples = round(duration_s * sample_rate)
    vocal = np.zeros(n_samples)
    used = min(n_samples, voice.size)
    vocal[:used] = voice[:used]
    return np.asarray(vocal * (10 ** (-6 / 20) / np.abs(vocal).max()))


def score_xml(score: Score) -> str:
    """Melody as MusicXML for Sinsy; each measure has only one note or one rest.

    Sinsy's pitch drifts on tied notes, and Sinsy shortens measures that are too full. One measure
    per note avoids the drift of the pitch and the shortening of measures. With one measure per
    note, Sinsy also needs a rest (silence) before the first note. The rest before the first note
    has the length ``LEAD_BEATS``; the caller removes its sound from the vocal.
    """
    measures: list[str] = []
    clock = 0
    for note in score.melody:
        start = round((note.start_beat + LEAD_BEATS) * GRID)
        length = max(1, round(note.n_beats * GRID))
        if start > clock:
            measures.append(_measure(start - clock, None, len(measures), score.plan.tempo_bpm))
        measures.append(_measure(length, note, len(measures), score.plan.tempo_bpm))
        clock = start + length
    measures.append(_measure(GRID * 2, None, len(measures), score.plan.tempo_bpm))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<score-partwise version="2.0">'
        '<part-list><score-part id="P1"><part-name>voice</part-name></score-part></part-list>'
        f'<part id="P1">{"".join(measures)}</part></score-partwise>\n'
    )


def _measure(length: int, note: Note | None, index: int, tempo_bpm: float) -> str:
    """One measure with one note or rest of ``length`` grid steps."""
    tempo = f'<direction><sound tempo="{tempo_bpm:g}"/></direction>' if index == 0 else ""
    if note is None:
        body = f"<note><rest/><duration>{length}</duration></note>"
    else:
        names = ("C", "C", "D", "D", "E", "F", "F", "G", "G", "A", "A", "B")
        alter = int(note.pitch % 12 in {1, 3, 6, 8, 10})
        body = (
            f"<note><pitch><step>{names[note.pitch % 12]}</step><alter>{alter}</alter>"
            f"<octave>{note.pitch // 12 - 1}</octave></pitch><duration>{length}</duration>"
            f"<lyric><text>{note.syllable}</text></lyric></note>"
        )
    return (
        f'<measure number="{index + 1}"><attributes><divisions>{GRID}</divisions>'
        f"<time><beats>{length}</beats><beat-type>{4 * GRID}</beat-type></time></attributes>"
        f"{tempo}{body}</measure>"
    )


def _synthesise(xml: str) -> tuple[Signal, int]:
    """Sinsy's rendering of a MusicXML text, scaled to a peak of 1, and its sample rate."""
    try:
        import pysinsy
    except ImportError as error:
        raise MissingToolError(
            "The singing voice needs pysinsy: pip install 'setuptools<80' pysinsy==0.0.5."
        ) from error
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "score.xml"
        path.write_text(xml, encoding="utf-8")
        wave, rate = pysinsy.synthesize(str(path))
    voice = np.asarray(wave, dtype=np.float64)
    return voice / np.abs(voice).max(), int(rate)


def _reshape(voice: Signal, rate: int, score: Score, singer: Singer) -> Signal:
    """The synthesised voice, changed to the pitch of the score and the timbre of the singer."""
    try:
        import pyworld
    except ImportError as error:
        raise MissingToolError("Tuning the voice needs pyworld: pip install pyworld.") from error
    f0, times = pyworld.harvest(voice, rate, f0_floor=90.0, f0_ceil=900.0)
    envelope = pyworld.cheaptrick(voice, f0, times, rate)
    aperiodicity = pyworld.d4c(voice, f0, times, rate)
    line, voiced = _pitch_line(f0, times, score)
    aperiodicity[voiced & (f0 == 0)] = np.median(aperiodicity[f0 > 0], axis=0)
    tuned = np.where(voiced, line, 0.0) * 2.0**singer.octaves
    frequency_hz = np.linspace(0, rate / 2, envelope.shape[1])
    source_hz = frequency_hz / singer.formant_warp
    warped = np.exp(
        np.stack([np.interp(source_hz, frequency_hz, np.log(row + 1e-16)) for row in envelope])
    )
    shelf_db = singer.air_db / (1 + (3500.0 / np.maximum(frequency_hz, 1.0)) ** 4)
    breathy = np.clip(aperiodicity + singer.breath * (frequency_hz > 1500), 0.001, 0.999)
    shaped = np.ascontiguousarray(warped * 10 ** (shelf_db / 10))
    return np.asarray(
        pyworld.synthesize(tuned, shaped, np.ascontiguousarray(breathy), rate), dtype=np.float64
    )


def _pitch_line(f0: Signal, times: Signal, score: Score) -> tuple[Signal, npt.NDArray[np.bool_]]:
    """Fundamental frequency in Hz, corrected to the score's notes; mask of the voiced frames.

    The mask marks the frames in which the voice sounds. Half of the voice's own pitch movement
    within a note is kept (at most 0.6 semitones). If the voice is too high or too low over a whole
    note, this error is removed. A note that the voice only whispers (without a pitch) is made
    voiced.
    """
    beat_s = 60.0 / score.plan.tempo_bpm
    starts = np.array([note.start_beat * beat_s for note in score.melody])
    index = np.clip(np.searchsorted(starts, times, side="right") - 1, 0, len(starts) - 1)
    target = np.array([note.pitch for note in score.melody], dtype=np.float64)[index]
    sung = np.where(f0 > 0, 69 + 12 * np.log2(np.maximum(f0, 1.0) / 440.0), np.nan)
    movement, vibrato, voiced = np.zeros_like(f0), np.zeros_like(f0), f0 > 0
    for i, note in enumerate(score.melody):
        age_s, length_s = times - starts[i], note.n_beats * beat_s
        here = (index == i) & voiced
        if here.any():
            movement[here] = sung[here] - np.median(sung[here])
        core = (age_s > 0.06) & (age_s < length_s - 0.08)
        if core.any() and voiced[core].mean() < WHISPERED_SHARE:
            voiced |= core
        if length_s > VIBRATO_FROM_S:
            age_s = np.where(index == i, age_s - VIBRATO_AFTER_S, 0.0)
            swell = np.clip(age_s / 0.2, 0, 1)
            vibrato += VIBRATO_SEMITONES * swell * np.sin(2 * np.pi * VIBRATO_HZ * age_s)
    line = uniform_filter1d(target, PORTAMENTO_FRAMES) + vibrato
    line += np.clip(0.5 * movement, -0.6, 0.6)
    return 440.0 * 2 ** ((line - 69) / 12), voiced


def _dynamics(score: Score, voice: Signal, rate: int) -> Signal:
    """Gain over time: the verse soft, each phrase an arch, each note of random strength.

    Before the gain over time is applied, the level differences between the notes of the voice are
    reduced by ``EVENED_SHARE``.
    """
    rng = np.random.default_rng([score.plan.seed, 1])
    beat_s = 60.0 / score.plan.tempo_bpm
    phrase_beats = 2 * score.plan.beats_per_bar
    levels_db = []
    for note in score.melody:
        start = round(note.start_beat * beat_s * rate)
        piece = voice[start : start + round(note.n_beats * beat_s * rate)]
        levels_db.append(10 * np.log10(np.mean(piece**2) + 1e-9))
    usual_db = float(np.median(levels_db))
    knots_s, knots_db = [0.0], [0.0]
    for note, level_db in zip(score.melody, levels_db, strict=True):
        base_db = -score.plan.dynamics_db if note.section == "verse" else 0.0
        arch_db = 2.0 * np.sin(np.pi * (note.start_beat % phrase_beats) / phrase_beats) - 1.0
        even_db = float(np.clip(EVENED_SHARE * (usual_db - level_db), -12, 12))
        onset_s = note.start_beat * beat_s
        knots_s += [onset_s - 0.03, onset_s + 0.03]
        knots_db += [knots_db[-1], base_db + arch_db + even_db + float(rng.normal(0.0, 1.6))]
    gain_db = np.interp(np.arange(voice.size) / rate, knots_s, knots_db)
    return np.asarray(10 ** (gain_db / 20))


def _without_bursts(voice: Signal, rate: int) -> Signal:
    """Voice without bursts: its level over 20 ms is at most its usual level plus ``BURST_DB``.

    A burst occurs when a harmonic glides through a sharp resonance of the voice model: the level
    then rises by 10 dB or more.
    """
    level = np.sqrt(uniform_filter1d(voice**2, round(0.02 * rate)))
    sounding = level > 0.05 * level.max()
    ceiling = np.sqrt(np.mean(level[sounding] ** 2)) * 10 ** (BURST_DB / 20)
    for _ in range(3):
        sounding = (level > 0.05 * ceiling) & (level < 2 * ceiling)
        ceiling = np.sqrt(np.mean(level[sounding] ** 2)) * 10 ** (BURST_DB / 20)
    gain = np.minimum(1.0, ceiling / np.maximum(level, 1e-9))
    return voice * uniform_filter1d(gain, round(0.02 * rate))


def _resampled(signal: Signal, rate: int, sample_rate: int) -> Signal:
    """Signal at another sample rate (polyphase resampling)."""
    common = int(np.gcd(rate, sample_rate))
    return np.asarray(resample_poly(signal, sample_rate // common, rate // common))

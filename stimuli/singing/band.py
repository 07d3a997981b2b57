"""The band: a score and a style become MIDI, which FluidSynth plays.

Conventions
-----------
Times in seconds. The band's sound is float64 stereo (2, n_samples), dry (without the synthesiser's
reverberation and chorus), with a peak at −6 dBFS. Random deviations from the score, drawn with the
plan's seed, make the band sound as if people played it. The standard deviations are 6 ms for onsets
and 5 for MIDI velocities. The tools pretty_midi and FluidSynth are imported or called only when
songs are made.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pedalboard.io import AudioFile

from stimuli.singing.score import Score
from stimuli.singing.styles import CRASH, SNARE, STYLES, TOM, Player, Style
from stimuli.singing.voice import MissingToolError

SOUND_FONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
TIMING_SD_S, VELOCITY_SD = 0.006, 5.0


def play(score: Score, duration_s: float, sample_rate: int) -> npt.NDArray[np.float64]:
    """Backing of ``score``: stereo, (2, duration_s × sample_rate) samples, peak at −6 dBFS.

    Raises
    ------
    MissingToolError
        pretty_midi, FluidSynth or the General MIDI sound font is not installed.
    """
    if shutil.which("fluidsynth") is None or not SOUND_FONT.is_file():
        raise MissingToolError(
            "The band needs FluidSynth and its sound font: "
            "apt-get install fluidsynth fluid-soundfont-gm."
        )
    with tempfile.TemporaryDirectory() as folder:
        midi, wave = Path(folder) / "song.mid", Path(folder) / "song.wav"
        arrange(score).write(str(midi))
        subprocess.run(
            [
                "fluidsynth",
                "-ni",
                "-q",
                "-g",
                "0.5",
                "-r",
                str(sample_rate),
                "-R",
                "0",
                "-C",
                "0",
                "-F",
                str(wave),
                str(SOUND_FONT),
                str(midi),
            ],
            check=True,
            capture_output=True,
        )
        with AudioFile(str(wave)) as file:
            sound = np.asarray(file.read(file.frames), dtype=np.float64)
    n_samples = round(duration_s * sample_rate)
    backing = np.zeros((2, n_samples))
    used = min(n_samples, sound.shape[1])
    backing[:, :used] = sound[:, :used]
    fade = round(0.4 * sample_rate)
    backing[:, -fade:] *= np.cos(np.linspace(0, np.pi / 2, fade)) ** 2
    return np.asarray(backing * (10 ** (-6 / 20) / np.abs(backing).max()))


def arrange(score: Score) -> Any:
    """The notes of ``score`` in its style, as a ``pretty_midi.PrettyMIDI``."""
    pretty_midi = _pretty_midi()
    style = STYLES[score.plan.style]
    rng = np.random.default_rng([score.plan.seed, 2])
    midi = pretty_midi.PrettyMIDI(initial_tempo=score.plan.tempo_bpm)
    for player in style.players:
        instrument = pretty_midi.Instrument(program=player.program)
        _place(instrument, player.pan, player.volume)
        for bar in range(score.plan.n_bars):
            if score.bars[bar].section in player.sections:
                _play_bar(instrument, player, score, bar, style.swing, rng)
        midi.instruments.append(instrument)
    drums = pretty_midi.Instrument(program=0, is_drum=True)
    _place(drums, 64, 96)
    for bar in range(score.plan.n_bars):
        _drum_bar(drums, style, score, bar, rng)
    midi.instruments.append(drums)
    return midi


def _pretty_midi() -> Any:
    try:
        import pretty_midi
    except ImportError as error:
        raise MissingToolError("The band needs pretty_midi: pip install pretty_midi.") from error
    return pretty_midi


def _place(instrument: Any, pan: int, volume: int) -> None:
    """Set an instrument's pan and volume from the start."""
    pretty_midi = _pretty_midi()
    instrument.control_changes += [
        pretty_midi.ControlChange(10, pan, 0.0),
        pretty_midi.ControlChange(7, volume, 0.0),
    ]


def _add(
    instrument: Any,
    pitch: int,
    velocity: float,
    start_s: float,
    end_s: float,
    rng: np.random.Generator,
) -> None:
    """Add one note with small random deviations of its time and velocity."""
    onset = max(0.0, start_s + float(rng.normal(0.0, TIMING_SD_S)))
    loud = int(np.clip(round(velocity + float(rng.normal(0.0, VELOCITY_SD))), 1, 127))
    instrument.notes.append(
        _pretty_midi().Note(velocity=loud, pitch=pitch, start=onset, end=max(end_s, onset + 0.03))
    )


def _step_times(score: Score, bar: int, n_steps: int, swing: float) -> npt.NDArray[np.float64]:
    """Start of each step of a bar, and the bar's end; every second step is ``swing`` steps late."""
    bar_s = score.plan.beats_per_bar * 60.0 / score.plan.tempo_bpm
    steps = np.arange(n_steps + 1, dtype=np.float64)
    steps[1:-1:2] += swing
    return np.asarray((bar + steps / n_steps) * bar_s)


def voicing(score: Score, bar: int, octave: int = 0) -> tuple[int, ...]:
    """Chord of a bar as six MIDI pitches from about G3 upwards; chords thus move little."""
    classes = score.chord_pitch_classes(bar)
    low = 55 + 12 * octave
    pitches = [pitch for pitch in range(low, low + 24) if pitch % 12 in classes]
    return tuple(pitches[:6])


def _figure_pitches(player: Player, score: Score, bar: int, mark: str) -> tuple[int, ...]:
    """Pitches for one character of a figure (a pattern that the instrument repeats)."""
    if player.role == "bass":
        root, third, fifth = score.chord_pitch_classes(bar)[:3]
        low = 28 + (root - 28) % 12
        offsets = {"1": 0, "3": (third - root) % 12, "5": (fifth - root) % 12, "8": 12}
        return (low + offsets[mark] + 12 * player.octave,)
    chord = voicing(score, bar, player.octave)
    if mark == "x":
        return chord[:4] if score.plan.chord_tones == 4 else chord[:3]
    return (chord[int(mark) - 1],)


def _play_bar(
    instrument: Any,
    player: Player,
    score: Score,
    bar: int,
    swing: float,
    rng: np.random.Generator,
) -> None:
    """One bar of a pitched instrument; the closing bar is a single note or chord of half a bar."""
    closing = score.bars[bar].section == "end"
    figure = player.figure
    times = _step_times(score, bar, len(figure), swing)
    loudness = 1.0 if score.bars[bar].section == "chorus" else 0.9
    for step, mark in enumerate(figure):
        if mark in ".-":
            continue
        end = step + 1
        while end < len(figure) and figure[end] == "-":
            end += 1
        until = len(figure) // 2 + 1 if closing else end
        marks = "x" if closing and player.role == "chords" else mark
        start = times[0] if closing else times[step]
        for pitch in _figure_pitches(
            player, score, bar, "1" if closing and marks != "x" else marks
        ):
            _add(instrument, pitch, player.velocity * loudness, start, times[until] - 0.01, rng)
        if closing:
            return


def _drum_bar(drums: Any, style: Style, score: Score, bar: int, rng: np.random.Generator) -> None:
    """One bar of drums, with a crash at the start of a section and a fill at the section's end."""
    section = score.bars[bar].section
    times = _step_times(score, bar, 4 * score.plan.beats_per_bar, style.swing)
    has_drums = SNARE in style.drums.get("chorus", {})
    starts = bar == 0 or score.bars[bar - 1].section != section
    if starts and section in {"chorus", "end"} and has_drums:
        _add(drums, CRASH, 92, times[0], times[0] + 1.0, rng)
    if section == "end":
        if has_drums:
            _add(drums, 36, 100, times[0], times[0] + 0.1, rng)
        return
    ends = score.bars[bar + 1].section != section and score.plan.beats_per_bar == 4
    fill_from = 12 if ends and has_drums and section != "intro" else len(times)
    for drum, figure in style.drums.get(section, {}).items():
        for step, mark in enumerate(figure):
            if mark != "." and step < fill_from:
                _add(drums, drum, 14 * int(mark), times[step], times[step] + 0.08, rng)
    for step in range(fill_from, len(times) - 1):
        drum = SNARE if step < 14 else TOM
        _add(drums, drum, 70 + 8 * (step - 12), times[step], times[step] + 0.08, rng)

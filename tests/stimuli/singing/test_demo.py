"""The demo's songs: committed audio, its papers, and the scores behind it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import places
from mixing.ingest.decoding import read_audio
from mixing.parameter_file import read_parameters
from mixing.parameters import CompressionTarget
from stimuli.singing.demo_songs import DURATION_S, PLANS, SAMPLE_RATE, main, song_facts
from stimuli.singing.patterns import RHYTHMS
from stimuli.singing.score import RANGE_MIDI, Section, SongPlan, compose, is_strong
from stimuli.singing.styles import STYLES
from stimuli.singing.voice import GRID, LEAD_BEATS, score_xml

SONGS = places.ROOT / "stimuli" / "demo" / "songs"
NAMES = [plan.name for plan in PLANS]


@pytest.fixture(scope="module")
def decoded() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Vocal and backing of every song, decoded once."""
    stems = {}
    for name in NAMES:
        vocal, vocal_rate = read_audio(SONGS / name / "vocal.flac")
        backing, backing_rate = read_audio(SONGS / name / "backing.ogg")
        assert vocal_rate == backing_rate == SAMPLE_RATE
        stems[name] = (vocal, backing)
    return stems


def test_songs_on_disk_are_those_of_the_script() -> None:
    """Every planned song has its four files, and there is no other song."""
    assert sorted(path.name for path in SONGS.iterdir()) == sorted(NAMES)
    for name in NAMES:
        files = sorted(path.name for path in (SONGS / name).iterdir())
        assert files == ["backing.ogg", "human.json", "song.json", "vocal.flac"]


def test_songs_are_small_enough_for_a_repository() -> None:
    """All audio together takes at most 15 MB."""
    assert sum(path.stat().st_size for path in SONGS.rglob("*")) <= 15e6


@pytest.mark.parametrize("name", NAMES)
def test_stems_are_thirty_seconds_long_to_the_sample(
    name: str, decoded: dict[str, tuple[np.ndarray, np.ndarray]]
) -> None:
    """Vocal (mono) and backing (stereo) have exactly 30 s of finite samples."""
    vocal, backing = decoded[name]
    n_samples = round(DURATION_S * SAMPLE_RATE)
    assert vocal.shape == (1, n_samples)
    assert backing.shape == (2, n_samples)
    assert np.isfinite(vocal).all()
    assert np.isfinite(backing).all()


@pytest.mark.parametrize("name", NAMES)
def test_stems_have_a_sane_level(
    name: str, decoded: dict[str, tuple[np.ndarray, np.ndarray]]
) -> None:
    """Peaks lie near −6 dBFS; pyloudnorm reads the loudness of a usable recording."""
    meter = pyloudnorm.Meter(SAMPLE_RATE)
    for stem, low, high in zip(decoded[name], (-26, -27), (-18, -18), strict=True):
        assert 20 * np.log10(np.abs(stem).max()) == pytest.approx(-6, abs=0.7)
        assert low < meter.integrated_loudness(stem.T.astype(np.float64)) < high


@pytest.mark.parametrize("plan", PLANS, ids=NAMES)
def test_voice_sings_the_score(
    plan: SongPlan, decoded: dict[str, tuple[np.ndarray, np.ndarray]]
) -> None:
    """In 9 of 10 long notes the strongest harmonic sum lies within half a semitone of the score."""
    vocal = decoded[plan.name][0][0]
    beat_s = 60.0 / plan.tempo_bpm
    octave = -12 if plan.singer in {"tenor", "baritone"} else 0
    hits = []
    for note in compose(plan).melody:
        if note.n_beats * beat_s < 0.4:
            continue
        start = round((note.start_beat * beat_s + 0.1) * SAMPLE_RATE)
        piece = vocal[start : start + round(0.2 * SAMPLE_RATE)]
        hits.append(abs(_pitch_midi(piece) - (note.pitch + octave)) < 0.5)
    assert len(hits) >= 8
    assert np.mean(hits) >= 0.9


def _pitch_midi(piece: np.ndarray) -> float:
    """MIDI pitch of the best sum of ten harmonics in a magnitude spectrum."""
    n_fft = 1 << 16
    spectrum = np.abs(np.fft.rfft(piece * np.hanning(piece.size), n_fft))
    candidates = np.arange(40, 80, 0.1)
    f0_hz = 440 * 2 ** ((candidates - 69) / 12)
    bins = np.arange(1, 11)[:, None] * f0_hz * n_fft / SAMPLE_RATE
    between = np.rint((np.arange(1, 11)[:, None] - 0.5) * f0_hz * n_fft / SAMPLE_RATE)
    score = np.sqrt(spectrum[np.rint(bins).astype(int)]).sum(0)
    score -= np.sqrt(spectrum[between.astype(int)]).sum(0)
    return float(candidates[np.argmax(score)])


@pytest.mark.parametrize("plan", PLANS, ids=NAMES)
def test_song_papers_say_what_the_script_planned(plan: SongPlan) -> None:
    """song.json holds the plan's title, style, key, tempo, singer, seed, licence, attribution."""
    facts = json.loads((SONGS / plan.name / "song.json").read_text(encoding="utf-8"))
    assert facts == song_facts(plan)
    assert facts["tempo_bpm"] == plan.tempo_bpm
    assert facts["licence"] == "CC-BY-3.0"
    assert "Nagoya Institute of Technology" in facts["attribution"]


@pytest.mark.parametrize("name", NAMES)
def test_hand_set_parameters_are_tasteful(name: str) -> None:
    """human.json stays within a few dB of EQ, an audible reverb and a usual balance."""
    human = read_parameters(SONGS / name / "human.json")
    assert all(abs(band.gain_db) <= 9 for band in human.eq)
    assert isinstance(human.compression, CompressionTarget)
    assert 6 <= human.compression.lra_lu <= 11
    assert human.reverb is not None
    assert 0 < human.reverb.dry_wet < 0.75
    assert -4 <= human.relative_loudness_lu <= 1


def test_licences_credit_voice_and_sound_font() -> None:
    """LICENSES.md names the licences and everybody who must be credited."""
    text = (SONGS.parent / "LICENSES.md").read_text(encoding="utf-8")
    for needed in ("CC BY 3.0", "CC0 1.0", "MIT", "Nagoya Institute of Technology", "Frank Wen"):
        assert needed in text


def test_styles_keys_tempi_and_singers_differ() -> None:
    """No two songs share style, key or tempo; at least four singers; tempi span 70–150."""
    assert len({plan.style for plan in PLANS}) == len(PLANS)
    assert len({plan.key for plan in PLANS}) == len(PLANS)
    tempi = {plan.tempo_bpm for plan in PLANS}
    assert len(tempi) == len(PLANS)
    assert min(tempi) < 80 < 140 < max(tempi)
    assert len({plan.singer for plan in PLANS}) >= 4


@pytest.mark.parametrize("plan", PLANS, ids=NAMES)
def test_music_fits_into_the_song(plan: SongPlan) -> None:
    """The last sung note ends before the file does, and the bars fill at least 26 s of it."""
    score = compose(plan)
    last = score.melody[-1]
    assert (last.start_beat + last.n_beats) * 60 / plan.tempo_bpm < DURATION_S
    assert 26 <= score.duration_s <= DURATION_S


def test_style_figures_fill_whole_bars() -> None:
    """Every drum figure has four steps a beat of its style's meter: 16, or 12 in three-four."""
    for plan in PLANS:
        for figures in STYLES[plan.style].drums.values():
            assert {len(figure) for figure in figures.values()} == {4 * plan.beats_per_bar}


@st.composite
def plans(draw: st.DrawFn) -> SongPlan:
    """Any plan the generator may be given."""
    meter = draw(st.sampled_from([3, 4]))
    return SongPlan(
        "any", "Any", "pop", draw(st.integers(0, 11)), draw(st.sampled_from(["major", "minor"])),
        draw(st.integers(60, 180)), meter, "mezzo", draw(st.integers(0, 2**32 - 1)),
        (Section("intro", draw(st.integers(0, 3))), Section("verse", 4), Section("chorus", 8),
         Section("end", 1)),
        draw(st.sampled_from(sorted(RHYTHMS[meter]))), {"verse": "らりる", "chorus": "まみむめも"},
        chord_tones=draw(st.sampled_from([3, 4])),
    )  # fmt: skip


@pytest.mark.parametrize("n_examples", [20, pytest.param(100, marks=pytest.mark.slow)])
def test_generated_melodies_obey_harmony_and_form(n_examples: int) -> None:
    """Of any plan: twenty of them, and a hundred by `make validate`."""
    settings(max_examples=n_examples)(given(plans())(check_melody))()


def check_melody(plan: SongPlan) -> None:
    """Strong beats carry chord tones, notes neither overlap nor leave the voice, ends on tonic."""
    score = compose(plan)
    assert len(score.bars) == plan.n_bars
    assert score.duration_s == pytest.approx(plan.n_bars * plan.beats_per_bar * 60 / plan.tempo_bpm)
    for note in score.melody:
        bar = int(note.start_beat // plan.beats_per_bar)
        assert score.bars[bar].section == note.section
        assert RANGE_MIDI[0] <= note.pitch <= RANGE_MIDI[1]
        if is_strong(note.start_beat, plan.beats_per_bar):
            assert note.pitch % 12 in score.chord_pitch_classes(bar)
    for note, following in zip(score.melody, score.melody[1:], strict=False):
        assert note.start_beat + note.n_beats <= following.start_beat
    assert score.melody[-1].pitch % 12 == plan.tonic
    assert compose(plan) == score


@settings(max_examples=20, deadline=None)
@given(plans())
def test_notated_time_adds_up(plan: SongPlan) -> None:
    """The notes and rests for the singer fill lead-in, song and a closing rest, without a gap."""
    xml = score_xml(compose(plan))
    durations = [int(part.split("<")[0]) for part in xml.split("<duration>")[1:]]
    last = compose(plan).melody[-1]
    assert sum(durations) == round((LEAD_BEATS + last.start_beat + last.n_beats + 2) * GRID)


def test_missing_tool_is_named_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the singing voice the script says what to install and leaves nothing behind."""
    monkeypatch.setitem(sys.modules, "pysinsy", None)
    assert main(["--out", str(tmp_path / "songs")]) == 2
    assert "pip install" in capsys.readouterr().err
    assert not (tmp_path / "songs").exists()

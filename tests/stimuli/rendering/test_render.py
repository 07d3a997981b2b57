"""From study to files: equally loud by an independent meter, blind, repeatable, never half done."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyebur128
import pytest

from mixing.audio import Audio, Song, write_flac
from mixing.ingest.decoding import read_audio
from mixing.parameters import Mix, MixReport
from mixing.systems.base import MixingSystem, SystemSettings
from stimuli.loading.load import load_study
from stimuli.rendering.render import Progress, build
from stimuli.study.manifest import Manifest, Stimulus
from stimuli.study.study import Study, StudyError

RATE = 44_100
FAKES = ("plain", "spiky", "dull", "short", "silent", "random", "human")
SCALE = {"plain": 0.5, "dull": 0.02, "human": 1.0}
STUDY = """\
title: Levels
seed: 5
songs:
  - {name: harbour, vocal: harbour_v.flac, backing: harbour_b.flac}
  - {name: lantern, vocal: lantern_v.flac, backing: lantern_b.flac}
systems: [plain, dull]
"""


@dataclass
class FakeSystem:
    """A mixing system that only scales the sum; ``calls`` tells what it was asked to mix."""

    name: str
    calls: list[str] = field(default_factory=list)
    fail_at: int | None = None

    def mix(self, song: Song) -> Mix:
        """Scaled sum of the stems, spoilt in the way of the system's name."""
        if self.fail_at is not None and len(self.calls) >= self.fail_at:
            raise KeyboardInterrupt
        self.calls.append(self.name)
        audio = (song.vocal + song.backing) * np.float32(SCALE.get(self.name, 0.3))
        if self.name == "spiky":
            audio = audio * np.float32(0.1)
            audio[:, RATE] = 0.9
        if self.name == "short":
            audio = audio[:, :-RATE]
        if self.name == "silent":
            audio = np.zeros_like(audio)
        report = MixReport(self.name, "corrected", (), None, None, None, -20.0, float("-inf"))
        return Mix(audio, None, None, song.sample_rate, report)


def noise(seed: int, duration_s: float = 4.0, rate: int = RATE) -> Audio:
    """Stereo noise with a slow swell, peaking near −12 dBFS."""
    n_samples = round(duration_s * rate)
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * 0.7 * np.arange(n_samples) / rate)
    raw = np.random.default_rng(seed).standard_normal((2, n_samples)) * swell * 0.06
    return raw.astype(np.float32)


def write_songs(folder: Path) -> None:
    """Write the stems of the songs that ``STUDY`` names."""
    for index, name in enumerate(("harbour_v", "harbour_b", "lantern_v", "lantern_b")):
        write_flac(folder / f"{name}.flac", noise(index), RATE)


def study_in(folder: Path, text: str = STUDY) -> Study:
    """Load ``text`` as the study of ``folder``."""
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return load_study(folder / "study.yaml", FAKES)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Put fake systems in place of the real ones; return the list of mixes they were asked for."""
    asked: list[str] = []

    def create(name: str, settings: SystemSettings | None = None) -> MixingSystem:
        return FakeSystem(name, asked)

    monkeypatch.setattr("stimuli.rendering.mix_audio.create_system", create)
    return asked


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the songs of the study."""
    write_songs(tmp_path)
    return tmp_path


@dataclass(frozen=True)
class Built:
    """A build that tests only look at."""

    study: Study
    manifest: Manifest


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build two songs by a loud, a quiet and a spiky system."""
    folder = tmp_path_factory.mktemp("study")
    write_songs(folder)
    study = study_in(folder, STUDY.replace("[plain, dull]", "[plain, dull, spiky]"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stimuli.rendering.mix_audio.create_system", lambda name, _: FakeSystem(name))
        return Built(study, build(study, folder / "build", workers=1))


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Content and time of change of every file below a folder."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def independent_levels(path: Path) -> tuple[float, float]:
    """Integrated loudness (LUFS) and true peak (dBTP) of a file by libebur128."""
    audio, rate = read_audio(path)
    mode = pyebur128.MeasurementMode.MODE_I | pyebur128.MeasurementMode.MODE_TRUE_PEAK
    state = pyebur128.R128State(audio.shape[0], rate, mode)
    state.add_frames(np.ascontiguousarray(audio.T).reshape(-1), audio.shape[1])
    peak = max(pyebur128.get_true_peak(state, channel) for channel in range(audio.shape[0]))
    return pyebur128.get_loudness_global(state), 20 * np.log10(peak)


def test_all_stimuli_of_a_page_are_equally_loud_by_another_meter(built: Built) -> None:
    """libebur128 finds each file within 0.1 LU of its page's level and under −1 dBTP."""
    for stimulus in built.manifest.stimuli:
        loudness_lufs, peak_dbtp = independent_levels(built.manifest.path(stimulus))
        assert abs(loudness_lufs - stimulus.page_target_lufs) <= 0.1
        assert abs(loudness_lufs - stimulus.integrated_lufs) <= 0.1
        assert peak_dbtp <= -1.0
        # Meters oversample differently: on white noise they part by up to about 0.3 dB.
        assert abs(peak_dbtp - stimulus.true_peak_dbtp) <= 0.3


def test_a_spiky_mix_lowers_its_whole_page_and_is_not_limited(built: Built) -> None:
    """The page sits at −1 dBTP less the spiky mix's peak-to-loudness ratio; the spike is whole."""
    page = [stimulus for stimulus in built.manifest.stimuli if stimulus.song == "harbour"]
    spiky = next(stimulus for stimulus in page if stimulus.system == "spiky")
    assert {stimulus.page_target_lufs for stimulus in page} == {spiky.page_target_lufs}
    assert spiky.page_target_lufs < -23.5
    assert spiky.true_peak_dbtp == pytest.approx(-1.05, abs=0.02)
    ratio_lu = spiky.mix_true_peak_dbtp - spiky.mix_integrated_lufs
    assert spiky.true_peak_dbtp - spiky.integrated_lufs == pytest.approx(ratio_lu, abs=0.02)


def test_a_page_without_spikes_sits_at_the_study_s_target(folder: Path, calls: list[str]) -> None:
    """−23 LUFS is reached where peaks allow it."""
    manifest = build(study_in(folder), folder / "build", workers=1)
    assert {stimulus.page_target_lufs for stimulus in manifest.stimuli} == {-23.0}


def test_stimuli_of_a_page_have_one_length_rate_and_file_size(built: Built) -> None:
    """Nothing about a file's outside differs between systems."""
    for song in ("harbour", "lantern"):
        page = [stimulus for stimulus in built.manifest.stimuli if stimulus.song == song]
        sizes = {built.manifest.path(stimulus).stat().st_size for stimulus in page}
        assert len(page) == 3
        assert len(sizes) == 1
        assert {(s.duration_s, s.sample_rate) for s in page} == {(4.0, RATE)}


def test_files_are_named_blindly_and_hold_no_words(built: Built) -> None:
    """Names are 32 hex digits without order; no file holds a song, a system or a tag."""
    names = [stimulus.file for stimulus in built.manifest.stimuli]
    assert len(set(names)) == 6
    for stimulus in built.manifest.stimuli:
        assert re.fullmatch(r"audio/[0-9a-f]{32}\.flac", stimulus.file)
        content = built.manifest.path(stimulus).read_bytes()
        # One block before the sound, the last (0x80): stream information (0) of 34 bytes.
        assert (content[:8], content[42:44]) == (b"fLaC\x80\x00\x00\x22", b"\xff\xf8")
        for word in (b"plain", b"dull", b"spiky", b"harbour", b"lantern", b"libFLAC"):
            assert word not in content


def test_the_manifest_tells_what_was_done(built: Built) -> None:
    """Rows follow the study; hashes are those of the files; reports are JSON without infinity."""
    rows = [(stimulus.song, stimulus.system) for stimulus in built.manifest.stimuli]
    assert rows == [
        (s.name, system) for s in built.study.songs for system in built.study.system_names
    ]
    assert built.manifest.stimulus("lantern", "dull").report["system"] == "dull"
    assert built.manifest.stimulus("lantern", "dull").report["output"]["true_peak_dbtp"] is None
    built.manifest.check_covers(built.study)


def test_songs_get_random_draws_of_their_own(built: Built) -> None:
    """The seed handed to the systems differs between songs, not between systems."""
    seeds = {stimulus.song: stimulus.seed for stimulus in built.manifest.stimuli}
    assert len({(s.song, s.seed) for s in built.manifest.stimuli}) == 2
    assert seeds["harbour"] != seeds["lantern"]


def test_the_played_excerpt_is_the_mix_cut_faded_and_scaled(folder: Path, calls: list[str]) -> None:
    """Sample by sample: gain x raised cosine x the right stretch of the mix, to 24 bits."""
    text = STUDY.replace(
        "harbour_b.flac}", "harbour_b.flac, excerpt: {start_s: 0.5, duration_s: 3}}"
    )
    manifest = build(study_in(folder, text), folder / "build", workers=1)
    stimulus = manifest.stimulus("harbour", "plain")
    played, _ = read_audio(manifest.path(stimulus))
    stems = [read_audio(folder / f"harbour_{stem}.flac")[0] for stem in "vb"]
    whole = 0.5 * (stems[0] + stems[1])[:, RATE // 2 : RATE // 2 + 3 * RATE]
    n_fade = round(0.015 * RATE)
    window = np.ones(3 * RATE)
    window[:n_fade] = np.sin(0.5 * np.pi * (np.arange(n_fade) + 0.5) / n_fade) ** 2
    window[-n_fade:] = window[:n_fade][::-1]
    expected = whole * window * 10 ** (stimulus.gain_db / 20)
    assert played.shape == expected.shape
    assert np.abs(played - expected).max() < 2 * 2.0**-23


def test_sixteen_bits_halve_the_files_and_add_only_noise(folder: Path, calls: list[str]) -> None:
    """The rounding error is as large as theory says and independent of the sound."""
    fine = build(study_in(folder), folder / "fine", workers=1)
    coarse = build(study_in(folder, STUDY + "bit_depth: 16\n"), folder / "coarse", workers=1)
    stimulus = coarse.stimulus("harbour", "dull")
    exact, _ = read_audio(fine.path(fine.stimulus("harbour", "dull")))
    rounded, _ = read_audio(coarse.path(stimulus))
    # pedalboard divides 16-bit samples by 32767 when it reads (browsers by 32768).
    error = rounded * 32_767.0 - exact * 32_768.0
    # A triangular dither of ±1 step has variance 1/6, rounding 1/12: 1/4 step² in all.
    assert error.var() == pytest.approx(0.25, rel=0.05)
    assert abs(np.corrcoef(error.ravel(), exact.ravel())[0, 1]) < 0.01
    assert abs(error.mean()) < 0.1
    sizes = [m.path(m.stimuli[0]).stat().st_size for m in (fine, coarse)]
    assert sizes[1] < 0.65 * sizes[0]


def test_a_second_build_touches_nothing(folder: Path, calls: list[str]) -> None:
    """Same bytes, same times of change, no step reported, nothing mixed."""
    study = study_in(folder)
    first = build(study, folder / "build", workers=1)
    before, asked = snapshot(folder / "build"), len(calls)
    steps: list[Progress] = []
    again = build(study, folder / "build", workers=1, on_progress=steps.append)
    assert again == first
    assert (snapshot(folder / "build"), len(calls), steps) == (before, asked, [])


def test_texts_do_not_make_stimuli_again(folder: Path, calls: list[str]) -> None:
    """A new title, question or page rule changes no file."""
    first = build(study_in(folder), folder / "build", workers=1)
    before, asked = snapshot(folder / "build"), len(calls)
    text = STUDY + "identifier: levels\nthanks: Bye\npages: {songs_per_participant: 1}\n"
    assert build(study_in(folder, text.replace("title: Levels", "title: Other")),
                 folder / "build", workers=1) == first  # fmt: skip
    assert (snapshot(folder / "build"), len(calls)) == (before, asked)


def test_a_new_system_alone_is_rendered(folder: Path, calls: list[str]) -> None:
    """Mixes that are there stay as they are, sample for sample."""
    first = build(study_in(folder), folder / "build", workers=1)
    sounds = {s.key: read_audio(first.path(s))[0] for s in first.stimuli}
    calls.clear()
    text = STUDY.replace("[plain, dull]", "[plain, dull, random]")
    second = build(study_in(folder, text), folder / "build", workers=1)
    assert calls == ["random", "random"]
    assert len(second.stimuli) == 6
    for stimulus in second.stimuli:
        if stimulus.key in sounds:
            np.testing.assert_array_equal(
                read_audio(second.path(stimulus))[0], sounds[stimulus.key]
            )


def test_an_incremental_build_equals_one_from_scratch(folder: Path, calls: list[str]) -> None:
    """How a build came about cannot be seen in it, even where a spiky mix lowers the page."""
    build(study_in(folder), folder / "build", workers=1)
    text = STUDY.replace("[plain, dull]", "[spiky, plain, dull]")
    grown = build(study_in(folder, text), folder / "build", workers=1)
    fresh = build(study_in(folder, text), folder / "fresh", workers=1)
    assert grown.stimuli == fresh.stimuli
    contents = [
        {name: content for name, (content, _) in snapshot(folder / place).items()}
        for place in ("build", "fresh")
    ]
    assert contents[0] == contents[1]


def test_a_changed_song_alone_is_rendered_and_its_old_files_go(
    folder: Path, calls: list[str]
) -> None:
    """New vocal, new mixes of that song; the other song's files are untouched."""
    first = build(study_in(folder), folder / "build", workers=1)
    before = snapshot(folder / "build")
    calls.clear()
    write_flac(folder / "lantern_v.flac", noise(99), RATE)
    second = build(study_in(folder), folder / "build", workers=1)
    after = snapshot(folder / "build")
    assert calls == ["plain", "dull"]
    for old, new in zip(first.stimuli, second.stimuli, strict=True):
        if old.song == "harbour":
            assert before[old.file] == after[new.file]
        else:
            assert old.file not in after
    assert len(after) == 4 + 2 + 1  # the song that is trained on has a second file of each


def test_a_removed_song_leaves_no_files(folder: Path, calls: list[str]) -> None:
    """Audio that the study no longer uses is removed; files of others are left alone."""
    build(study_in(folder), folder / "build", workers=1)
    (folder / "build" / "audio" / "notes.txt").write_text("mine")
    text = "\n".join(line for line in STUDY.splitlines() if "lantern" not in line)
    manifest = build(study_in(folder, text), folder / "build", workers=1)
    files = {path.name for path in (folder / "build" / "audio").iterdir()}
    assert files == {Path(f).name for s in manifest.stimuli for f in s.files} | {"notes.txt"}


@pytest.mark.parametrize("harm", ["remove", "damage"])
def test_a_lost_or_damaged_file_is_made_again(folder: Path, calls: list[str], harm: str) -> None:
    """The build notices and restores exactly the file that the manifest tells of."""
    study = study_in(folder)
    manifest = build(study, folder / "build", workers=1)
    path = manifest.path(manifest.stimulus("lantern", "dull"))
    content = path.read_bytes()
    if harm == "remove":
        path.unlink()
    else:
        path.write_bytes(content[:-100])
    calls.clear()
    assert build(study, folder / "build", workers=1) == manifest
    assert (path.read_bytes(), calls) == (content, ["dull"])


def test_another_seed_gives_other_names_to_the_same_sound(folder: Path, calls: list[str]) -> None:
    """Who knows one study's names knows nothing of another's."""
    first = build(study_in(folder), folder / "build", workers=1)
    text = STUDY.replace("seed: 5", "seed: 6")
    second = build(study_in(folder, text), folder / "other", workers=1)
    assert not {s.file for s in first.stimuli} & {s.file for s in second.stimuli}
    for one, other in zip(first.stimuli, second.stimuli, strict=True):
        sounds = [read_audio(m.path(s))[0] for m, s in ((first, one), (second, other))]
        assert np.abs(sounds[0] - sounds[1]).max() <= 4 * 2.0**-23  # two dithers


def test_an_interrupted_build_goes_on_where_it_stopped(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The earlier build stays whole; what was mixed before the interruption is not mixed again."""
    asked: list[str] = []
    fail_at: list[int | None] = [None]
    monkeypatch.setattr(
        "stimuli.rendering.mix_audio.create_system",
        lambda name, _: FakeSystem(name, asked, fail_at[0]),
    )
    build(study_in(folder), folder / "build", workers=1)
    before = snapshot(folder / "build")
    text = STUDY.replace("[plain, dull]", "[plain, dull, random, human]").replace(
        "_b.flac}", "_b.flac, human: harbour_v.flac}"
    )
    study = study_in(folder, text)
    asked.clear()
    fail_at[0] = 3
    with pytest.raises(KeyboardInterrupt):
        build(study, folder / "build", workers=1)
    after = snapshot(folder / "build")
    assert {name: after[name] for name in before} == before
    fail_at[0] = None
    build(study, folder / "build", workers=1)
    assert sorted(asked) == ["human", "human", "random", "random"]
    assert not (folder / "build" / ".work").exists()


def test_a_killed_build_leaves_no_manifest_and_can_go_on(folder: Path) -> None:
    """SIGKILL at any time: no half file under a final name, and the next build finishes."""
    study_in(folder, STUDY.replace("[plain, dull]", "[random]"))
    script = (
        "import time, mixing.systems.registry as r\n"
        "real = r.create_system\n"
        "def slow(name, settings):\n"
        "    made = real(name, settings)\n"
        "    if list(out.glob('.work/*.json')): time.sleep(60)\n"
        "    return made\n"
        "r.create_system = slow\n"
        "from pathlib import Path\n"
        "from stimuli.rendering.render import build\n"
        "from stimuli.loading.load import load_study\n"
        f"out = Path({str(folder / 'build')!r})\n"
        f"build(load_study({str(folder / 'study.yaml')!r}), out, workers=1)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script])
    deadline = time.monotonic() + 120
    while not list(folder.glob("build/.work/*.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    waiting = list(folder.glob("build/.work/*.json"))
    assert len(waiting) == 1
    assert not (folder / "build" / "manifest.csv").exists()
    time_before = waiting[0].stat().st_mtime_ns
    steps: list[tuple[str, list[int]]] = []

    def note(step: Progress) -> None:
        steps.append((step.text, [p.stat().st_mtime_ns for p in waiting if p.exists()]))

    study = load_study(folder / "study.yaml")
    manifest = build(study, folder / "build", workers=1, on_progress=note)
    manifest.check_covers(study)
    assert next(text for text, _ in steps) == "harbour: random mixed"
    assert all(times in ([], [time_before]) for _, times in steps)


def test_processes_render_the_same_bytes_as_this_one(folder: Path) -> None:
    """Two spawned workers and none give the same build, and progress counts every step."""
    study = study_in(folder, STUDY.replace("[plain, dull]", "[random]"))
    steps: list[Progress] = []
    in_pool = build(study, folder / "pool", workers=2, on_progress=steps.append)
    here = build(study, folder / "here", workers=1)
    assert in_pool.stimuli == here.stimuli
    assert [(step.done, step.total) for step in steps] == [(n, 4) for n in range(1, 5)]


def broken(folder: Path, name: str, audio: Audio, rate: int = RATE) -> None:
    """Replace a stem by other audio, as WAV so that any sample can be written."""
    from pedalboard.io import AudioFile

    with AudioFile(str(folder / name), "w", rate, audio.shape[0], bit_depth=32) as file:
        file.write(audio)


BAD_SONGS = {
    "lengths": (noise(1, 3.5), RATE, r"song 'lantern': .*may differ by at most 2205"),
    "rates": (noise(1, 4.0, 7_999), 7_999, r"song 'lantern': .*8000 to 192000 Hz"),
    "nan": (np.full((2, 4 * RATE), np.nan, np.float32), RATE, r"song 'lantern': .*NaN"),
}


@pytest.mark.parametrize("case", BAD_SONGS)
def test_a_song_that_cannot_be_used_stops_the_build_before_it_begins(
    folder: Path, calls: list[str], case: str
) -> None:
    """The last song of the study is checked first of all; no folder appears."""
    audio, rate, sentence = BAD_SONGS[case]
    broken(folder, "other.wav", audio, rate)
    with pytest.raises(StudyError, match=sentence):
        build(study_in(folder, STUDY.replace("lantern_b.flac", "other.wav")), folder / "build")
    assert not (folder / "build").exists()
    assert calls == []


def test_short_silent_and_corrupt_songs_are_refused(folder: Path, calls: list[str]) -> None:
    """Each with the song's name and the reason."""
    for name in ("short_v", "short_b"):
        write_flac(folder / f"{name}.flac", noise(3, 2.0), RATE)
    silence = np.zeros((2, 4 * RATE), np.float32)
    write_flac(folder / "still.flac", silence, RATE)
    (folder / "junk.flac").write_bytes(b"no audio here" * 100)
    for vocal, backing, sentence in (
        ("short_v", "short_b", r"'lantern': The song lasts 2.00 s; at least 3 s"),
        ("still", "still", r"'lantern': Vocal and backing are both silent"),
        ("junk", "lantern_b", r"'lantern': .*junk.flac cannot be read as audio"),
    ):
        text = STUDY.replace("lantern_v.", f"{vocal}.").replace("lantern_b.", f"{backing}.")
        with pytest.raises(StudyError, match=sentence):
            build(study_in(folder, text), folder / "build")
    assert not (folder / "build").exists()


def test_an_excerpt_beyond_the_song_is_refused(folder: Path, calls: list[str]) -> None:
    """The sentence says where the song ends."""
    text = STUDY.replace("harbour_b.flac}", "harbour_b.flac, excerpt: {start_s: 2, duration_s: 3}}")
    with pytest.raises(
        StudyError, match=r"'harbour': The excerpt ends at 5 s, .* files last 4.000 s"
    ):
        build(study_in(folder, text), folder / "build")


def test_mixes_of_unequal_length_are_refused_by_name(folder: Path, calls: list[str]) -> None:
    """Stimuli that would run apart are never published; an earlier build stays."""
    build(study_in(folder), folder / "build", workers=1)
    before = snapshot(folder / "build")
    with pytest.raises(StudyError, match=r"'harbour': The mix by 'plain' lasts 4.000 s .*'short'"):
        build(study_in(folder, STUDY.replace("dull]", "short]")), folder / "build", workers=1)
    after = snapshot(folder / "build")
    assert {name: after[name] for name in before} == before


def test_a_silent_mix_is_refused_by_name(folder: Path, calls: list[str]) -> None:
    """Silence cannot be brought to a loudness."""
    with pytest.raises(StudyError, match=r"song 'harbour', system 'silent': The excerpt is silent"):
        build(study_in(folder, STUDY.replace("dull]", "silent]")), folder / "build", workers=1)


def test_an_unusable_folder_or_number_of_workers_is_refused(folder: Path, calls: list[str]) -> None:
    """One sentence each."""
    (folder / "file").touch()
    with pytest.raises(StudyError, match=r"The build folder .* cannot be written"):
        build(study_in(folder), folder / "file" / "build", workers=1)
    with pytest.raises(StudyError, match=r"workers must be at least 1, not 0"):
        build(study_in(folder), folder / "build", workers=0)


def test_a_stimulus_that_was_never_built_is_named(built: Built) -> None:
    """A study that asks for more than the build holds is told so."""
    with pytest.raises(StudyError, match=r"no mix of song 'harbour' by system 'cnn'"):
        built.manifest.stimulus("harbour", "cnn")
    assert isinstance(built.manifest.stimulus("harbour", "plain"), Stimulus)

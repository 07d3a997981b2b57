"""Voices for an equaliser's network: songs grouped by singer, and tables of each group's gain.

``PYTHONPATH=tests/support:. python -m tests.developing.voices.singers arrange DATA OUT`` puts the
recordings of ``DATA`` (``stems``, ``synth``, ``voices``) and the demo's songs into one folder per
source, with a ``song.json`` that names song, artist and singer, for ``mixtrial evaluate``. Five dry
voices of four singers get backings of other songs, cut to their length, and are marked raw;
``shifted`` has them played 2 semitones slower and faster, which moves pitch and formants.
``formants`` has their formants moved by 2 semitones at the same pitch, and ``rooms`` has them in
three rooms. All copies keep their singer's name.

The same with ``effects OUT`` teaches the equaliser's network by some sources and asks it about
singers that are in none of them: error over that of no equaliser, group by group.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import soundfile
from scipy.ndimage import map_coordinates
from scipy.signal import fftconvolve, istft, resample_poly, stft

from mixing.learning.data.song_sources import read_songs
from mixing.learning.data.songs import TaughtSong
from mixing.learning.training.fitting import Examples, FitSettings, ask, best_constant, fit
from mixing.learning.training.trust import natural_error
from places import ROOT

VOICE = "NIT SONG070 F001"
SINGERS = {
    "openair_operatic": "openair", "vocadito_10_s7": "vocadito s7", "vocadito_1_s1": "vocadito s1",
    "vocalset_f1_straight": "vocalset f1", "vocalset_f1_vibrato": "vocalset f1",
}  # fmt: skip
SPEEDS = {"slower": (55, 49), "faster": (49, 55)}
"""Samples after and before: 2 semitones."""
FORMANTS = {"longer": 2 ** (-2 / 12), "shorter": 2 ** (2 / 12)}
"""Vocal tracts whose formants are 2 semitones lower and higher."""
ROOMS = {
    "studio": "openair_genesis_6_studio_live_room",
    "auditorium": "openair_arthur_sykes_rymer_auditorium",
    "hall": "spokane_medium_hall",
}
ROOM_DB = -6.0
"""Level of the room's sound relative to the voice."""
COPIES = ("shifted", "formants", "rooms")
N_STEPS, SEED = 150, 1
N_FFT, N_CEPSTRAL, LARGEST_GAIN_DB = 2048, 90, 20.0


def arrange(data: Path, out: Path) -> None:
    """Folders of songs that name whom they belong to; sound is linked where it is as it was."""
    for folder in sorted((data / "stems").iterdir()):
        artist = json.loads((folder / "song.json").read_text(encoding="utf-8"))["artist"]
        for vocal in sorted(folder.glob("*_vocal.*")):
            place = out / "artist" / vocal.stem.removesuffix("_vocal")
            _linked(place, vocal, vocal.with_name(vocal.name.replace("_vocal", "_backing")))
            _told(place, song=folder.name, artist=artist)
    for folder in sorted((ROOT / "stimuli" / "demo" / "songs").iterdir()):
        place = out / "synthetic" / folder.name
        _linked(place, *(path for path in folder.iterdir() if path.name != "song.json"))
        _told(place, singer=VOICE)
    synth = sorted((data / "synth").glob("*_vocal.flac"))
    backings = [path.with_name(path.name.replace("_vocal", "_backing")) for path in synth]
    for vocal, backing in zip(synth, backings, strict=True):
        place = out / "synthetic" / vocal.stem.removesuffix("_vocal")
        _linked(place, vocal, backing)
        _told(place, singer=VOICE)
    for (name, singer), backing in zip(sorted(SINGERS.items()), backings, strict=False):
        vocal, rate = soundfile.read(data / "voices" / f"{name}.flac", dtype="float32")
        behind, _ = soundfile.read(backing, dtype="float32")
        _raw(out / "singers" / name, singer, vocal, behind, rate)
        for word, (up, down) in SPEEDS.items():
            moved = resample_poly(vocal, up, down)
            _raw(out / "shifted" / f"{name}_{word}", singer, moved, behind, rate)
        for word, ratio in FORMANTS.items():
            moved = formants_moved(vocal, ratio)
            _raw(out / "formants" / f"{name}_{word}", singer, moved, behind, rate)
        for word, room in ROOMS.items():
            response, response_rate = soundfile.read(data / "rirs" / f"{room}.flac")
            heard = in_room(vocal, resample_poly(response, rate, response_rate))
            _raw(out / "rooms" / f"{name}_{word}", singer, heard, behind, rate)


def _linked(place: Path, *files: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for file in files:
        plain = file.name if file.stem in ("vocal", "backing") else file.name.rpartition("_")[2]
        link = place / (plain if file.suffix != ".json" else file.name)
        link.unlink(missing_ok=True)
        link.symlink_to(file.resolve())


def _told(place: Path, **facts: object) -> None:
    (place / "song.json").write_text(json.dumps(facts) + "\n", encoding="utf-8")


def _raw(place: Path, singer: str, vocal: np.ndarray, backing: np.ndarray, rate: int) -> None:
    """A dry voice before a backing that is as long: its balance is nobody's choice."""
    place.mkdir(parents=True, exist_ok=True)
    repeated = np.tile(backing, (-(-len(vocal) // len(backing)), 1))[: len(vocal)]
    soundfile.write(place / "vocal.flac", np.clip(vocal, -1, 1), rate, subtype="PCM_24")
    soundfile.write(place / "backing.flac", repeated, rate, subtype="PCM_24")
    _told(place, singer=singer, raw=True)


def formants_moved(vocal: np.ndarray, ratio: float) -> np.ndarray:
    """A voice whose spectral envelope is moved by a ratio of frequencies, with the same pitch.

    Both are float32 ``(n_samples, n_channels)`` or ``(n_samples,)``. The envelope is that of the
    cepstrum's first coefficients; the gain of a bin is limited to ±20 dB.
    """
    _, _, spectra = stft(vocal, axis=0, nperseg=N_FFT)
    log_power = np.log(np.abs(spectra) ** 2 + 1e-12)
    cepstrum = np.fft.irfft(log_power, axis=0)
    cepstrum[N_CEPSTRAL : N_FFT - N_CEPSTRAL + 1] = 0  # pitch; the envelope varies slowly
    envelope = np.fft.rfft(cepstrum, axis=0).real
    places = np.indices(envelope.shape).astype(float)
    places[0] /= ratio
    moved = map_coordinates(envelope, places, order=1, mode="nearest")
    limit = LARGEST_GAIN_DB * np.log(10) / 10
    gain = np.exp(np.clip(moved - envelope, -limit, limit) / 2)
    _, sound = istft(spectra * gain, nperseg=N_FFT, freq_axis=0, time_axis=-1)
    whole = sound.T if vocal.ndim > 1 else sound
    return np.asarray(whole[: len(vocal)], dtype=np.float32)


def in_room(vocal: np.ndarray, response: np.ndarray) -> np.ndarray:
    """A voice ``(n_samples, n_channels)`` with a room's sound at ``ROOM_DB``, equally long."""
    voice = vocal.reshape(len(vocal), -1)
    room = fftconvolve(voice, response.reshape(len(response), -1).mean(1, keepdims=True), axes=0)
    room = room[: len(voice)]
    level = np.sqrt(np.mean(voice**2) / np.mean(room**2)) * 10 ** (ROOM_DB / 20)
    return np.asarray(voice + level * room, dtype=np.float32)


def ratios(
    teachers: Sequence[TaughtSong], asked: Sequence[TaughtSong], n_steps: int = N_STEPS
) -> dict[str, float]:
    """Error of a network over that of no equaliser, by group of the songs that are asked about."""
    network = fit(Examples(teachers), FitSettings("eq", n_steps), SEED).network
    constant = best_constant(teachers, "eq")
    found: dict[str, list[float]] = {}
    for song in asked:
        answers = ask(network, song, "eq", SEED)
        own, nothing = (
            natural_error(said, answers.truth, "eq").mean()
            for said in (answers.predicted, np.broadcast_to(constant, answers.truth.shape))
        )
        found.setdefault(song.together, []).append(own / nothing)
    return {group: float(np.mean(values)) for group, values in found.items()}


def songs_of(folder: Path) -> dict[str, list[TaughtSong]]:
    """Songs of each source; those of one singer are one group, whatever source they are in."""
    sources = sorted(path for path in folder.iterdir() if path.is_dir())
    by_name = {song.song: song for song in read_songs((folder,)).songs}
    return {
        source.name: [
            by_name[path.name] for path in sorted(source.iterdir()) if path.name in by_name
        ]
        for source in sources
    }


def without(songs: Iterable[TaughtSong], group: str) -> list[TaughtSong]:
    """Songs that are not of a group."""
    return [song for song in songs if song.together != group]


def effects(by_source: Mapping[str, Sequence[TaughtSong]]) -> None:
    """Print what each set of sources teaches about groups that are not in it."""
    originals = [song for name, songs in by_source.items() if name not in COPIES for song in songs]
    sets = {
        "artist": ("artist",), "synthetic": ("synthetic",), "singers": ("singers",),
        "artist, synthetic": ("artist", "synthetic"),
        "all three": ("artist", "synthetic", "singers"),
        **{f"all three, {copies}": ("artist", "synthetic", "singers", copies) for copies in COPIES},
    }  # fmt: skip
    for name, sources in sets.items():
        teachers = [song for source in sources for song in by_source.get(source, ())]
        _tell(name, _held_out(teachers, originals))


def _held_out(teachers: list[TaughtSong], asked: list[TaughtSong]) -> dict[str, float]:
    """Ratio of each group, of which none teaches: groups that no teacher has share one network."""
    taught = {song.together for song in teachers}
    strangers = [song for song in asked if song.together not in taught]
    found = ratios(teachers, strangers) if strangers else {}
    n_groups = len(taught)
    for group in sorted(taught) if n_groups > 1 else ():
        own = [song for song in asked if song.together == group]
        found |= ratios(without(teachers, group), own)
    return found


def _tell(name: str, found: Mapping[str, float]) -> None:
    told = ", ".join(f"{group} {ratio:.2f}" for group, ratio in sorted(found.items()))
    sys.stdout.write(f"{name}: mean {np.mean([*found.values()]):.3f}; {told}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1] == "arrange":
        arrange(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        effects(songs_of(Path(sys.argv[2])))

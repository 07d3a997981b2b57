"""Songs for training: their stems and their targets.

A song is a pair of files: ``vocal.*`` and ``backing.*`` in a separate folder, or ``NAME_vocal.*``
and ``NAME_backing.*``. If a folder also has ``NAME_full_vocal.*``, only the pair with this file is
used.

Targets from a song
-------------------
If a song has ``human.json`` beside its stems, the targets are the balance, the loudness range and
the reverb in this file. If there is a ``human.json``, the equaliser in this file is applied, and
the vocal is then treated as finished. A song without ``human.json`` is treated as a finished mix,
unless it is raw. A finished mix has three targets: the balance of the two files, the loudness range
of the vocal, and the estimated reverb of the vocal. A song is raw, and not finished, if its
``song.json`` has ``"raw": true`` or its vocal has almost no reverb. Nobody has chosen the balance
and the loudness range of a raw song, so they are not used as targets. A vocal without reverb is
treated as dry. The vocals of songs with ``human.json`` are also treated as dry. Random reverbs are
added to dry vocals. Stems made by ``mixtrial separate`` have only the balance as target, because
sound that leaks into the vocal's pauses falsifies loudness range and reverb.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mixing.audio import AudioError, Song
from mixing.effects.eq import apply_eq
from mixing.effects.level import relative_loudness_lu
from mixing.ingest.intake import read_song
from mixing.learning.data.groups import is_raw
from mixing.learning.data.song_files import check_folder
from mixing.learning.features.features import Clip, clips_of, log_mel_of
from mixing.learning.reverb_targets.blind import hear_reverb
from mixing.learning.reverb_targets.matching import match_heard
from mixing.learning.separation.stem_files import separated_by
from mixing.meters.loudness import loudness_range
from mixing.parameter_file import read_parameters
from mixing.parameters import CompressionTarget

# A vocal is treated as dry if its reverb tail is below this level, relative to the direct sound.
# Even the decay of a dry voice looks like a weak reverb tail.
DRY_BELOW_DB = -15.0
AUDIO_SUFFIXES = {".flac", ".ogg", ".wav"}


@dataclass(frozen=True, slots=True)
class StemPair:
    """Paths of a song's stems; ``human`` is the path of the song's parameter file, or None."""

    song: str
    vocal: Path
    backing: Path
    human: Path | None


@dataclass(frozen=True, slots=True)
class TaughtSong:
    """A song ready for training: its clips, and a target for each network that can use the song.

    ``targets`` has no ``"eq"``: targets of the equaliser are chosen at random for every batch.
    ``dry`` is true for a vocal without reverb, to which random reverbs are added. Songs with the
    same ``group`` are always in the same set (:mod:`mixing.learning.data.groups`). A song without a
    group name is a group of its own.
    """

    song: str
    source: str
    sample_rate: int
    clips: tuple[Clip, ...]
    targets: dict[str, npt.NDArray[np.float64]]
    dry: bool = False
    group: str = ""

    @property
    def together(self) -> str:
        """Name of the song's group."""
        return self.group or self.song

    def teaches(self, task: str) -> bool:
        """Whether the song has a target for the network ``task``."""
        return task == "eq" or task in self.targets or (task == "reverb" and self.dry)


def find_stems(folders: list[Path]) -> list[StemPair]:
    """Pairs of stems under the folders, sorted by name; songs with the same name are named by path.

    Raises
    ------
    AudioError
        A folder does not exist, or no folder contains a pair of stems.
    """
    pairs: dict[str, StemPair] = {}
    for folder in folders:
        check_folder(folder)
        for vocal in sorted(folder.rglob("*vocal.*")):
            backing = vocal.with_name(vocal.name.replace("vocal.", "backing."))
            if vocal.suffix not in AUDIO_SUFFIXES:
                continue
            if not backing.is_file():
                same = [vocal.parent / f"{_backing_stem(vocal)}{s}" for s in AUDIO_SUFFIXES]
                backing = next((path for path in same if path.is_file()), backing)
            full = vocal.stem.endswith("_full_vocal")
            has_full = any(vocal.parent.glob("*_full_vocal.*"))
            if backing.is_file() and full == has_full:
                human = vocal.parent / "human.json"
                song = _song_name(vocal)
                if song in pairs and pairs[song].vocal.parent != vocal.parent:
                    song = vocal.relative_to(folder).with_suffix("").as_posix()
                pairs[song] = StemPair(song, vocal, backing, human if human.is_file() else None)
    if not pairs:
        raise AudioError(
            f"There are no pairs of stems in {', '.join(map(str, folders))}; mixtrial prepare "
            "makes a dataset of finished mixes and of MUSDB18-HQ."
        )
    return [pairs[song] for song in sorted(pairs)]


def teach(pair: StemPair) -> TaughtSong:
    """Clips and targets of a song. Raises the errors of :func:`mixing.ingest.intake.read_song`."""
    song = read_song(pair.vocal, pair.backing)
    vocal, rate = song.vocal, song.sample_rate
    targets: dict[str, npt.NDArray[np.float64]] = {}
    dry, source = True, "finished stems"
    if pair.human is not None:
        wanted, source = read_parameters(pair.human), "set by hand"
        vocal = apply_eq(vocal, rate, wanted.eq)
        targets["level"] = np.array([wanted.relative_loudness_lu])
        if wanted.reverb is not None:
            targets["reverb"] = np.array(astuple(wanted.reverb))
        if isinstance(wanted.compression, CompressionTarget):
            targets["range"] = np.array([wanted.compression.lra_lu])
    else:
        is_separated = separated_by(pair.vocal.parent) is not None
        source = "separated mixes" if is_separated else source
        reverb = None if is_separated else heard_reverb(song)
        dry = reverb is None and not is_separated
        balance_lu = relative_loudness_lu(vocal, song.backing, rate)
        if balance_lu is not None and not dry and not is_raw(pair.vocal.parent):
            targets["level"] = np.array([balance_lu])
            if not is_separated:
                targets["range"] = np.array([loudness_range(vocal, rate)])
        if balance_lu is not None and reverb is not None:
            targets["reverb"] = reverb
    clips = clips_of(vocal, log_mel_of(song.backing, rate), rate)
    return TaughtSong(pair.song, source, rate, clips, targets, dry)


def heard_reverb(song: Song) -> npt.NDArray[np.float64] | None:
    """Ten parameters of a vocal's estimated reverb; None if the vocal is dry or too short."""
    try:
        heard = hear_reverb(song.vocal, song.sample_rate)
    except AudioError:
        return None
    if heard.level_db < DRY_BELOW_DB:
        return None
    return np.array(astuple(match_heard(heard, song.sample_rate, seed=0).parameters))


def _song_name(vocal: Path) -> str:
    name = vocal.stem.removesuffix("vocal").rstrip("_").removesuffix("_full")
    return name or vocal.parent.name


def _backing_stem(vocal: Path) -> str:
    return vocal.stem.removesuffix("vocal") + "backing"

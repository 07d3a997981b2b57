"""Training, validation and test sets. Songs or groups of songs are split, never their clips.

Clips of one song are very similar: after training on one clip, a network knows the song's other
clips. A test on another clip of a training song would not be meaningful. A song with a given split
keeps this split. Test songs of MUSDB18-HQ stay test songs. The training songs of MUSDB18-HQ are
divided into training songs and validation songs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from mixing.audio import AudioError

SPLITS = ("train", "validation", "test")
HELD_OUT_SHARE = 0.15  # share of the songs for validation; the test gets the same share


def split_songs(
    given: dict[str, str | None], seed: int, groups: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The split (training, validation or test) of each song.

    Parameters
    ----------
    given
        ``"train"``, ``"test"`` or None for each song. None means that the song can get any split.
        If no song has ``"test"``, all given splits are ignored, and every song can be used for
        training.
    seed
        Random seed that decides which songs are held out; groups are sorted by SHA-256 of seed and
        name.
    groups
        Name of the group of each song; songs of one group without a given split get the same split.
        If None, every song is a group of its own.

    Raises
    ------
    AudioError
        There are too few songs, or groups of songs, for three splits.
    """
    group = {song: (groups or {}).get(song, song) for song in given}
    if "test" not in given.values():
        given = dict.fromkeys(given)
    ordered = sorted(
        given, key=lambda song: (hashlib.sha256(f"{seed}/{group[song]}".encode()).digest(), song)
    )
    split = {song: "test" for song in ordered if given[song] == "test"}
    free = [song for song in ordered if given[song] is None]
    n_free_test = round(HELD_OUT_SHARE * len(free)) or (0 if split else 1)
    split |= dict.fromkeys(_whole_groups(free, n_free_test, group), "test")
    others = [song for song in ordered if song not in split]
    n_validation = max(1, round(HELD_OUT_SHARE * len(given)))
    n_validation = min(n_validation, max(len(others) - 1, 0))
    validating = _whole_groups(others, n_validation, group)
    split |= dict.fromkeys(validating, "validation")
    split |= dict.fromkeys(others[len(validating) :], "train")
    if set(split.values()) != set(SPLITS):
        n, n_groups = len(given), len(set(group.values()))
        of_groups = f" of {n_groups} artists or singers" if n_groups < n else ""
        raise AudioError(
            f"{n} song{'' if n == 1 else 's'}{of_groups} cannot be divided into training, "
            "validation and test: at least three are needed."
        )
    return {song: split[song] for song in given}


def _whole_groups(songs: list[str], n_songs: int, group: Mapping[str, str]) -> list[str]:
    """The first ``n_songs`` songs, and all other songs of the last song's group."""
    if n_songs == 0:
        return []
    last = group[songs[min(n_songs, len(songs)) - 1]]
    end = max(i for i, song in enumerate(songs) if group[song] == last) + 1
    return songs[:end]

"""Training, validation and test: divided by song, never by clip.

Clips of one song resemble each other so much that a network which has heard one knows the rest: a
test on them says nothing. Songs that come with a split keep it: MUSDB18-HQ's test songs stay test
songs, its training songs are divided into training and validation.
"""

from __future__ import annotations

import hashlib

from mixing.audio import AudioError

SPLITS = ("train", "validation", "test")
HELD_OUT_SHARE = 0.15  # of the songs for validation, and as many for the test


def split_songs(given: dict[str, str | None], seed: int) -> dict[str, str]:
    """Split of each song.

    Parameters
    ----------
    given
        ``"train"``, ``"test"`` or None (free to go anywhere) for each song. Without any test song,
        all are free.
    seed
        Which songs are held out: they come in the order of SHA-256 of seed and name.

    Raises
    ------
    AudioError
        There are too few songs for three splits.
    """
    if "test" not in given.values():
        given = dict.fromkeys(given)
    ordered = sorted(given, key=lambda song: hashlib.sha256(f"{seed}/{song}".encode()).digest())
    split = {song: "test" for song in ordered if given[song] == "test"}
    free = [song for song in ordered if given[song] is None]
    n_free_test = round(HELD_OUT_SHARE * len(free)) or (0 if split else 1)
    split |= dict.fromkeys(free[:n_free_test], "test")
    others = [song for song in ordered if song not in split]
    n_validation = max(1, round(HELD_OUT_SHARE * len(given)))
    n_validation = min(n_validation, max(len(others) - 1, 0))
    split |= dict.fromkeys(others[:n_validation], "validation")
    split |= dict.fromkeys(others[n_validation:], "train")
    if set(split.values()) != set(SPLITS):
        n = len(given)
        raise AudioError(
            f"{n} song{'' if n == 1 else 's'} cannot be divided into training, validation and "
            "test: at least three are needed"
        )
    return {song: split[song] for song in given}

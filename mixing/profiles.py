"""The two ways of mixing: as the seed study did, and as it should have.

``SEED`` repeats the seed's constants and meters, so that its results can be reproduced;
``CORRECTED`` mends what went wrong there. Every constant that differs between the two stands
here, with its unit in its name and its source beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ProfileName = Literal["seed", "corrected"]


@dataclass(frozen=True, slots=True)
class Profile:
    """Constants and variants of one way of mixing.

    Parameters
    ----------
    name
        ``"seed"`` or ``"corrected"``.
    lra_target_lu
        Loudness range aimed at by the baseline, on this profile's meter.
    relative_loudness_lu
        Vocal above backing (integrated), in LU.
    mix_loudness_lufs
        Integrated loudness of a finished mix.
    relative_reverb_loudness_lu
        Loudness of the reverb below the dry vocal; None: the seed's fixed dry/wet constant.
    """

    name: ProfileName
    lra_target_lu: float
    relative_loudness_lu: float
    mix_loudness_lufs: float
    relative_reverb_loudness_lu: float | None


SEED = Profile("seed", 16.36, -1.77, -28.0, None)
CORRECTED = Profile("corrected", 10.0, -3.4, -23.0, -14.0)


def profile_named(name: str) -> Profile:
    """Return the profile called ``name``; raise ``ValueError`` for any other word."""
    for profile in (SEED, CORRECTED):
        if profile.name == name:
            return profile
    raise ValueError(f"unknown profile {name!r}; choose seed or corrected")

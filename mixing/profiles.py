"""The two profiles of mixing: the method of Li (2022), and a corrected form of this method.

``LI2022`` has the constants and meters of Li (2022) [1]_; with them, the results of Li's study can
be reproduced. ``CORRECTED``, the default profile, corrects the errors of Li's study. This file
contains the constants of level, compression and equaliser. The names of the constants state their
units, and a comment beside each value states its source. The constants of reverb time and masking
are in the files of the rules (:mod:`mixing.rules`). Each rule gets a profile as an argument.

References
----------
.. [1] K. Li, "Automatic Vocal Mixing Using Convolutional Neural Networks", Georgia Tech, 2022.
.. [2] B. De Man, K. McNally, J. Reiss, "Perceptual evaluation and analysis of reverberation in
   multitrack music production", JAES 65(1/2), 2017.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ProfileName = Literal["li2022", "corrected"]


@dataclass(frozen=True, slots=True)
class Profile:
    """Constants of a mixing profile, and the methods that it uses.

    Parameters
    ----------
    name
        ``"li2022"`` or ``"corrected"``. The profile also chooses four methods: the loudness-range
        meter (``lra_100ms`` or ``loudness_range`` of :mod:`mixing.meters.loudness`), the
        compressor's law, the search for the compressor's setting, and the rule for masking
        (:mod:`mixing.rules.masking`).
    lra_target_lu
        Target loudness range of the baseline system, measured with this profile's meter.
    crest_floor_db, crest_share
        Target of the baseline for the crest factor (:mod:`mixing.meters.dynamics`): ``floor + share
        · (crest − floor)``, where crest is that of the unprocessed vocal. If None, the profile does
        not change the crest factor.
    relative_loudness_lu
        Integrated loudness of the vocal relative to the backing, in LU.
    mix_loudness_lufs
        Integrated loudness of a finished mix, in LUFS.
    relative_reverb_loudness_lu
        Loudness of the reverb relative to the dry vocal, in LU. If None, the dry/wet ratio is the
        constant of Li (2022).
    attack_ms, release_ms
        Attack and release times of a compressor whose target is a loudness range.
    eq_design
        Digital design of the peak filters, see :mod:`mixing.effects.eq`.
    """

    name: ProfileName
    lra_target_lu: float
    crest_floor_db: float | None
    crest_share: float
    relative_loudness_lu: float
    mix_loudness_lufs: float
    relative_reverb_loudness_lu: float | None
    attack_ms: float
    release_ms: float
    eq_design: Literal["matched", "rbj"]

    def crest_target_db(self, crest_db: float) -> float | None:
        """Target crest factor in dB for a vocal with ``crest_db``; None keeps the crest factor."""
        if self.crest_floor_db is None:
            return None
        return self.crest_floor_db + self.crest_share * max(crest_db - self.crest_floor_db, 0.0)


LI2022 = Profile(
    name="li2022",
    # mean loudness range of 21,936 separated vocals, measured with Li's (2022) 100 ms meter
    lra_target_lu=16.36,
    crest_floor_db=None,
    crest_share=1.0,
    relative_loudness_lu=-1.77,  # mean relative loudness of 21,936 separated vocals
    mix_loudness_lufs=-28.0,  # loudness of Li's (2022) normalised mixes
    # there is no target: every song has a dry/wet ratio of 0.11475, which gives a reverb tail of
    # about -38 dB
    relative_reverb_loudness_lu=None,
    attack_ms=30.0,
    release_ms=150.0,
    eq_design="rbj",  # Li's (2022) plug-in (IEM MultiEQ) uses bilinear peak filters
)

CORRECTED = Profile(
    name="corrected",
    # This is Li's (2022) target, converted from the 100 ms meter to the usual EBU meter. The
    # finished vocals of five complete songs (CC0 stems) have a mean loudness range of 11.6 LU on
    # the EBU meter and of 16.8 LU on the 100 ms meter. The difference is 5.2 ± 0.7 LU.
    lra_target_lu=11.0,
    # A steadily sung tone has a crest factor of 7 to 11 dB in windows of 50 ms; the median of 41
    # vocals is 9.6 dB. Uneven singing raises the crest factor. The baseline system removes two
    # fifths of the excess over `crest_floor_db`.
    crest_floor_db=9.0,
    crest_share=0.6,
    # Of all constants, this value has the smallest mean error for the 50 MUSDB18-HQ test songs
    # (0.98 LU). The value of the li2022 profile, -1.77 LU, is measured on separated clips of
    # another collection. For the 50 test songs, the mean error of the value -1.77 LU is 1.96 LU.
    relative_loudness_lu=-3.43,
    mix_loudness_lufs=-23.0,  # EBU R 128
    # In [2], listeners preferred a relative reverb loudness of -14 LU. A relative reverb loudness
    # of -9 LU or more was always called too reverberant.
    relative_reverb_loudness_lu=-14.0,
    attack_ms=30.0,  # attack and release times of Li (2022)
    release_ms=150.0,
    eq_design="matched",
)


def profile_named(name: str) -> Profile:
    """Return the profile with this ``name``. Raise ``ValueError`` if there is no such profile."""
    for profile in (LI2022, CORRECTED):
        if profile.name == name:
            return profile
    raise ValueError(f"Unknown profile {name!r}; choose li2022 or corrected.")

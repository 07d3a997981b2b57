"""The two profiles of mixing: as Li (2022) mixed, and with corrections.

``LI2022`` has the constants and meters of Li (2022) [1]_, so that the results of that study can be
reproduced. ``CORRECTED``, the default profile, corrects the errors of that study. The constants of
level, compression and equaliser are in this file, with the unit in the name and the source beside
the value. The constants of reverb time and masking are in the files of their rules
(:mod:`mixing.rules`), which get a profile as an argument.

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
    """Constants and variants of one way of mixing.

    Parameters
    ----------
    name
        ``"li2022"`` or ``"corrected"``. The profile also chooses the loudness-range meter
        (``lra_100ms`` or ``loudness_range`` of :mod:`mixing.meters.loudness`), the compressor's law
        and the search for its setting, and which rule finds masking (:mod:`mixing.rules.masking`).
    lra_target_lu
        Target loudness range of the baseline, on this profile's meter.
    crest_floor_db, crest_share
        Target of the baseline for the crest factor (:mod:`mixing.meters.dynamics`): ``floor + share
        · (crest − floor)``, where crest is that of the unprocessed vocal. None: the profile ignores
        the crest factor.
    relative_loudness_lu
        Integrated loudness of the vocal relative to the backing, in LU.
    mix_loudness_lufs
        Integrated loudness of a finished mix.
    relative_reverb_loudness_lu
        Loudness of the reverb relative to the dry vocal; None: Li's (2022) constant dry/wet ratio.
    attack_ms, release_ms
        Time constants of the compressor if its target is a loudness range.
    eq_design
        Digital form of the peak filters, see :mod:`mixing.effects.eq`.
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
        """Target crest factor in dB for a vocal with this crest factor; None: no change."""
        if self.crest_floor_db is None:
            return None
        return self.crest_floor_db + self.crest_share * max(crest_db - self.crest_floor_db, 0.0)


LI2022 = Profile(
    name="li2022",
    lra_target_lu=16.36,  # mean of 21,936 separated vocals, on Li's (2022) 100 ms meter
    crest_floor_db=None,
    crest_share=1.0,
    relative_loudness_lu=-1.77,  # mean of the same separated vocals
    mix_loudness_lufs=-28.0,  # loudness of Li's (2022) normalised mixes
    relative_reverb_loudness_lu=None,  # dry/wet 0.11475 for every song: a tail of about -38 dB
    attack_ms=30.0,
    release_ms=150.0,
    eq_design="rbj",  # Li's (2022) plug-in (IEM MultiEQ) uses bilinear peak filters
)

CORRECTED = Profile(
    name="corrected",
    # Li's (2022) target converted to the usual meter: on it, the finished vocals of five complete
    # songs (CC0 stems) read 5.2 ± 0.7 LU less than on the 100 ms meter (means 11.6 and 16.8 LU).
    lra_target_lu=11.0,
    # A steadily sung tone has a crest factor of 7 to 11 dB (in windows of 50 ms; median of 41
    # vocals: 9.6 dB). A larger crest factor comes from uneven singing; the baseline removes two
    # fifths of the excess.
    crest_floor_db=9.0,
    crest_share=0.6,
    # Best constant for the 50 MUSDB18-HQ test songs (mean error 0.98 LU). The value -1.77 comes
    # from separated clips of another collection and has an error of 1.96 LU for these songs.
    relative_loudness_lu=-3.43,
    mix_loudness_lufs=-23.0,  # EBU R 128
    # In [2], -14 LU was preferred, and listeners always called -9 LU and above too reverberant.
    relative_reverb_loudness_lu=-14.0,
    attack_ms=30.0,  # same times as in Li (2022)
    release_ms=150.0,
    eq_design="matched",
)


def profile_named(name: str) -> Profile:
    """Return the profile called ``name``; raise ``ValueError`` for any other name."""
    for profile in (LI2022, CORRECTED):
        if profile.name == name:
            return profile
    raise ValueError(f"Unknown profile {name!r}; choose li2022 or corrected.")

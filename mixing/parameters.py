"""Description of a mix: parameters of all effects, and a report of the processing.

Conventions
-----------
Gains in dB, frequencies in Hz, times in the unit of the name (``attack_ms``, ``reverb_time_s``),
loudness in LUFS, loudness differences and ranges in LU. All records of a mix are frozen
dataclasses. The system that makes a mix creates the records; all other code only reads them.

Contents, in reading order: a record for each stage of the chain (``EqBand``, ``CompressionTarget``
/ ``CompressionSettings``, ``ReverbParameters``), all stages together (``MixParameters``), the
results (``CompressionResult``, ``MixReport``), and the mix with its audio (``Mix``).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from mixing.audio import Audio


@dataclass(frozen=True, slots=True)
class EqBand:
    """A peak filter: centre frequency in Hz, gain in dB (−15 to 15), and quality factor."""

    frequency_hz: float
    gain_db: float
    q: float = 1.0


@dataclass(frozen=True, slots=True)
class CompressionTarget:
    """Compression until the loudness range in LU (on the profile's meter) is at most ``lra_lu``.

    If ``crest_db`` is given, a fast compressor must also reduce the crest factor of the active
    blocks (:mod:`mixing.meters.dynamics`) to ``crest_db``. The profile ``li2022`` ignores the crest
    factor.
    """

    lra_lu: float
    crest_db: float | None = None


@dataclass(frozen=True, slots=True)
class CompressionSettings:
    """Fixed compressor settings; no search for a loudness range is made."""

    threshold_db: float
    ratio: float
    attack_ms: float
    release_ms: float


@dataclass(frozen=True, slots=True)
class ReverbParameters:
    """The ten parameters of the feedback delay network, with the ranges of Li (2022).

    Ranges: ``dry_wet`` 0–1, ``reverb_time_s`` 0.1–9 (T60), ``fade_in_s`` 0–9, ``room_size`` 1–30,
    shelf frequencies 20–20 000 Hz, shelf gains in **dB per second** (low −80 to 6, high −80 to 4),
    shelf Q 0.01–0.9.
    """

    dry_wet: float
    reverb_time_s: float
    fade_in_s: float
    room_size: float
    low_shelf_frequency_hz: float
    low_shelf_gain_db_per_s: float
    low_shelf_q: float
    high_shelf_frequency_hz: float
    high_shelf_gain_db_per_s: float
    high_shelf_q: float


@dataclass(frozen=True, slots=True)
class ReverbTarget:
    """Reverb with a target loudness in LU relative to the dry sound, which sets the dry/wet ratio.

    The dry/wet ratio in ``parameters`` is not used. If ``held`` is True, the loudness of the reverb
    has a limit, which depends on the reverb's early decay time. The limit is chosen so that most
    listeners would not call the reverb too strong
    (:func:`mixing.effects.reverb_loudness.loudest_preferred_lu`).
    """

    parameters: ReverbParameters
    relative_loudness_lu: float
    held: bool = False


@dataclass(frozen=True, slots=True)
class MixParameters:
    """All parameters that a mix needs, as in a parameter file for the system ``human``.

    If ``compression`` or ``reverb`` is None, this stage is left out.
    """

    eq: tuple[EqBand, ...]
    compression: CompressionTarget | CompressionSettings | None
    reverb: ReverbParameters | None
    relative_loudness_lu: float


@dataclass(frozen=True, slots=True)
class CompressionResult:
    """Settings of the compressor, and the resulting loudness range and crest factor.

    If the compressor did not have a target, the target is None. ``reached`` is False if no allowed
    setting reduces the loudness range to its target. The crest factor is as close to its target as
    the limits of the settings allow. For the profile ``li2022``, the crest factor is None, because
    it is not measured.
    """

    threshold_db: float
    ratio: float
    attack_ms: float
    release_ms: float
    lra_before_lu: float
    lra_after_lu: float
    lra_target_lu: float | None
    reached: bool
    crest_before_db: float | None = None
    crest_after_db: float | None = None
    crest_target_db: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Entries for a report; if the crest factor is None, its entries are left out."""
        return {
            name: value
            for name, value in asdict(self).items()
            if value is not None or not name.startswith("crest")
        }


@dataclass(frozen=True, slots=True)
class MixReport:
    """Description of a mix: the parameters that were used, and the resulting levels.

    ``notes`` are sentences for the user (for instance "the vocal is silent"). ``extra`` contains
    measurements that only some systems make, such as tempo and relative reverb loudness.
    """

    system: str
    profile: str
    eq: tuple[EqBand, ...]
    compression: CompressionResult | None
    reverb: ReverbParameters | None
    relative_loudness_lu: float | None
    integrated_lufs: float
    true_peak_dbtp: float
    notes: tuple[str, ...] = ()
    extra: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``mixtrial mix`` prints and that the manifest stores."""
        return {
            "system": self.system,
            "profile": self.profile,
            "eq": [asdict(band) for band in self.eq],
            "compression": self.compression.as_json() if self.compression else None,
            "reverb": asdict(self.reverb) if self.reverb else None,
            "level": {"relative_loudness_lu": self.relative_loudness_lu},
            "output": {
                "integrated_lufs": self.integrated_lufs,
                "true_peak_dbtp": self.true_peak_dbtp,
            },
            "measured": dict(self.extra),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Mix:
    """A rendered mix: ``audio`` is the sum of ``vocal`` and ``backing``, each (2, n_samples).

    If the mix is a finished file given to the system ``human``, there are no separate stems, so
    both stems are None. The mix of a disposable song has only one separate stem, the vocal, because
    ``audio`` uses the memory of the backing.
    """

    audio: Audio
    vocal: Audio | None
    backing: Audio | None
    sample_rate: int
    report: MixReport

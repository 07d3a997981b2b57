"""Recommendations on listening tests: what they are called here, and the words of their scale."""

from __future__ import annotations

MUSHRA = "ITU-R BS.1534-3"
SMALL_IMPAIRMENTS = "ITU-R BS.1116-3"
NO_REFERENCE = "ITU-R BS.2132-0"
CATEGORIES = "ITU-T P.800"
R128 = "EBU R 128"

QUALITY_LABELS: dict[str, tuple[str, ...]] = {
    "en": ("Bad", "Poor", "Fair", "Good", "Excellent"),
    "de": ("Schlecht", "Dürftig", "Ordentlich", "Gut", "Ausgezeichnet"),
    "fr": ("Mauvais", "Médiocre", "Assez bon", "Bon", "Excellent"),
    "zh": ("劣", "差", "中", "良", "优"),
}
"""Words of the continuous quality scale, from 0 to 100 (BS.1534-3, clause 5.4)."""

IMPAIRMENT_LABELS: dict[str, tuple[str, ...]] = {
    "en": (
        "Very annoying",
        "Annoying",
        "Slightly annoying",
        "Perceptible, but not annoying",
        "Imperceptible",
    ),
    "de": (
        "Sehr störend",
        "Störend",
        "Leicht störend",
        "Wahrnehmbar, aber nicht störend",
        "Nicht wahrnehmbar",
    ),
    "fr": (
        "Très gênant",
        "Gênant",
        "Légèrement gênant",
        "Perceptible, mais non gênant",
        "Imperceptible",
    ),
    "zh": ("非常讨厌", "讨厌", "稍有讨厌", "可察觉但不讨厌", "不可察觉"),
}
"""Words of the continuous five-grade impairment scale, from 1.0 to 5.0 (BS.1116-3, clause 4)."""

"""Recommendations on listening tests: what they are called here, and the words of their scale."""

from __future__ import annotations

MUSHRA = "ITU-R BS.1534-3"
SMALL_IMPAIRMENTS = "ITU-R BS.1116-3"
NO_REFERENCE = "ITU-R BS.2132-0"
CATEGORIES = "ITU-T P.800"
CROWD = "ITU-T P.808"
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

DEGRADATION_LABELS: dict[str, tuple[str, ...]] = {
    "en": (
        "Degradation is very annoying", "Degradation is annoying",
        "Degradation is slightly annoying", "Degradation is audible but not annoying",
        "Degradation is inaudible",
    ),
    "de": (
        "Verschlechterung ist sehr störend", "Verschlechterung ist störend",
        "Verschlechterung ist etwas störend", "Verschlechterung ist hörbar, aber nicht störend",
        "Verschlechterung ist unhörbar",
    ),
    "fr": (
        "La dégradation est très gênante", "La dégradation est gênante",
        "La dégradation est légèrement gênante", "La dégradation est audible mais non gênante",
        "La dégradation est inaudible",
    ),
    "zh": (
        "劣化非常令人讨厌", "劣化令人讨厌", "劣化稍微令人讨厌", "劣化可听到但不令人讨厌",
        "劣化听不到",
    ),
}  # fmt: skip
"""Grades 1 to 5 of the degradation category scale (P.800, Annex D)."""

COMPARISON_LABELS: dict[str, tuple[str, ...]] = {
    "en": (
        "Much worse", "Worse", "Slightly worse", "About the same", "Slightly better", "Better",
        "Much better",
    ),
    "de": (
        "Viel schlechter", "Schlechter", "Etwas schlechter", "Ungefähr gleich", "Etwas besser",
        "Besser", "Viel besser",
    ),
    "fr": (
        "Bien plus mauvaise", "Plus mauvaise", "Légèrement plus mauvaise", "À peu près identique",
        "Légèrement meilleure", "Meilleure", "Bien meilleure",
    ),
    "zh": ("差得多", "较差", "稍差", "大致相同", "稍好", "较好", "好得多"),
}  # fmt: skip
"""Grades −3 to 3 of the comparison category scale (P.800, Annex E)."""

EFFORT_LABELS: dict[str, tuple[str, ...]] = {
    "en": (
        "No meaning understood with any feasible effort", "Considerable effort required",
        "Moderate effort required", "Attention necessary; no appreciable effort required",
        "Complete relaxation possible; no effort required",
    ),
    "de": (
        "Auch mit aller Anstrengung nicht zu verstehen", "Beträchtliche Anstrengung nötig",
        "Mäßige Anstrengung nötig", "Aufmerksamkeit nötig, keine nennenswerte Anstrengung",
        "Völlig entspannt, keine Anstrengung nötig",
    ),
    "fr": (
        "Aucun sens compris malgré tous les efforts possibles", "Effort considérable nécessaire",
        "Effort modéré nécessaire", "Attention nécessaire, sans effort appréciable",
        "Détente complète possible, sans effort",
    ),
    "zh": (
        "尽一切努力也听不懂", "需要相当大的努力", "需要中等努力", "需要注意、不需明显努力",
        "可完全放松、不需努力",
    ),
}  # fmt: skip
"""Grades 1 to 5 of the listening-effort scale (P.800, Annex B)."""

LOUDNESS_LABELS: dict[str, tuple[str, ...]] = {
    "en": (
        "Much quieter than preferred", "Quieter than preferred", "Preferred",
        "Louder than preferred", "Much louder than preferred",
    ),
    "de": (
        "Viel leiser als gewünscht", "Leiser als gewünscht", "Wie gewünscht",
        "Lauter als gewünscht", "Viel lauter als gewünscht",
    ),
    "fr": (
        "Beaucoup plus faible que souhaité", "Plus faible que souhaité", "Comme souhaité",
        "Plus fort que souhaité", "Beaucoup plus fort que souhaité",
    ),
    "zh": ("比理想的轻得多", "比理想的轻", "理想", "比理想的响", "比理想的响得多"),
}  # fmt: skip
"""Grades 1 to 5 of the loudness-preference scale (P.800, Annex B)."""

OPINION_LABELS: dict[str, dict[str, tuple[str, ...]]] = {
    "quality": QUALITY_LABELS, "effort": EFFORT_LABELS, "loudness": LOUDNESS_LABELS,
}  # fmt: skip
"""Words of the opinion scales of P.800, Annex B, in each language, from grade 1 to grade 5."""

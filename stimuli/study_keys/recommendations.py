"""Recommendations on listening tests: their short names, and the words of their scales.

Conventions
-----------
The words are in ``stimuli/locales/``, from the lowest grade to the highest. The scale ``quality``
has two forms. One form is the continuous quality scale from 0 to 100 (BS.1534-3, clause 5.4). The
other form is the scale of listening quality from 1 to 5 (P.800, Annex B). The scale ``impairment``
is the five-grade impairment scale from 1.0 to 5.0 (BS.1116-3, clause 4). The scale ``degradation``
is the degradation scale of P.800 from 1 to 5 (Annex D). The scale ``comparison`` is from -3 to 3
(P.800, Annex E). The scales ``effort`` and ``loudness`` are from 1 to 5 (P.800, Annex B).
"""

from __future__ import annotations

from stimuli.study_keys.default_texts import LANGUAGES, language_file

MUSHRA = "ITU-R BS.1534-3"
SMALL_IMPAIRMENTS = "ITU-R BS.1116-3"
NO_REFERENCE = "ITU-R BS.2132-0"
CATEGORIES = "ITU-T P.800"
CROWD = "ITU-T P.808"
R128 = "EBU R 128"


def scale_words(scale: str, language: str) -> tuple[str, ...]:
    """Words of a recommendation's scale in one language; the word of the lowest value is first."""
    return tuple(language_file(language)["scales"][scale]["words"])


def translations(scale: str) -> dict[str, tuple[str, ...]]:
    """Words of a recommendation's scale in every language of mixtrial."""
    return {language: scale_words(scale, language) for language in LANGUAGES}

"""Checks of a study's languages: scale words that nobody has reviewed, and missing texts."""

from __future__ import annotations

from collections.abc import Iterator

from stimuli.study.manifest import Manifest
from stimuli.study.study import Study
from stimuli.study_keys.default_texts import (
    LANGUAGES,
    OF_SCALES,
    REVIEWED,
    default_labels,
    language_file,
)
from stimuli.study_keys.rated_scale import Words

NAMED_AT_MOST = 5


def unreviewed_scale_words(study: Study, _manifest: Manifest | None) -> str | None:
    """List the languages whose scale words no native reader has checked.

    Scale words from the published translation of a recommendation count as checked. Words that the
    study's author wrote into the study file are also treated as checked.
    """
    found = [
        f"{language}: {', '.join(words)}"
        for language in study.spoken
        for words in sorted(_words_of(study.in_language(language)))
        if not _is_checked(study, language, words)
    ]
    return "; ".join(found) or None


def _is_checked(study: Study, language: str, words: Words) -> bool:
    own = study.own_language(language)
    if own.reviewed_by:
        return True
    if language in LANGUAGES and words in _brought(language):
        return bool(language_file(language)[REVIEWED]) or words in _published(language)
    return language == study.language and language in LANGUAGES and not own.study


def _words_of(spoken: Study) -> set[Words]:
    """Words of all scales that are used for ratings."""
    return {
        part.scales[name].words
        for part in spoken.page_parts
        if part.has_ratings
        for name in part.options.answered(part.attributes)
        if part.scales[name].words
    }


def _brought(language: str) -> set[Words]:
    """Words of all scales in the file of a language."""
    scales = language_file(language)[OF_SCALES].values()
    return {default_labels(language), *(tuple(scale["words"]) for scale in scales)}


def _published(language: str) -> set[Words]:
    scales = language_file(language)[OF_SCALES].values()
    return {tuple(scale["words"]) for scale in scales if scale.get("from")}


def untranslated_texts(study: Study, _manifest: Manifest | None) -> str | None:
    """List the texts of the study file that another language of the study does not have."""
    of_study = dict(_texts(study))
    found = []
    for language in study.spoken:
        if language == study.language:
            continue
        theirs = dict(_texts(study.in_language(language)))
        same = [key for key, text in of_study.items() if text and theirs.get(key) == text]
        if same:
            more = f" and {len(same) - NAMED_AT_MOST} more" if same[NAMED_AT_MOST:] else ""
            found.append(f"{language}: {', '.join(same[:NAMED_AT_MOST])}{more}")
    return "; ".join(found) or None


def _texts(study: Study) -> Iterator[tuple[str, str]]:
    """Sentences that participants read, by their keys in the study file; names are left out."""
    for key in ("welcome", "consent", "thanks"):
        yield key, getattr(study, key)
    yield "contact.text", study.contact.text or ""
    for attribute in study.attributes:
        yield f"attributes.{attribute.name}.question", attribute.question
    for key, options in (("groups", study.groups), ("devices", study.devices)):
        for option in options:
            yield f"{key}.{option.name}", option.label
    for arm in study.arms:
        yield f"arms.{arm.name}", arm.instructions
    for questionnaire in study.questionnaires:
        for question in questionnaire.questions:
            place = f"questionnaires.{questionnaire.name}.questions.{question.name}"
            yield f"{place}.label", question.label
            for choice in question.choices:
                yield f"{place}.choices.{choice.name}", choice.label

"""One question on the page: a field that fits its type, and its answer as text."""

from __future__ import annotations

import html
import re

import streamlit as st

from mixtrial.server.language import Locale
from stimuli.study_keys.keys import AnswerOption
from stimuli.study_keys.questionnaires import MAX_TEXT, PREFER_NOT_TO_SAY, Question

_MARKUP = re.compile(
    r"\\(?=[^\w\s])|`|\*|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"
    r"|\[(?=[^\]]*\][(\[:])|(?<=\w)\[|&(?=#?\w+;)|^[#>+-](?= )"
)
"""Characters that begin markup: code, emphasis, links, headings, lists."""

_LIGATURE = re.compile(r"(?<=:)(?=[\w/+-]+[:\\\[])|(?<=[-<])(?=-)|(?<=-)(?=>)|(?<=[<>~])(?==)")
"""Places within icons, coloured words and arrows, which no backslash keeps apart."""

WORD_JOINER = "\u2060"
MAX_NUMBER_SIGNS = 40


def described(label: str) -> tuple[str, str]:
    """A label's name and its description: the text before and after the first colon."""
    name, *description = re.split("[:\N{FULLWIDTH COLON}]", label, maxsplit=1)
    return name.strip(), "".join(description).strip()


def plain(text: str) -> str:
    """Text with escaped characters, because Streamlit reads labels as Markdown.

    Only characters that would be markup are escaped, because a screen reader reads each backslash
    aloud.
    """
    escaped = _MARKUP.sub(r"\\\g<0>", text)
    for sign in "$~":  # a single $ or ~ is not markup
        if text.count(sign) > 1:
            escaped = escaped.replace(sign, f"\\{sign}")
    escaped = _LIGATURE.sub(WORD_JOINER, escaped)
    return re.sub(r"^(\d+)([.)] )", r"\1\\\2", escaped)


def draw_question(
    question: Question, locale: Locale, key: str, stored: str | None = None
) -> str | None:
    """Draw a question, filled with the stored answer; return the answer in the field, or None."""
    label = _label(question, locale)
    if question.type == "multiple":
        return _several(question, label, locale, key, stored)
    if question.type in ("choice", "scale"):
        return _one(question, label, locale, key, stored)
    if question.type == "number":
        return _number(question, label, key, stored)
    written: str = st.text_area(
        plain(label), value=stored or "", key=key, max_chars=MAX_TEXT, height=110
    )
    return written or None


def draw_fault(question: Question, fault: str, locale: Locale) -> None:
    """Show the fault of an answer below the question."""
    if fault == "missing":
        draw_missing(locale)
        return
    sentence = _limits(question, locale)
    if fault == "not_a_number":
        sentence = locale.text("number_whole")
        if question.decimals:
            sentence = locale.text("number_decimals", decimals=question.decimals)
    st.html(f'<p class="mx-fault">{html.escape(sentence)}</p>')


def draw_missing(locale: Locale) -> None:
    """Show a note below a question that has no answer yet."""
    st.html(f'<p class="mx-fault">{html.escape(locale.text("question_missing"))}</p>')


def draw_open_questions(locale: Locale) -> None:
    """Show, above the pressed button, the message that the marked questions are still open."""
    sentence = html.escape(locale.text("answers_missing"))
    st.html(f'<p class="mx-alert" role="alert">{sentence}</p>')


def choice_field(
    question: str, choices: tuple[AnswerOption, ...], key: str, stored: str | None = None
) -> str | None:
    """Draw choices below each other, with small descriptions; return the name of the chosen one."""
    by_name = {choice.name: described(choice.label) for choice in choices}
    captions = [plain(description) for _, description in by_name.values()]
    names = list(by_name)
    chosen: str | None = st.radio(
        plain(question),
        names,
        index=names.index(stored) if stored in names else None,
        format_func=lambda name: plain(by_name[name][0]),
        captions=captions if any(captions) else None,
        key=key,
    )
    return chosen


def _limits(question: Question, locale: Locale) -> str:
    low, high = (_number_words(end) for end in (question.minimum, question.maximum))
    if question.type != "number":
        return locale.text("question_alone")
    if low and high:
        return locale.text("number_between", low=low, high=high)
    return locale.text("number_from", low=low) if low else locale.text("number_to", high=high)


def _label(question: Question, locale: Locale) -> str:
    label = question.label
    ends = [
        f"{number} = {words}"
        for number, words in (
            (question.points[0], question.low_label),
            (question.points[-1], question.high_label),
        )
        if words
    ] if question.type == "scale" else []  # fmt: skip
    notes = ends or ([question.unit] if question.unit else [])
    if notes:
        label = f"{label} ({', '.join(notes)})"
    return label if question.required else locale.text("optional", question=label)


def _one(
    question: Question, label: str, locale: Locale, key: str, stored: str | None
) -> str | None:
    unsaid = AnswerOption(name=PREFER_NOT_TO_SAY, label=locale.text("prefer_not_to_say"))
    if question.type == "choice":
        extra = (unsaid,) if question.prefer_not_to_say else ()
        return choice_field(label, (*question.choices, *extra), key, stored)
    names = list(question.possible)
    chosen: str | None = st.radio(
        plain(label),
        names,
        index=names.index(stored) if stored in names else None,
        format_func=lambda name: plain(unsaid.label) if name == unsaid.name else name,
        horizontal=True,
        key=key,
    )
    return chosen


def _several(
    question: Question, label: str, locale: Locale, key: str, stored: str | None
) -> str | None:
    labels = {choice.name: choice.label for choice in question.choices}
    if question.prefer_not_to_say:
        labels[PREFER_NOT_TO_SAY] = locale.text("prefer_not_to_say")
    taken = st.pills(
        plain(label),
        list(labels),
        selection_mode="multi",
        default=[name for name in (stored or "").split() if name in labels],
        format_func=lambda name: plain(labels[name]),
        key=key,
    )
    return " ".join(name for name in labels if name in taken) or None


def _number(question: Question, label: str, key: str, stored: str | None) -> str | None:
    # A number field would interpret "2,5" according to the browser's language. The page's script
    # reads from the widget's key which keyboard a phone should show.
    mode = "decimal" if question.decimals else "numeric"
    if question.minimum is None or question.minimum < 0:
        mode = "text"  # a phone's keyboard for digits has no minus sign
    typed: str = st.text_input(
        plain(label), stored or "", key=f"{mode}-{key}", max_chars=MAX_NUMBER_SIGNS
    )
    return typed or None


def _number_words(end: float | None) -> str:
    return "" if end is None else f"{end:g}"

"""webMUSHRA: a YAML file of pages, with paths that start at the site's folder.

Configurations of pymushra have the same form as those of webMUSHRA. The texts of webMUSHRA are
HTML, and its YAML parser is lenient (:mod:`mixtrial.imports.reading.lenient_yaml`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mixtrial.imports.reading.lenient_yaml import Entry, read_lenient_yaml
from mixtrial.imports.reading.notes import Keys, Notes, shown
from mixtrial.imports.reading.project import Project
from mixtrial.imports.studies.gathered import MOST_OF_A_TITLE, Gathered
from mixtrial.imports.studies.imported_study import (
    Asked,
    ImportedPage,
    ImportedStudy,
    PageOptions,
    StudyReader,
)
from mixtrial.imports.studies.webmushra_words import (
    LOST,
    NOT_HERE,
    REFERENCE,
    beside_reference,
    must_listen,
    questionnaire,
    scale_of_responses,
)
from stimuli.study.found_files import name_of
from stimuli.study_keys.default_texts import LANGUAGES
from stimuli.study_keys.faults import nearest_in_brackets
from stimuli.study_keys.rated_scale import FEWEST_LABELS, MOST_LABELS


def _is_mine(text: str) -> bool:
    """Whether the file has pages, and a test name or an identifier."""
    keys = set(re.findall(r"""^["']?(\w+)["']?\s*:""", text, re.MULTILINE))
    return "pages" in keys and bool(keys & {"testname", "testId"})


def _read(project: Project, notes: Notes) -> ImportedStudy:
    source = read_lenient_yaml(project.file.name, project.text)
    for line in source.quoted:
        notes.assumed(line, "the text holds a colon or a #; it is read as one text")
    for line, key in source.replaced:
        notes.assumed(line, f"the key {key} stands twice; the last one counts")
    reading = _Reading(project, notes)
    reading.read(source.root)
    return reading.study()


class _Reading(Gathered):
    """One configuration, from its top to its last page."""

    def read(self, root: Entry) -> None:
        keys = Keys(root, self.notes, LOST)
        title, name = keys.taken("testname", "the title"), keys.taken("testId", "the identifier")
        self.title = self.words(title.text, title.line, MOST_OF_A_TITLE) if title else ""
        identifier = name_of(name.text).lstrip("_-")[:64] if name else ""
        if name and identifier.isascii() and identifier:
            self.keys["identifier"] = identifier
            if identifier != name.text:
                self.notes.assumed(name.line, f"the identifier is {identifier}")
        self._read_language(keys.get("language"))
        if keys.flag("showButtonPreviousPage", "back under pages"):
            self.page_keys["back"] = True
        self.keys["loudness"] = "check"
        self.notes.assumed(0, "recordings are played as loud as they come (loudness: check)")
        self.notes.assumed(
            0, "every slider has to be moved; webMUSHRA takes 100 for an untouched one"
        )
        self.notes.assumed(0, "group and device are asked of everybody, as in every study here")
        pages = keys.get("pages")
        if pages is not None:
            self._walk(pages.items, pages.line, is_shuffled=False)
        keys.close()

    def _read_language(self, entry: Entry | None) -> None:
        if entry is None:
            return
        if entry.text in LANGUAGES:
            self.keys["language"] = entry.text
            self.notes.taken(entry.line, "language is the language")
        else:
            self.notes.lost(
                entry.line, f"language ({shown(entry)}): there are {', '.join(LANGUAGES)}"
            )

    def _walk(self, entries: tuple[Entry, ...], line: int, is_shuffled: bool) -> None:
        """Read pages in order; lists of pages can be nested."""
        if not is_shuffled:
            self.notes.assumed(
                line, "pages that ask the same come in an order of their own for each participant"
            )
        for entry in entries:
            if entry.items:
                is_random = entry.items[0].text == "random"
                if is_random:
                    self.notes.taken(entry.line, "random: the pages of a part are in random order")
                self._walk(entry.items[is_random:], entry.line, is_random)
            elif entry.keys:
                self._page(entry)
            else:
                self.notes.lost(entry.line, f"{shown(entry)}: no page")

    def _page(self, entry: Entry) -> None:
        keys = Keys(entry, self.notes, LOST)
        kind = keys.get("type")
        word = kind.text if kind else ""
        read = _PAGES.get(word)
        if read is not None:
            read(self, keys)
            for key in ("id", "name", "content"):  # every page can have these keys
                keys.get(key)
            keys.close()
            return
        why = (
            NOT_HERE.get(word)
            or f"no page type of webMUSHRA{nearest_in_brackets(word, (*_PAGES, *NOT_HERE))}"
        )
        self.stays_as_it_is((entry.line, entry.last_line), word or "a page without type", why)

    # pages with sound

    def _mushra(self, keys: Keys) -> None:
        files, reference = self._files(keys), self._reference(keys)
        wanted = {"createAnchor35": "low", "createAnchor70": "mid"}
        anchors = [own for key, own in wanted.items() if keys.flag(key, f"the {own} anchor")]
        options: PageOptions = {"anchors": anchors, **self._playback(keys)}
        if keys.flag("switchBack", "on_switch: restart"):
            options["on_switch"] = "restart"
        if len(anchors) < len(wanted):
            self.notes.assumed(
                keys.line, "without both anchors this is not MUSHRA (BS.1534-3, 5.1)"
            )
        if reference is not None:
            n_more = len(anchors) + 2
            asked = (Asked(question=self._content(keys)),)
            self._add(keys, "mushra", files, asked, options, reference=reference, n_more=n_more)

    def _small_impairments(self, keys: Keys) -> None:
        files, reference = self._files(keys), self._reference(keys)
        if reference is None:
            return
        self.notes.assumed(keys.line, "one of the two has to be graded 5.0 (BS.1116-3, 4)")
        asked = (Asked(question=self._content(keys)),)
        files = beside_reference(self, files, keys.line)
        self._add(keys, "bs1116", files, asked, self._playback(keys), reference=reference, n_more=2)

    def _paired_comparison(self, keys: Keys) -> None:
        files, reference = self._files(keys), self._reference(keys)
        unforced = keys.get("unforced")
        if unforced is not None and unforced.value not in (None, False):
            self.notes.lost(unforced.line, f"unforced ({shown(unforced)}): a choice is always made")
        elif unforced is not None:
            self.notes.taken(unforced.line, "unforced is empty: a choice is always made")
        if reference is None:
            return
        self.notes.assumed(
            keys.line,
            "the reference is X in webMUSHRA; here X is the reference or the other, drawn anew",
        )
        content = self._content(keys)
        if content:
            self.notes.lost(keys.line, f"content ({content}): the page says itself what is asked")
        files = beside_reference(self, files, keys.line)
        pairs = tuple((REFERENCE, system) for system in files)
        both = {REFERENCE: reference, **files} if files else {}
        self._add(keys, "abx", both, (), self._playback(keys), pairs=pairs)

    def _multi_stimulus(self, keys: Keys) -> None:
        self._likert(keys, "attributes")

    def _single_stimulus(self, keys: Keys) -> None:
        self._likert(keys, "acr")

    def _likert(self, keys: Keys, kind: str) -> None:
        files = self._files(keys)
        options: PageOptions = {"scale": "labels", **self._playback(keys)}
        if not keys.flag("mustRate", "must_move"):
            options["must_move"] = False
        options |= must_listen(self, keys.get("mustPlayback"))
        response, content = keys.get("response"), self._content(keys)
        lists = response.items if response else ()
        scales = [each.items for each in lists] if any(e.items for e in lists) else [lists]
        several = len(scales) > 1
        asked = [
            scale_of_responses(self, scale, f"Scale {number}" if several else "", content)
            for number, scale in enumerate(scales, start=1)
        ]
        if None in asked:
            why = f"a scale has {FEWEST_LABELS} to {MOST_LABELS} responses here"
            self.stays_as_it_is((keys.line, keys.last_line), f"likert page {self._name(keys)}", why)
            return
        self._add(keys, kind, files, tuple(each for each in asked if each), options)

    def _files(self, keys: Keys) -> dict[str, Path]:
        stimuli = keys.taken("stimuli", "the files of the song")
        found = {
            name: self.audio(entry.text, entry.line, f"the stimulus {name}")
            for name, entry in (stimuli.keys.items() if stimuli else ())
        }
        return {name: path for name, path in found.items() if path is not None}

    def _reference(self, keys: Keys) -> Path | None:
        entry = keys.taken("reference", "the reference of the song")
        path = self.audio(entry.text, entry.line, "the reference") if entry else None
        if path is None:
            why = "its reference cannot be taken" if entry else "it has no reference"
            self.stays_as_it_is((keys.line, keys.last_line), f"page {self._name(keys)}", why)
        return path

    def _playback(self, keys: Keys) -> PageOptions:
        """Whether a stimulus is looped; participants can select a part of it in both cases."""
        loops = keys.flag("enableLooping", "playback: loop, false is playback: once")
        return {} if loops else {"playback": "once"}

    def _name(self, keys: Keys) -> str:
        entry = keys.get("id")
        return entry.text if entry else ""

    def _content(self, keys: Keys) -> str:
        entry = keys.taken("content", "words of the page")
        return self.words(entry.text, entry.line) if entry and entry.value is not None else ""

    def _add(
        self,
        keys: Keys,
        kind: str,
        files: Mapping[str, Path],
        asked: tuple[Asked, ...],
        options: PageOptions,
        **more: Any,
    ) -> None:
        """Add a page; a page without files to rate is left out."""
        if not files:
            why = "none of its stimuli can be taken"
            self.stays_as_it_is((keys.line, keys.last_line), f"page {self._name(keys)}", why)
            return
        name = keys.taken("name", "the title")
        title = self.words(name.text, name.line) if name and name.value is not None else ""
        page = ImportedPage(
            self._name(keys), title, keys.line, kind, files, asked, options=options, **more
        )
        self.pages.append(page)

    # pages of words

    def _generic(self, keys: Keys) -> None:
        text = self._titled(keys)
        if self.pages or self.as_they_are:
            self.notes.lost(keys.line, f"a page of words between others: {text!r}")
        else:
            self.add_text("welcome", text, keys.line)
            self.notes.taken(keys.line, "the page's words are in welcome")
        self._name(keys)

    def _consent(self, keys: Keys) -> None:
        self.add_text("consent", self._titled(keys), keys.line)
        self.notes.taken(keys.line, "the page's words are the consent")
        if not keys.flag("mustConsent", "the consent, which everybody has to give"):
            self.notes.assumed(keys.line, "nobody goes on without consenting")
        self._name(keys)

    def _volume(self, keys: Keys) -> None:
        self.notes.taken(
            keys.line, "the volume is set on a page of ours, to a recording of the test"
        )
        text = self._titled(keys)
        if text:
            self.notes.lost(keys.line, f"the words of the volume page: {text!r}")
        self._name(keys)

    def _finish(self, keys: Keys) -> None:
        self.add_text("thanks", self._titled(keys), keys.line)
        self.notes.taken(keys.line, "the page's words are the thanks")
        popup = keys.taken("popupContent", "part of the thanks")
        if popup is not None:
            self.add_text("thanks", self.words(popup.text, popup.line), popup.line)
        asked = keys.taken("questionnaire", "a questionnaire after the pages")
        if asked is not None:
            self.questionnaires += questionnaire(self, asked)

    def _titled(self, keys: Keys) -> str:
        """Texts of a page, with its heading above them."""
        name, content = keys.taken("name", "heading of the page"), self._content(keys)
        heading = self.words(name.text, name.line) if name and name.value is not None else ""
        return "\n\n".join(filter(None, (heading, content)))


_PAGES: dict[str, Callable[[_Reading, Keys], None]] = {
    "generic": _Reading._generic,
    "consent": _Reading._consent,
    "volume": _Reading._volume,
    "mushra": _Reading._mushra,
    "bs1116": _Reading._small_impairments,
    "paired_comparison": _Reading._paired_comparison,
    "likert_multi_stimulus": _Reading._multi_stimulus,
    "likert_single_stimulus": _Reading._single_stimulus,
    "finish": _Reading._finish,
}

READER = StudyReader("webMUSHRA", _is_mine, _read)

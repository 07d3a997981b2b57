"""Web Audio Evaluation Tool: an XML file with one setup and pages.

The audio files of a page are in the folder that the key ``hostURL`` of the page names. One audio
element of a page can be a reference that is played openly. Each ``interface`` of a page is an axis:
a question about all stimuli of the page.
"""

from __future__ import annotations

import re
from pathlib import Path

from mixtrial.imports.reading.guarded_xml import XmlElement, read_guarded_xml
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
from mixtrial.imports.studies.waet_axes import Axes
from mixtrial.imports.studies.waet_surveys import Surveys
from mixtrial.imports.studies.waet_words import (
    LOST_OF_A_PAGE,
    LOST_OF_A_STIMULUS,
    LOST_OF_THE_SETUP,
    NOT_HERE,
    tell_unknown,
)
from stimuli.study.study import Study
from stimuli.study_keys.faults import nearest_in_brackets
from stimuli.study_keys.recruiting.completion_link import check_completion_link
from stimuli.study_keys.recruiting.recruitment import PROLIFIC

_TYPES = {
    "APE": "ape",
    "MUSHRA": "multi_stimulus",
    "horizontal": "multi_stimulus",
    "discrete": "attributes",
    "ordinal": "ranking",
    "AB": "preference",
    "ABX": "abx",
}
_WITH_REFERENCE = {"multi_stimulus": "mushra"}
"""Page types that have one with an open reference beside."""
_OF_PAIRS = ("preference", "abx")
_OF_MORE = {"preference": "best"}
"""Page types for more than two stimuli, by the one for two."""
_OF_SEVERAL = ("ranking", *_OF_MORE.values())
"""Page types that compare all stimuli of a page, without a scale."""
_PAIR = 2
_OUTSIDE, _HIDDEN = "outside-reference", "reference"
_CHILDREN_OF_A_PAGE = (
    "title", "commentboxprefix", "interface", "audioelement", "commentquestions", "survey",
)  # fmt: skip
_CHILDREN_OF_THE_SETUP = ("exitText", "calibration", "survey", "metric", "interface")


def _is_mine(text: str) -> bool:
    """Whether the file is a test; a results file also contains a test, but it is not one."""
    return bool(re.search(r"<waet[\s>]", text)) and "<waetresult" not in text


def _read(project: Project, notes: Notes) -> ImportedStudy:
    root = read_guarded_xml(project.file.name, project.content)
    reading = _Reading(project, notes)
    reading.read(root)
    return reading.study()


class _Reading(Gathered):
    """One project, from its setup to its last page."""

    setup: XmlElement
    axes: Axes
    kind: str

    def read(self, root: XmlElement) -> None:
        Keys(root.entry, self.notes, LOST_OF_THE_SETUP).close()
        title = self.project.file.stem.replace("_", " ").replace("-", " ")
        self.title = self.cut(title, 0, MOST_OF_A_TITLE)
        self.notes.assumed(0, f"the title is the name of the file: {self.title}")
        self.notes.assumed(0, "group and device are asked of everybody, as in every study here")
        surveys = Surveys(self)
        self.setup = root.one("setup") or XmlElement("setup", {}, root.line, root.line)
        self.axes = Axes(self, self.setup)
        pages = root.all("page")
        self._read_setup(surveys, len(pages))
        for page in pages:
            self._page(page)
        asked = [page.all("survey", "commentquestions") for page in pages]
        if len(pages) == 1 and "repeatCount" not in pages[0].attributes:
            surveys.of_the_only_page(asked[0])
        else:
            surveys.of_pages(asked)
        self._read_repetitions(pages)
        tell_unknown(self.notes, root, ("setup", "page"))

    def _read_setup(self, surveys: Surveys, n_pages: int) -> None:
        keys = Keys(self.setup.entry, self.notes, LOST_OF_THE_SETUP)
        interface = keys.taken("interface", "the page type")
        self.kind = interface.text if interface else ""
        keys.flag("randomiseOrder", "the order of pages is always balanced over participants")
        self._read_loudness(keys)
        pool = keys.get("poolSize")
        size = (pool.count if pool else 0) or 0
        if pool is not None and 0 < size < n_pages:
            self.page_keys["songs_per_participant"] = size
            self.notes.taken(pool.line, f"poolSize is songs_per_participant: {size}")
        elif pool is not None:
            self.notes.taken(pool.line, f"poolSize ({shown(pool)}): everybody gets all pages")
        self._read_return(keys)
        keys.close()
        for survey in self.setup.all("survey"):
            surveys.of_the_test(survey)
        for text in self.setup.all("exitText"):
            self.add_text("thanks", self.words(text.text, text.line), text.line)
            self.notes.taken(text.line, "exitText is part of the thanks")
        for calibration in self.setup.all("calibration"):
            self.notes.lost(calibration.line, "calibration: see the key headphones")
        for metric in self.setup.all("metric"):
            self.notes.taken(metric.line, "metric: events of every page are always recorded")
        self._read_comments()
        tell_unknown(self.notes, self.setup, _CHILDREN_OF_THE_SETUP)

    def _read_loudness(self, keys: Keys) -> None:
        entry = keys.get("loudness")
        target = entry.number if entry else None
        least, most = (
            next(float(getattr(rule, key)) for rule in _LOUDNESS_RULES if hasattr(rule, key))
            for key in ("ge", "le")
        )
        if target is None or not least <= target <= most:
            if entry is not None:
                why = f"no level from {least:g} to {most:g} LUFS"
                self.notes.lost(entry.line, f"loudness ({shown(entry)}): {why}")
            self.keys["loudness"] = "check"
            self.notes.assumed(0, "recordings are played as loud as they come (loudness: check)")
            return
        self.keys["loudness_target_lufs"] = target
        self.notes.taken(keys.line, f"loudness is loudness_target_lufs: {target:g}")

    def _read_return(self, keys: Keys) -> None:
        """Offer a link after the end of the test if the link is a web address."""
        link = keys.get("returnURL")
        if link is None or not link.text:
            return
        try:
            check_completion_link(link.text, PROLIFIC.places, "completion_link")
        except ValueError as error:
            self.notes.lost(link.line, f"returnURL ({link.text}): {error}")
            return
        self.keys["completion_link"] = link.text
        self.notes.taken(link.line, "returnURL is completion_link")

    def _read_repetitions(self, pages: list[XmlElement]) -> None:
        """If all songs are repeated, repeat all of them once; add notes on other repetitions."""
        counts = []
        for entry in (page.entry.keys.get("repeatCount") for page in pages):
            counts.append((entry.count if entry else 0) or 0)
            if entry is not None and entry.count is None:
                self.notes.lost(entry.line, f"repeatCount ({shown(entry)}): no count")
        if not any(counts):
            return
        n_songs = self.page_keys.get("songs_per_participant", len(self.pages))
        if all(counts) and self.pages and self.pages[0].type != _OF_PAIRS[1]:
            self.page_keys["repeated_songs"] = n_songs
            self.notes.taken(pages[0].line, f"repeatCount is repeated_songs: {n_songs}")
        for page, count in zip(pages, counts, strict=True):
            if count > 1 or (count and not all(counts)):
                self.notes.lost(
                    page.line, f"repeatCount ({count}): all songs come again once, or none"
                )

    def _read_comments(self) -> None:
        every = [*self.setup.all("interface")]
        options = [option for each in every for option in each.all("interfaceoption")]
        if any(option.attributes.get("name") == "comments" for option in options):
            self.keys["comments"] = "stimulus"

    # pages

    def _page(self, page: XmlElement) -> None:
        keys = Keys(page.entry, self.notes, LOST_OF_A_PAGE)
        name, base = keys.get("id"), keys.taken("hostURL", "where the page's files lie")
        keys.get("repeatCount")
        keys.flag("randomiseOrder", "the order of stimuli is always balanced over participants")
        loops = keys.flag("loop", "playback: loop, false is playback: once")
        in_step = keys.flag("synchronous", "on_switch: keep, false is on_switch: restart")
        keys.close()
        options: PageOptions = {} if loops else {"playback": "once"}
        if not in_step:
            options["on_switch"] = "restart"
        own = name.text if name else ""
        kind = self._type_of(page, own)
        files, outside, hidden = self._files(page, base.text if base else "")
        if not kind:
            return
        if len(files) > _PAIR:
            kind = _OF_MORE.get(kind, kind)
        title = page.one("title")
        for prefix in page.all("commentboxprefix"):
            self.notes.lost(
                prefix.line, f"commentboxprefix ({prefix.text.strip()}): fields are named by us"
            )
        reference = None
        if outside is not None:
            kind, reference = self._with_reference(page, kind, outside, options)
        if reference is not None and hidden is not None and files.get(hidden) == reference:
            del files[hidden]
            self.notes.assumed(page.line, f"the hidden reference {hidden} is made of the open one")
        if kind == _OF_PAIRS[0]:
            options["ties"] = False
        has_scale = kind not in (*_OF_PAIRS, *_OF_SEVERAL)
        asked = self.axes.asked(page, has_scale, needs_words=kind == _TYPES["discrete"])
        options |= self.axes.checks(page, has_scale)
        if not self._fits(page, own, kind, files, asked):
            return
        words = self.words(title.text, title.line) if title else ""
        is_pair = kind in _OF_PAIRS
        self.pages.append(
            ImportedPage(
                own, words, page.line, kind, files,
                () if kind == _OF_PAIRS[1] else tuple(a for a in asked if a),
                reference=reference,
                pairs=(tuple(files),) if is_pair else (),  # type: ignore[arg-type]
                options=options,
                n_more=2 if reference else 0,
            )
        )  # fmt: skip
        tell_unknown(self.notes, page, _CHILDREN_OF_A_PAGE)

    def _type_of(self, page: XmlElement, own: str) -> str:
        if self.kind in _TYPES:
            return _TYPES[self.kind]
        why = NOT_HERE.get(self.kind) or (
            f"no interface of WAET{nearest_in_brackets(self.kind, (*_TYPES, *NOT_HERE))}"
        )
        self.stays_as_it_is((page.line, page.last_line), f"page {own} ({self.kind})", why)
        return ""

    def _files(
        self, page: XmlElement, base: str
    ) -> tuple[dict[str, Path], Path | None, str | None]:
        """Files by system, the open reference, and the name of the hidden reference."""
        files: dict[str, Path] = {}
        outside, hidden = None, None
        for element in page.all("audioelement"):
            keys = Keys(element.entry, self.notes, LOST_OF_A_STIMULUS)
            own, name, url = keys.get("id"), keys.get("name"), keys.get("url")
            kind, gain = keys.get("type"), keys.get("gain")
            if gain is not None and not re.fullmatch(r"[-+]?0*\.?0*", gain.text.strip()):
                self.notes.lost(gain.line, f"gain ({gain.text} dB): change the file itself")
            keys.close()
            system = next((each.text for each in (name, own) if each and each.text), "stimulus")
            path = self.audio(url.text if url else "", element.line, f"the stimulus {system}", base)
            tell_unknown(self.notes, element, ())
            if path is None:
                continue
            role = kind.text if kind else "normal"
            if role == _OUTSIDE and outside is not None:
                self.notes.lost(element.line, f"{system}: a page has one open reference")
                continue
            if role != _OUTSIDE and system in files:
                self.notes.lost(
                    element.line, f"{system}: another stimulus of the page is called so"
                )
                continue
            self.notes.taken(element.line, f"the stimulus {system} ({role})")
            if role == _OUTSIDE:
                outside = path
                continue
            files[system] = path
            hidden = system if role == _HIDDEN else hidden
        return files, outside, hidden

    def _with_reference(
        self, page: XmlElement, kind: str, outside: Path, options: PageOptions
    ) -> tuple[str, Path | None]:
        """Page type, with an open reference if the page has one."""
        if kind not in _WITH_REFERENCE:
            why = f"a page of the type {kind} has no open reference"
            self.notes.lost(page.line, f"the outside reference: {why}")
            return kind, None
        options["anchors"] = []
        self.notes.assumed(
            page.line, "the outside reference is rated too, hidden among the stimuli"
        )
        return _WITH_REFERENCE[kind], outside

    def _fits(
        self,
        page: XmlElement,
        own: str,
        kind: str,
        files: dict[str, Path],
        asked: list[Asked | None],
    ) -> bool:
        """Whether the page can be converted; pages that cannot be converted are left out."""
        why = ""
        if not files:
            why = "none of its stimuli can be taken"
        elif kind in _OF_PAIRS and len(files) != _PAIR:
            why = f"it has {len(files)} stimuli; such a page has two here"
        elif kind in _OF_SEVERAL and len(files) < _PAIR:
            why = "it has one stimulus; such a page has two at least"
        elif kind == _TYPES["discrete"] and None in asked:
            why = "it has no words to choose from"
        if why:
            self.stays_as_it_is((page.line, page.last_line), f"page {own} ({self.kind})", why)
        return not why


_LOUDNESS_RULES = Study.model_fields["loudness_target_lufs"].metadata

READER = StudyReader("WAET", _is_mine, _read)

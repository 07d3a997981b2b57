"""WAET's axes: questions about stimuli, their scales, and the conditions of a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, count

from mixtrial.imports.reading.guarded_xml import XmlElement
from mixtrial.imports.reading.notes import Keys
from mixtrial.imports.studies.gathered import Gathered
from mixtrial.imports.studies.imported_study import Asked, PageOptions, RangeKeys
from mixtrial.imports.studies.waet_words import ALWAYS_SHOWN, tell_unknown
from stimuli.study_keys.rated_scale import FEWEST_LABELS, MOST_LABELS

_SHARE_OF_CHECK = {"fragmentPlayed": 0.05, "fragmentFullPlayback": 1.0}
_TOP = 100
_CHILDREN = ("title", "image", "interfaceoption", "scales")


class Axes:
    """Axes and conditions of a project's pages; the project's setup has settings for all pages."""

    def __init__(self, gathered: Gathered, setup: XmlElement) -> None:
        self._gathered = gathered
        self._setup = setup

    def asked(self, page: XmlElement, has_scale: bool, needs_words: bool) -> list[Asked | None]:
        """A question for each interface; None if the words to choose from are missing."""
        usual = self._setup.one("interface")
        asked: list[Asked | None] = []
        for axis in page.all("interface") or [XmlElement("interface", {}, page.line)]:
            keys = Keys(axis.entry, self._gathered.notes, {})
            name, title = keys.taken("name", "the name of the question"), axis.one("title")
            keys.close()
            words = self._gathered.words(title.text, title.line) if title else ""
            if title:
                self._gathered.notes.taken(title.line, f"the question: {words}")
            scales = axis.one("scales") or (usual.one("scales") if usual else None)
            labels = self._labels(scales) if has_scale else {}
            ends: RangeKeys = {"minimum": 0, "maximum": _TOP, "labels": labels} if labels else {}
            if not labels and needs_words:
                asked.append(None)
            else:
                own = self._own_name(name.text if name else "overall", axis.line, asked)
                asked.append(Asked(own, words, range=ends))
            for picture in axis.all("image"):
                self._gathered.notes.lost(picture.line, "image: pages show no pictures")
            tell_unknown(self._gathered.notes, axis, _CHILDREN)
        return asked

    def _own_name(self, name: str, line: int, asked: Sequence[Asked | None]) -> str:
        """Name of an axis, with a number if an earlier axis of the page has the same name."""
        taken = [each.name for each in asked if each is not None]
        own = next(n for n in chain([name], (f"{name}_{k}" for k in count(2))) if n not in taken)
        if own != name:
            self._gathered.notes.assumed(line, f"another axis called {name} is called {own}")
        return own

    def _labels(self, scales: XmlElement | None) -> dict[float, str]:
        labels: dict[float, str] = {}
        for label in scales.all("scalelabel") if scales else ():
            position, words = label.attributes.get("position", ""), " ".join(label.text.split())
            if re.fullmatch(r"\d+(\.\d+)?", position) and float(position) <= _TOP and words:
                labels[float(position)] = words
                self._gathered.notes.taken(label.line, f"the word {words} stands at {position}")
            else:
                self._gathered.notes.lost(
                    label.line, f"scalelabel ({words}): it stands nowhere on the scale"
                )
        if labels and not FEWEST_LABELS <= len(labels) <= MOST_LABELS and scales is not None:
            most = f"{FEWEST_LABELS} to {MOST_LABELS}"
            self._gathered.notes.lost(
                scales.line, f"scales: {len(labels)} words; a scale has {most}"
            )
            return {}
        return labels

    def checks(self, page: XmlElement, has_scale: bool) -> PageOptions:
        """Conditions for leaving a page, and the controls that the page shows."""
        where = [*self._setup.all("interface"), *page.all("interface")]
        moved, share = False, 0.0
        for option in (each for place in where for each in place.all("interfaceoption")):
            name = option.attributes.get("name", "")
            if name == "fragmentMoved":
                moved = True
                self._gathered.notes.taken(option.line, "fragmentMoved is must_move")
            elif name in _SHARE_OF_CHECK:
                share = max(share, _SHARE_OF_CHECK[name])
                self._gathered.notes.taken(
                    option.line, f"{name} is must_listen: {_SHARE_OF_CHECK[name]:g}"
                )
            elif name in ALWAYS_SHOWN:
                self._gathered.notes.taken(option.line, f"{name}: pages always show it")
            elif name == "comments":
                self._gathered.keys["comments"] = "stimulus"
                self._gathered.notes.taken(option.line, "comments is comments: stimulus")
            else:
                said = " ".join(f"{k}={v}" for k, v in option.attributes.items())
                self._gathered.notes.lost(
                    option.line, f"interfaceoption ({said}): no page asks for it"
                )
        options: PageOptions = {"must_listen": share} if share else {}
        if not moved and has_scale:
            options["must_move"] = False
        return options

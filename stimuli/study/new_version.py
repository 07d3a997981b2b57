"""Which keys of a study file may change while the study runs, and which need a new version.

Conventions
-----------
``MAY_CHANGE`` has every key that can be changed while people take part: texts, limits on
participants, and descriptions that participants do not see. A key that is not in ``MAY_CHANGE``
determines the sound of stimuli, the scales or the questions. If a scale or question changed, the
answers before and after the change would answer different questions. Before a new key of mixtrial
is added to ``MAY_CHANGE``, somebody must have considered its effects. Entries of a list are
compared with the entry of the same name; in a pattern, a star means all entries.

A new version is a new study with its own identifier, beside the old study. The old study is paused.
Participants who have begun the old version finish the old version unchanged.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stimuli.study.study import Study
from stimuli.study_keys.yaml_source import Place

MAY_CHANGE: Mapping[str, str] = {
    "title": "texts",
    "description": "texts",
    "welcome": "texts",
    "consent": "texts",
    "thanks": "texts",
    "item": "texts",
    "songs.*.title": "texts",
    "systems.*.label": "texts",
    "attributes.*.label": "texts",
    "attributes.*.question": "texts",
    "groups.*.label": "texts",
    "devices.*.label": "texts",
    "questionnaires.*.title": "texts",
    "questionnaires.*.questions.*.label": "texts",
    "questionnaires.*.questions.*.choices.*.label": "texts",
    "contact": "texts",
    "languages": "texts",
    "admission": "capacity",
    "arms.*.quota": "capacity",
    "pages.abandoned_after_hours": "capacity",
    "pages.link_days": "capacity",
    "recruitment": "capacity",
    "completion_code": "capacity",
    "completion_link": "capacity",
    "embed_origins": "capacity",
    "conditions": "conditions",
    "publication": "publication",
    "analysis": "plan",
    "systems.*.timeout_s": "build",
}
"""Keys that may change once a study has begun, each with what it is about."""


@dataclass(frozen=True, slots=True)
class Change:
    """A key of the study file that has a new value; ``place`` is the key's path in the file.

    In ``place``, an entry of a list is given by its name. ``before`` is None if the key had no
    value, and ``after`` is None if it has no value now.
    """

    place: Place
    before: object
    after: object

    @property
    def key(self) -> str:
        """The place of a key in readable form: ``attributes.overall.range``."""
        return ".".join(map(str, self.place))

    @property
    def sentence(self) -> str:
        """Advice for the person who changed the key."""
        if self.place == ("identifier",):
            return (
                f"the identifier was {self.before!r} and would be {self.after!r}: that is another "
                f"study; write identifier: {self.before} to go on with this one"
            )
        return f"{self.key} asks for a new version: people have answered under what it was"


def changes_that_need_a_new_version(old: Study, new: Study) -> tuple[Change, ...]:
    """Changes that are not allowed after a study has begun, in the order of the study file.

    Parameters
    ----------
    old
        The study in its present version, in which people take part.
    new
        The study with the changes that somebody wants.

    Returns
    -------
    tuple of Change
        The result is empty if all changes are allowed, or if nothing was changed.

    Notes
    -----
    Files are compared by their names. The build compares the content of files, because each
    stimulus is stored with the SHA-256 of its file.
    """
    return tuple(
        change for change in _differences((), _content(old), _content(new)) if not _may(change)
    )


def _may(change: Change) -> bool:
    """Whether a pattern matches the place of a change, or a place above it."""
    return any(_matches(pattern.split("."), change.place) for pattern in MAY_CHANGE)


def _matches(pattern: list[str], place: Place) -> bool:
    return len(place) >= len(pattern) and all(
        part in ("*", str(found)) for part, found in zip(pattern, place, strict=False)
    )


def _content(study: Study) -> dict[str, Any]:
    content: dict[str, Any] = _plain(study.model_dump(mode="python"), study.folder)
    return content


def _plain(value: Any, folder: Path) -> Any:
    """A value to compare: paths relative to the folder, and entries of lists by their names."""
    if isinstance(value, Path):
        return Path(os.path.relpath(value, folder)).as_posix()
    if isinstance(value, Mapping):
        return {str(key): _plain(each, folder) for key, each in value.items()}
    if isinstance(value, list | tuple):
        names = [each.get("name") if isinstance(each, Mapping) else None for each in value]
        plain = [_plain(each, folder) for each in value]
        if all(names) and len(set(names)) == len(names):
            # The order of the systems matters, because it determines who hears which system when.
            return {"(order)": names, **dict(zip(names, plain, strict=True))} if names else {}
        return plain
    return value


def _differences(place: Place, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if not (isinstance(before, dict) and isinstance(after, dict)):
        yield Change(place, before, after)
        return
    for key in dict.fromkeys((*before, *after)):
        if key == "(order)":
            if set(before.get(key, ())) == set(after.get(key, ())):
                yield from _differences(place, before[key], after[key])
        else:
            yield from _differences((*place, key), before.get(key), after.get(key))

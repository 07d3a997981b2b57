"""Facts known only to the researchers: place, level, equipment, choice of songs and people.

Conventions
-----------
Free text for readers of the report (the key ``conditions``), which ITU-R BS.1534-3, clause 10,
requires and no platform can measure. The key ``conditions`` changes nothing that participants see
or hear; for this reason, it is not part of the study's fingerprint. The conditions can be written
after the study. If a condition is left out, the report calls it not stated.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from stimuli.study_keys.keys import FilledText, StudyKeys

Words = Annotated[FilledText, Field(max_length=2000)]


class Conditions(StudyKeys):
    """How a study's participants listened, and how songs and participants were chosen.

    ``listening_level`` is the level at the ear or the listening position, with its unit and method
    of measurement (such as "78 dBA, pink noise at −23 LUFS"). ``playback_equipment`` names makes
    and models.
    """

    room: Words | None = None
    listening_level: Words | None = None
    playback_equipment: Words | None = None
    song_selection: Words | None = None
    recruitment: Words | None = None


ASKED = {
    "room": "listening room",
    "listening_level": "level at the ear",
    "playback_equipment": "playback equipment",
    "song_selection": "choice of the songs",
    "recruitment": "recruitment",
}
"""Every key of :class:`Conditions` as a report calls it, in the order of reading."""


def stated(conditions: Conditions, songs: str) -> list[tuple[str, str, str | None]]:
    """All conditions as (key, name, text); the text is None for a condition that is not stated.

    ``songs`` is the study's word for its songs.
    """
    return [
        (key, what.replace("songs", songs), getattr(conditions, key)) for key, what in ASKED.items()
    ]

"""``dcr``: the reference, then one mix; listeners rate how annoying its degradation is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from stimuli.page_types.against_reference import ReferenceOptions
from stimuli.page_types.trials import Trial, Turn
from stimuli.study_keys.rated_scale import Range
from stimuli.study_keys.recommendations import CATEGORIES, scale_words
from stimuli.williams import in_row


class Options(ReferenceOptions):
    """Keys of a degradation category rating.

    If the reference is one of the part's systems, it is also rated against itself (a null pair).
    """

    source: ClassVar[str] = f"{CATEGORIES}, Annex D"
    volume_slot: ClassVar[int] = -1

    type: Literal["dcr"] = "dcr"
    playback: Literal["loop", "once"] = "once"
    on_switch: Literal["keep", "restart"] = "restart"

    @property
    def method(self) -> str:
        """Name in a report."""
        return "degradation category rating (DCR), the reference heard first"

    @property
    def opinion_score(self) -> str:
        """The mean is called degradation mean opinion score."""
        return "DMOS"

    @property
    def name_of_test(self) -> str:
        """The method is not called MUSHRA, even if systems are named like a reference or anchor."""
        return (
            "Each mix was heard after its reference and rated by how annoying its degradation is: "
            f"degradation category rating, as in {CATEGORIES}, Annex D; this is not MUSHRA."
        )

    @property
    def besides(self) -> str:
        """The reference is played first on each page."""
        return f"after {self.reference.replace('_', ' ')}, which is heard openly"

    @property
    def usual_range(self) -> Range:
        """Five grades."""
        return Range(minimum=1, maximum=5, step=1)

    def usual_words(self, language: str) -> tuple[str, ...]:
        """Return the Recommendation's five words of the scale."""
        return scale_words("degradation", language)

    def heard_twice(self, systems: Sequence[str]) -> tuple[str, ...]:
        """The reference is a rated stimulus only on the page of the null pair."""
        return (self.reference,) if self.reference in systems else ()

    def n_hearings(self, name: str, systems: Sequence[str], n_pages: int) -> int:
        """How often a song's pages play a stimulus; a null pair plays the reference twice."""
        n_twice = name in self.heard_twice(systems)
        return self.n_pages_with(name, systems, n_pages) + n_twice

    def browser_options(self) -> dict[str, Any]:
        """Let the browser offer the scale's words as choices."""
        return {"scale": "labels"}

    def deal(self, turn: Turn) -> list[Trial]:
        """Each mix once, in the order of a Williams design, after the reference."""
        order = in_row(turn.systems, turn.row)
        return [Trial((system,), (self.reference,), turn.replicate) for system in order]

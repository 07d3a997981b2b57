"""``acr``: one mix a page, rated by itself (absolute category rating, single stimulus)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from stimuli.page_types.base import Scale
from stimuli.page_types.trials import Trial, TrialOptions, Turn
from stimuli.study_keys.recommendations import CATEGORIES
from stimuli.williams import in_row


class Options(TrialOptions):
    """Keys of a rating of single stimuli; ``labels`` offers the scale's words to choose from."""

    source: ClassVar[str] = f"compare {CATEGORIES}"

    type: Literal["acr"] = "acr"
    scale: Scale = "labels"

    @property
    def method(self) -> str:
        """What a report may call it."""
        if self.scale == "slider":
            return "single-stimulus rating on a continuous scale"
        return "absolute category rating (ACR), single stimulus"

    @property
    def name_of_test(self) -> str:
        """Not MUSHRA, whatever the systems are called."""
        return (
            f"Each mix was rated alone on its page: absolute category rating, as in {CATEGORIES}; "
            "this is not MUSHRA."
        )

    def browser_options(self) -> dict[str, Any]:
        """How a rating is given."""
        return {"scale": self.scale}

    def deal(self, turn: Turn) -> list[Trial]:
        """Each mix once, in the order of a Williams design."""
        order = in_row(turn.systems, turn.row)
        return [Trial((system,), replicate=turn.replicate) for system in order]

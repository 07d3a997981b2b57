"""``acr``: one mix per page, rated by itself (absolute category rating, single stimulus)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import SerializerFunctionWrapHandler, model_serializer

from stimuli.page_types.base import Scale
from stimuli.page_types.trials import Trial, TrialOptions, Turn
from stimuli.study_keys.default_texts import default_labels
from stimuli.study_keys.rated_scale import Range
from stimuli.study_keys.recommendations import CATEGORIES, scale_words
from stimuli.williams import in_row


class Options(TrialOptions):
    """Keys of a test with ratings of single stimuli.

    ``labels`` offers the scale's words as choices to click.

    ``opinion`` selects one of the Recommendation's five-grade scales, with its words.
    """

    source: ClassVar[str] = f"compare {CATEGORIES}"

    type: Literal["acr"] = "acr"
    scale: Scale = "labels"
    opinion: Literal["quality", "effort", "loudness"] | None = None

    @model_serializer(mode="wrap")
    def _without_added_key(self, content: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Omit the key if it is not set, so that earlier studies keep their hash."""
        return {key: value for key, value in content(self).items() if key != "opinion" or value}

    @property
    def opinion_score(self) -> str:
        """Name of the mean, if listeners choose categories instead of setting a slider."""
        return "MOS" if self.scale == "labels" else ""

    @property
    def method(self) -> str:
        """Name in a report."""
        if self.scale == "slider":
            return "single-stimulus rating on a continuous scale"
        return "absolute category rating (ACR), single stimulus"

    @property
    def name_of_test(self) -> str:
        """The method is not called MUSHRA, even if systems are named like a reference or anchor."""
        return (
            f"Each mix was rated alone on its page: absolute category rating, as in {CATEGORIES}; "
            "this is not MUSHRA."
        )

    @property
    def usual_range(self) -> Range | None:
        """Five grades of an opinion scale."""
        return None if self.opinion is None else Range(minimum=1, maximum=5, step=1)

    def usual_words(self, language: str) -> tuple[str, ...]:
        """Words of the opinion scale, if the part names an opinion scale."""
        return scale_words(self.opinion, language) if self.opinion else default_labels(language)

    def browser_options(self) -> dict[str, Any]:
        """Control for a rating."""
        return {"scale": self.scale}

    def deal(self, turn: Turn) -> list[Trial]:
        """Trials with each mix once, in the order of a Williams design."""
        order = in_row(turn.systems, turn.row)
        return [Trial((system,), replicate=turn.replicate) for system in order]

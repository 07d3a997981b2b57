"""What whoever asks for a report may choose, and what stands where nothing was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

DEFAULT_MARGIN = 5.0
DEFAULT_DF: Literal["satterthwaite"] = "satterthwaite"


@dataclass(frozen=True, slots=True)
class Choices:
    """Choices of an analysis; None leaves one to the declared plan, and then to the default."""

    df_method: Literal["satterthwaite", "kenward-roger"] | None = None
    margin: float | None = None
    primary: str | None = None
    reference: str | None = None
    mid_anchor: str | None = None
    seed: int | None = None
    unfinished: bool | None = None
    without_simulated: bool | None = None
    low_anchor: str | None = None
    part: str | None = None
    invited: int | None = None
    also: tuple[str, ...] | None = None

    def over(self, other: Choices) -> Choices:
        """Choices with what they leave open taken from others, such as an archive's."""
        mine = {key: value for key, value in asdict(self).items() if value is not None}
        return replace(other, **mine)

    def under(self, plan: Mapping[str, Any] | None) -> Choices:
        """Choices with what they leave open filled in from a plan, and from the defaults."""
        plan = plan or {}

        def chosen(mine: Any, key: str, default: Any = None) -> Any:
            declared = plan.get(key)
            return mine if mine is not None else default if declared is None else declared

        return Choices(
            df_method=chosen(self.df_method, "df_method", DEFAULT_DF),
            margin=chosen(self.margin, "margin", DEFAULT_MARGIN),
            primary=chosen(self.primary, "primary"),
            reference=chosen(self.reference, "reference"),
            mid_anchor=chosen(self.mid_anchor, "mid_anchor"),
            seed=1 if self.seed is None else self.seed,
            unfinished=(
                self.unfinished
                if self.unfinished is not None
                else not plan.get("exclude_unfinished", True)
            ),
            without_simulated=bool(self.without_simulated),
            low_anchor=chosen(self.low_anchor, "low_anchor"),
            part=self.part,
            invited=self.invited,
            also=tuple(chosen(self.also, "also", ())),
        )

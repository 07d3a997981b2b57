"""The scale of a rating, with its ends and its step in the units of the scale."""

from __future__ import annotations

from dataclasses import dataclass

STEP_SLACK = 1e-6
"""A value that differs from a step of the scale by at most this number of steps counts as on the
step."""

DECIMALS = 9
"""Decimal places of computed values, so that values have no rounding errors of binary fractions."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Possible values of a rating; all values between the ends if there is no ``step``."""

    minimum: float = 0.0
    maximum: float = 100.0
    step: float | None = None

    @property
    def span(self) -> float:
        """Distance from one end of the scale to the other."""
        return self.maximum - self.minimum

    @property
    def n_steps(self) -> float | None:
        """Number of steps between the ends (whole on a valid scale); None without steps."""
        return None if self.step is None else self.span / self.step

    def takes(self, value: float) -> bool:
        """Whether the scale contains a value."""
        return self.minimum <= value <= self.maximum and self.is_on_step(value)

    def is_on_step(self, value: float) -> bool:
        """Whether a value is a whole number of steps above the minimum."""
        n_steps = 0.0 if self.step is None else (value - self.minimum) / self.step
        return abs(n_steps - round(n_steps)) <= STEP_SLACK

    def at_points(self, points: float) -> float:
        """The value of this scale that is nearest to a value on a scale from 0 to 100."""
        above = self.span * points / 100.0
        if self.step is not None:
            above = round(above / self.step) * self.step
        return round(self.minimum + above, DECIMALS)

    def __str__(self) -> str:
        """Description of the scale in words for readers."""
        step = "" if self.step is None else f", step {self.step:g}"
        return f"{self.minimum:g} to {self.maximum:g}{step}"


UP_TO_100 = Scale()
"""The scale of ratings without another scale, and of choices."""

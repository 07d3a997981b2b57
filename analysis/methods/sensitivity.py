"""`sensitivity`: the primary model without exclusions, on other scales, less one at a time."""

from typing import Any

from analysis.methods.base import Given, Method
from analysis.sensitivity import sensitivity_section


def compute(given: Given) -> Any:
    """The same question asked of other cuts of the ratings."""
    return sensitivity_section(given.rows, given.everybody, given.choices.df_method)


METHOD = Method(place=170, compute=compute)

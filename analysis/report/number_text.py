"""Numbers in the report's text, each linked to its place in results.json.

A number is written as ``<data value="RAW" data-path="/attributes/overall/…">SHOWN</data>``. The raw
value is the value in results.json at this JSON pointer (RFC 6901). The shown text is the raw number
after rounding. A test compares all numbers of the page with results.json.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from markupsafe import Markup, escape

from analysis.mixed_model.satterthwaite import MOST_DF
from analysis.report.placed import Place, PlacedFloat, PlacedInt
from analysis.scale import Scale

MINUS = "−"
ABSENT = "–"
_MARK = '<span title="{{beyond}}"><span class="unseen"> {{words}} </span>{}</span>'
_END = '<data value="{{value}}" data-path="{{place}}" data-style="{} end">{{text}}</data>'
_BEYOND = {
    "lower": f"{_MARK.format('◂')} {_END.format('lower')}",
    "upper": f"{_END.format('upper')} {_MARK.format('▸')}",
}
"""An end of an interval that lies beyond its scale: the scale's end, with a mark and in words."""


def pointer(path: Place) -> str:
    """Return the JSON pointer of a path of keys and indices.

    Examples
    --------
    >>> pointer(("attributes", "level/balance", 0))
    '/attributes/level~1balance/0'
    """
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in path)


class Numbers:
    """Formatter for the numbers of one report, in a given style.

    In templates, an instance is called with a number of :mod:`analysis.report.placed` and the name
    of the style::

        {{ number(results.data.n_participants, style="count") }}

    A number in points gets the number of decimals that the scale of its attribute needs. The scale
    of an attribute is found in ``scales``; for a number without an attribute, the scale is
    ``usual``. ``written`` converts a number to the format of the report's language. ``told``
    translates a text. The style ``mean`` is used for confidence intervals of means. If an end of an
    interval is outside the scale, the end of the scale is printed instead, with a mark.
    """

    def __init__(
        self,
        scales: Mapping[str, Scale],
        usual: Scale,
        plain: bool = False,
        written: Callable[[str], str] = str,
        told: Callable[[str], str] = str,
    ) -> None:
        self._scale_of = scales
        self._usual_decimals = usual.decimals
        self._written, self._told = written, told
        self._plain = plain  # whether numbers are plain text, for files that are not HTML

    def __call__(self, value: PlacedInt | PlacedFloat | None, style: str = "points") -> Markup:
        """Write a number as marked-up text, or a dash if the number does not exist."""
        if not isinstance(value, PlacedInt | PlacedFloat):
            return Markup(ABSENT if self._plain else f'<span class="absent">{ABSENT}</span>')
        if style in _IN_POINTS:
            style += _NAMED[self._decimals(value.place)]
        if style == "mean":
            return self._within(value)
        if self._plain:
            return Markup(self._written(shown(value, style)))
        # Markup.format escapes the names in the path.
        return Markup('<data value="{}" data-path="{}" data-style="{}">{}</data>').format(
            repr(value),
            pointer(value.place),
            style,
            Markup(escape(self._written(shown(value, style)))),
        )

    def same(self, one: PlacedInt | PlacedFloat, other: PlacedInt | PlacedFloat) -> bool:
        """Whether two numbers of one attribute, in points, are printed with the same digits."""
        style = f"points{_NAMED[self._decimals(one.place)]}"
        return shown(one, style) == shown(other, style)

    def is_zero(self, value: PlacedInt | PlacedFloat) -> bool:
        """Whether all printed digits of a number in points are zeros."""
        return self.same(value, _zero_at(value.place))

    def _within(self, value: PlacedInt | PlacedFloat) -> Markup:
        """End of an interval in points, or the marked end of the scale if it is outside."""
        name = value.place[2 if value.place[0] == "report" else 1]
        scale = self._scale_of[str(name)]
        if scale.minimum <= value <= scale.maximum:
            return self(value)
        is_low = value < scale.minimum
        end, side = (scale.minimum, "lower") if is_low else (scale.maximum, "upper")
        style = f"points{_NAMED[self._decimals(value.place)]}"
        return Markup(_BEYOND[side]).format(
            value=repr(value), place=pointer(value.place),
            text=self._written(shown(end, style)), beyond=self._told(f"to {shown(value, style)}"),
            words=self._told("and beyond"),
        )  # fmt: skip

    def _decimals(self, place: Place) -> int:
        """Number of decimals for each attribute's values in points."""
        match place:
            case ["attributes", name, *_]:
                return self._scale_of[str(name)].decimals
            case ["report", "answers" | "contrasts" | "one_sided" | "stability", name, *_]:
                return self._scale_of[str(name)].decimals
            case ["report", "planning", *_]:
                return self._usual_decimals
        return 1


def _zero_at(place: Place) -> PlacedFloat:
    zero = PlacedFloat(0.0)
    zero.place = place
    return zero


def shown(value: float, style: str) -> str:
    """Text of a number.

    Styles are: ``points`` and ``lufs`` (one decimal), ``signed`` (one decimal, plus sign), the same
    with more decimals (``points2``, ``signed3``), ``stat`` (two decimals), ``unit`` (two decimals
    without a leading zero, for W and η²), ``p`` (three decimals with relation sign, as in APA
    style), ``p_cell`` (the same for tables, without =), ``df`` (two decimals below 1,000; ∞ for a z
    test), ``count``, ``percent`` (of a share), ``bayes`` (three significant digits), ``measure``
    (two decimals or two significant digits, whichever shows more), ``setting`` (as short as
    possible without rounding).

    Examples
    --------
    >>> shown(0.0004, "p"), shown(0.0361, "p"), shown(-0.04, "points")
    ('< .001', '= .036', '0.0')
    """
    try:
        return _STYLES[style](float(value))
    except KeyError:
        raise ValueError(f"Unknown number style {style!r}.") from None


def _fixed(decimals: int) -> Callable[[float], str]:
    def write(value: float) -> str:
        # The number is made slightly larger, so that 40.85 and 40.849999999 are printed alike.
        text = f"{abs(value) + 1e-7:,.{decimals}f}"
        negative = value < 0 and float(text.replace(",", "")) != 0
        return MINUS + text if negative else text

    return write


def _signed(decimals: int) -> Callable[[float], str]:
    def write(value: float) -> str:
        text = _fixed(decimals)(value)
        return text if text.startswith(MINUS) or float(text.replace(",", "")) == 0 else "+" + text

    return write


def _probability(value: float) -> str:
    if value < 0.001:
        return "< .001"
    if value > 0.999:
        return "> .999"
    return "= " + f"{value:.3f}".lstrip("0")


def _degrees_of_freedom(value: float) -> str:
    if value >= MOST_DF:
        return "∞"
    whole = value >= 1000 or math.isclose(value, round(value), abs_tol=5e-3)
    return f"{round(value):,}" if whole else f"{value:,.2f}"


def _unit(value: float) -> str:
    text = f"{abs(value):.2f}"
    text = text.lstrip("0") if abs(value) < 0.995 else text
    return MINUS + text if value < 0 and float(text) != 0 else text


def _bayes(value: float) -> str:
    if value >= 1000:
        return "> 1000"
    return "< 0.001" if value < 0.001 else f"{value:.3g}"


def _measure(value: float) -> str:
    if value == 0 or not math.isfinite(value):
        return "0"
    decimals = max(2, 1 - math.floor(math.log10(abs(value))))
    return _fixed(min(decimals, 6))(value)


_IN_POINTS = ("points", "signed")
_NAMED = {decimals: str(decimals) if decimals > 1 else "" for decimals in range(1, 7)}
_STYLES: dict[str, Callable[[float], str]] = {
    **{f"points{name}": _fixed(decimals) for decimals, name in _NAMED.items()},
    **{f"signed{name}": _signed(decimals) for decimals, name in _NAMED.items()},
    "lufs": _fixed(1),
    "stat": _fixed(2),
    "unit": _unit,
    "p": _probability,
    "p_cell": lambda value: _probability(value).removeprefix("= "),
    "df": _degrees_of_freedom,
    "count": _fixed(0),
    "percent": lambda value: _fixed(0)(100 * value) + " %",
    "bayes": _bayes,
    "measure": _measure,
    "setting": lambda value: f"{value:g}".replace("-", MINUS),
}

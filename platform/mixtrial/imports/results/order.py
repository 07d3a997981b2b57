"""Order of pages and stimuli, and repeats of pages, from the order of rows in a file."""

from __future__ import annotations

from collections import Counter

import pandas as pd


def with_orders(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the number of their page, their place on the page, and the number of the repeat.

    Parameters
    ----------
    rows
        Rows in the order of the file, with participant, song and system. A page ends if the next
        row has another song, or a system that is already on the page.
    """
    pages: dict[str, _Pages] = {}
    placed = [
        pages.setdefault(who, _Pages()).placed(song, system)
        for who, song, system in zip(rows["participant"], rows["song"], rows["system"], strict=True)
    ]
    names = ("page_order", "stimulus_order", "replicate")
    return rows.assign(**{name: [str(place[at]) for place in placed]
                          for at, name in enumerate(names)})  # fmt: skip


class _Pages:
    """Pages of one participant, in the order of the rows."""

    def __init__(self) -> None:
        self.song: str | None = None
        self.systems: list[str] = []
        self.seen: Counter[str] = Counter()

    def placed(self, song: str, system: str) -> tuple[int, int, int]:
        if song != self.song or system in self.systems:
            self.song, self.systems = song, []
            self.seen[song] += 1
        self.systems.append(system)
        return self.seen.total(), len(self.systems), self.seen[song] - 1


def seconds(milliseconds: pd.Series) -> pd.Series:
    """Times in seconds, as texts; the text of a missing time is empty."""
    number = pd.to_numeric(milliseconds.str.strip(), errors="coerce") / 1000
    return number.map(lambda each: "" if pd.isna(each) else f"{each:.3f}")

"""Conditions on columns that select the ratings on which the results of an archive are based."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mixtrial.reporting.analysed_data import reported_part
from mixtrial.reporting.archive_files.archive_file import PackedStudy


@dataclass(frozen=True, slots=True)
class AnalysedRows:
    """Conditions for a row: texts that some columns must have, and values that others must not.

    Only columns that the table has get a condition.
    """

    equal: Mapping[str, str]
    without: Mapping[str, tuple[str, ...]]

    @property
    def in_words(self) -> str:
        """The conditions in words for a reader."""
        left_out = {name: len(values) for name, values in self.without.items()}
        told = [f"{name}: {value}" for name, value in self.equal.items()]
        told += [f"{count} left out by {name}" for name, count in left_out.items()]
        return "; ".join(told)


def analysed_rows(packed: PackedStudy) -> AnalysedRows:
    """Conditions for the ratings that are left after the options, the plan and the screening."""
    options = packed.data.options.settled(packed.data.facts.plan)
    part = reported_part(packed.data.facts.parts, options.part).name
    excluded = {one["participant"] for one in packed.results["data"]["excluded"]}
    equal = {"phase": "rating", "finished": "" if options.unfinished else "true", "part": part}
    without = {
        "participant_kind": ("simulated",) if options.without_simulated else (),
        "participant": tuple(sorted(excluded)),
        "system": tuple(sorted(packed.results["settings"]["apart"])),
    }
    return AnalysedRows(
        equal={name: value for name, value in equal.items() if value},
        without={name: values for name, values in without.items() if values},
    )

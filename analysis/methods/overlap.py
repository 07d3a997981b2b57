"""`overlap`: which systems share listeners or songs, and which do not."""

from analysis.findings.described import DesignGraph
from analysis.findings.sections import PairNames
from analysis.methods.base import Method, MethodInput
from analysis.ratings.overlap import overlap


def _compute(given: MethodInput) -> DesignGraph:
    found = overlap(given.rows)
    return DesignGraph(
        found.sets,
        [PairNames(*pair) for pair in found.between_people],
        found.song_sets,
        [PairNames(*pair) for pair in found.between_songs],
    )


METHOD = Method(place=25, compute=_compute)

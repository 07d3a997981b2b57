"""`seed`: the seed study's test, all ratings of a system pooled; kept for comparison."""

from analysis.methods.base import Method
from analysis.statistics.pooled_mann_whitney import pooled_pairs

METHOD = Method(place=110, compute=lambda given: pooled_pairs(given.rows))

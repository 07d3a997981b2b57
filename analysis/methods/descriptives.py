"""`descriptives`: means with intervals, spread and use of the scale, by system and group."""

from analysis.descriptives import describe
from analysis.methods.base import Method

METHOD = Method(place=10, compute=lambda given: describe(given.rows))

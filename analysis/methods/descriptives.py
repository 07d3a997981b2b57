"""`descriptives`: means with intervals, spread and use of the scale, by system and group."""

from analysis.methods.base import Method
from analysis.ratings.descriptives import describe

METHOD = Method(place=10, compute=lambda given: describe(given.rows))

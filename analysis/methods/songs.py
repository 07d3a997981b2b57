"""`songs`: each system on each song."""

from analysis.methods.base import Method
from analysis.ratings.descriptives import describe_songs

METHOD = Method(place=20, compute=lambda given: describe_songs(given.rows))

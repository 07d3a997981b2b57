"""`songs`: each system on each song."""

from analysis.descriptives import describe_songs
from analysis.methods.base import Method

METHOD = Method(place=20, compute=lambda given: describe_songs(given.rows))

"""`descriptives` and `songs`: means, spread and use of the scale by system, group or song."""

from analysis.methods.base import Method
from analysis.ratings.descriptives import describe, describe_songs

METHODS = {
    "descriptives": Method(place=10, compute=lambda given: describe(given.shown), cost=8.0),
    "songs": Method(place=20, compute=lambda given: describe_songs(given.shown)),
}

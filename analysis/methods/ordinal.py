"""`ordinal`: the ratings as ordered words, a cumulative link mixed model."""

from analysis.methods.base import Method
from analysis.ordinal import ordinal_section

METHOD = Method(place=160, compute=lambda given: ordinal_section(given.rows))

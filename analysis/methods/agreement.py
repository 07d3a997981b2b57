"""`agreement`: how alike the listeners judge."""

from analysis.agreement import agreement_section
from analysis.methods.base import Method

METHOD = Method(place=140, compute=lambda given: agreement_section(given.rows))

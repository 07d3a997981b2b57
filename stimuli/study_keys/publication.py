"""Authors and licence of the data of a study: the key ``publication``.

Conventions
-----------
It describes an archive (citation, data package, research object). The key ``publication`` changes
nothing that participants see or hear, so it is not part of the study's fingerprint. The key
``publication`` can be written after the study.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from stimuli.study_keys.keys import FilledText, StudyKeys

LICENCES = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC-BY-NC-4.0": "https://creativecommons.org/licenses/by-nc/4.0/",
    "CC-BY-NC-SA-4.0": "https://creativecommons.org/licenses/by-nc-sa/4.0/",
    "CC-BY-NC-ND-4.0": "https://creativecommons.org/licenses/by-nc-nd/4.0/",
    "ODbL-1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
    "ODC-By-1.0": "https://opendatacommons.org/licenses/by/1-0/",
    "PDDL-1.0": "https://opendatacommons.org/licenses/pddl/1-0/",
}
"""Licences for data by their SPDX identifiers, with the addresses of their texts."""


def _licence(told: str) -> str:
    """Return a known licence; raise ``ValueError`` for any other text."""
    if told not in LICENCES:
        raise ValueError(f"The licence must be one of {', '.join(LICENCES)}, not {told!r}.")
    return told


def _orcid(told: str) -> str:
    """Return an ORCID iD as its address; raise ``ValueError`` if its check digit is wrong."""
    plain = told.removeprefix("https://orcid.org/")
    if not re.fullmatch(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", plain) or not _is_checked(plain):
        raise ValueError(
            f"The orcid must be an ORCID iD such as 0000-0002-1825-0097, not {told!r}."
        )
    return f"https://orcid.org/{plain}"


def _is_checked(plain: str) -> bool:
    """Whether the last character is the right check digit (ISO 7064, MOD 11-2)."""
    digits = plain.replace("-", "")
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    return digits[-1] == "0123456789X"[(12 - total % 11) % 11]


def _doi(told: str) -> str:
    """Return a DOI without its address; raise ``ValueError`` for any other text."""
    plain = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:)", "", told)
    if not re.fullmatch(r"10\.\d{4,9}(\.\d+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+", plain):
        raise ValueError(f"The doi must be a DOI such as 10.5281/zenodo.1234567, not {told!r}.")
    return plain


Word = Annotated[FilledText, Field(max_length=200)]


class Author(StudyKeys):
    """A person (``family_names``, ``given_names``) or a group (``name``)."""

    family_names: Word | None = None
    given_names: Word | None = None
    name: Word | None = None
    orcid: Annotated[FilledText, AfterValidator(_orcid)] | None = None
    affiliation: Word | None = None

    @model_validator(mode="after")
    def _is_somebody(self) -> Author:
        if (self.name is None) == (self.family_names is None):
            raise ValueError("An author needs either family_names (and given_names) or a name.")
        return self

    @property
    def shown(self) -> str:
        """The author's name for readers."""
        return self.name or " ".join(filter(None, (self.given_names, self.family_names)))


class Publication(StudyKeys):
    """Authors of the data, licence of the data, and facts for finding the data."""

    authors: tuple[Author, ...] = ()
    licence: Annotated[FilledText, AfterValidator(_licence)] | None = None
    doi: Annotated[FilledText, AfterValidator(_doi)] | None = None
    keywords: Annotated[tuple[Word, ...], Field(max_length=20)] = ()

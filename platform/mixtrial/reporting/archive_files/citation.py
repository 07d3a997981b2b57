"""``CITATION.cff``: citation of the data, for repositories and reference managers.

References
----------
.. [1] Citation File Format 1.2.0, citation-file-format.github.io.
"""

from __future__ import annotations

import yaml
from pydantic import JsonValue

from mixtrial import __version__
from mixtrial.reporting.archive_files.archive_file import ArchiveFile, PackedStudy
from stimuli.study_keys.publication import Author


def citation(packed: PackedStudy) -> dict[str, JsonValue]:
    """Keys of ``CITATION.cff``; if the study names no author, "The authors of …" are named."""
    study, publication = packed.study, packed.study.publication
    unnamed = Author(name=f"The authors of “{study.title}”"[:200])
    content: dict[str, JsonValue] = {
        "cff-version": "1.2.0",
        "message": "If you use these data, please cite them as below.",
        "type": "dataset",
        "title": study.title,
        "abstract": packed.description,
        "authors": [_author(author) for author in publication.authors or (unnamed,)],
        "date-released": packed.made_at.date().isoformat(),
    }
    if publication.licence is not None:
        content["license"] = publication.licence
    if publication.doi is not None:
        content["doi"] = publication.doi
    if publication.keywords:
        content["keywords"] = list(dict.fromkeys(publication.keywords))
    content["references"] = [
        {
            "type": "software",
            "title": "mixtrial: listening tests for music mixes",
            "version": __version__,
            "authors": [{"name": "The mixtrial developers"}],
        }
    ]
    return content


def _author(author: Author) -> JsonValue:
    keys = {"family_names": "family-names", "given_names": "given-names"}
    return {keys.get(key, key): value for key, value in author.model_dump().items() if value}


FILE = ArchiveFile(
    name="CITATION.cff",
    media_type="application/yaml",
    remark="how the data are cited",
    text=lambda packed: yaml.safe_dump(citation(packed), allow_unicode=True, sort_keys=False),
)

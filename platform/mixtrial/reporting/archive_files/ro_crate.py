"""``ro-crate-metadata.json``: the archive as a research object, with a description per file.

References
----------
.. [1] RO-Crate Metadata Specification 1.1, w3id.org/ro/crate/1.1.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import JsonValue

from mixtrial import __version__
from mixtrial.reporting.archive_files.archive_file import ArchiveFile, PackedStudy, as_json
from mixtrial.reporting.archive_files.codemeta import GPL
from mixtrial.reporting.archive_files.registry import archive_files
from stimuli.study_keys.publication import LICENCES, Author

NAME = "ro-crate-metadata.json"
ROOT, PROGRAM, MADE = "./", "#mixtrial", "#packing"
MEDIA_TYPES = {
    ".csv": "text/csv", ".json": "application/json", ".yaml": "application/yaml",
    ".md": "text/markdown", ".txt": "text/plain",
}  # fmt: skip
REMARKS = {
    "archive.json": "words, plan, flow, design, standing, and the options of the analysis",
    "study.yaml": "the study file",
    "plan.json": "the declared plan of analysis with its hash and date",
    "planning.json": "what was found of the study's size before it",
    "environment.txt": "the programs that made the results, with their versions",
    "results/results.json": "every number of the analysis",
    "results/methods.md": "the analysis in words",
}
"""Descriptions of the files that no table and no other module describes."""


def research_object(packed: PackedStudy) -> dict[str, JsonValue]:
    """The graph of the archive: its files, with their authors, program and licence."""
    publication = packed.study.publication
    files = _files(packed)
    people = [_person(author, place) for place, author in enumerate(publication.authors, 1)]
    root: dict[str, JsonValue] = {
        "@id": ROOT,
        "@type": "Dataset",
        "name": packed.study.title,
        "description": packed.description,
        "datePublished": packed.made_at.date().isoformat(),
        "hasPart": [_to(file) for file in files],
        "mentions": {"@id": MADE},
    }
    more: list[JsonValue] = []
    if people:
        root["author"] = [_to(person) for person in people]
    if publication.keywords:
        root["keywords"] = ", ".join(publication.keywords)
    if publication.doi is not None:
        root["identifier"] = f"https://doi.org/{publication.doi}"
    if publication.licence is not None:
        licence = LICENCES[publication.licence]
        root["license"] = {"@id": licence}
        more.append({"@id": licence, "@type": "CreativeWork", "name": publication.licence})
    places = dict.fromkeys(author.affiliation for author in publication.authors)
    more += [{"@id": f"#{name}", "@type": "Organization", "name": name} for name in places if name]
    about: JsonValue = {
        "@id": NAME,
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": ROOT},
    }
    made = [_program(), _packing(packed)]
    return {
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [about, root, *files, *people, *more, *made],
    }


def _to(entity: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {"@id": entity["@id"]}


def _files(packed: PackedStudy) -> list[dict[str, JsonValue]]:
    """Each existing file of the archive, with its format, its size and its description."""
    own = {file.name: file for file in archive_files()}
    remarks = REMARKS | {table.path: table.remark for table in packed.tables}
    remarks |= {name: file.remark for name, file in own.items()}
    found = []
    for path in sorted(path for path in packed.folder.rglob("*") if path.is_file()):
        name = path.relative_to(packed.folder).as_posix()
        media_type = own[name].media_type if name in own else MEDIA_TYPES[path.suffix]
        found.append(_file(path, name, media_type, remarks[name]))
    return found


def _file(path: Path, name: str, media_type: str, remark: str) -> dict[str, JsonValue]:
    return {
        "@id": name,
        "@type": "File",
        "name": path.name,
        "description": remark,
        "encodingFormat": media_type,
        "contentSize": str(path.stat().st_size),
    }


def _person(author: Author, place: int) -> dict[str, JsonValue]:
    known: dict[str, JsonValue] = {
        "name": author.shown,
        "givenName": author.given_names,
        "familyName": author.family_names,
        "affiliation": author.affiliation and {"@id": f"#{author.affiliation}"},
    }
    return {
        "@id": author.orcid or f"#author-{place}",
        "@type": "Organization" if author.name else "Person",
        **{key: value for key, value in known.items() if value},
    }


def _program() -> dict[str, JsonValue]:
    return {
        "@id": PROGRAM,
        "@type": "SoftwareApplication",
        "name": "mixtrial",
        "version": __version__,
        "license": GPL,
    }


def _packing(packed: PackedStudy) -> dict[str, JsonValue]:
    return {
        "@id": MADE,
        "@type": "CreateAction",
        "name": "mixtrial archive",
        "endTime": packed.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "instrument": {"@id": PROGRAM},
        "result": {"@id": ROOT},
    }


FILE = ArchiveFile(
    name=NAME,
    media_type="application/ld+json",
    remark="the archive as a research object",
    text=lambda packed: as_json(research_object(packed)),
    place=90,
)

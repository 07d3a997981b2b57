"""``datapackage.json``: the tables with their columns, types, units and keys (Frictionless).

References
----------
.. [1] Data Package and Table Schema, version 1, specs.frictionlessdata.io.
"""

from __future__ import annotations

import hashlib

from pydantic import JsonValue

from mixtrial.exports.column_meanings import TIME_FORMAT
from mixtrial.reporting.archive_files.archive_file import ArchiveFile, PackedStudy, as_json
from mixtrial.reporting.archive_files.tables import KEYS, PARENTS, Column, Table
from stimuli.study_keys.publication import LICENCES, Author


def data_package(packed: PackedStudy) -> dict[str, JsonValue]:
    """The descriptor of all tables."""
    study, publication = packed.study, packed.study.publication
    content: dict[str, JsonValue] = {
        "profile": "tabular-data-package",
        "name": study.identifier.lower(),
        "title": study.title,
        "description": packed.description,
        "created": packed.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "resources": [_resource(table, packed) for table in packed.tables],
    }
    if publication.licence is not None:
        licence = publication.licence
        content["licenses"] = [{"name": licence, "path": LICENCES[licence]}]
    if publication.authors:
        content["contributors"] = [_contributor(author) for author in publication.authors]
    if publication.keywords:
        content["keywords"] = list(publication.keywords)
    if publication.doi is not None:
        content["id"] = f"https://doi.org/{publication.doi}"
    return content


def _contributor(author: Author) -> JsonValue:
    known = {"path": author.orcid, "organization": author.affiliation}
    told = {key: value for key, value in known.items() if value}
    return {"title": author.shown, "role": "author", **told}


def _resource(table: Table, packed: PackedStudy) -> dict[str, JsonValue]:
    content = (packed.folder / table.path).read_bytes()
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": table.path,
        "description": f"{table.remark[:1].upper()}{table.remark[1:]}.",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "doubleQuote": True, "header": True},
        "schema": _schema(table, packed),
    }


def _schema(table: Table, packed: PackedStudy) -> dict[str, JsonValue]:
    schema: dict[str, JsonValue] = {
        "fields": [_field(column, table.key) for column in table.columns],
        "missingValues": [""],
    }
    if table.key:
        schema["primaryKey"] = list(table.key)
    if keys := _foreign_keys(table, {each.name for each in packed.tables}):
        schema["foreignKeys"] = keys
    return schema


def _field(column: Column, key: tuple[str, ...]) -> dict[str, JsonValue]:
    field: dict[str, JsonValue] = {
        "name": column.name,
        "type": column.type,
        "description": column.meaning,
        "unit": column.unit,
    }
    if column.type == "boolean":
        field |= {"trueValues": ["true"], "falseValues": ["false"]}
    if column.type == "datetime":
        field["format"] = TIME_FORMAT
    if column.name in key:
        field["constraints"] = {"required": True}
    return field


def _foreign_keys(table: Table, there: set[str]) -> list[JsonValue]:
    """Foreign keys: columns that name the participant and the page to which a row belongs."""
    return [
        {
            "fields": list(KEYS[parent]),
            "reference": {"resource": parent, "fields": list(KEYS[parent])},
        }
        for parent in PARENTS.get(table.name, ())
        if parent in there
    ]


FILE = ArchiveFile(
    name="datapackage.json",
    media_type="application/json",
    remark="tables, columns, types, units and keys as a Frictionless data package",
    text=lambda packed: as_json(data_package(packed)),
)

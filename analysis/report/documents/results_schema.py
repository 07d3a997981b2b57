"""Generator of docs/results.schema.json: the JSON Schema of results.json, from the records.

Run as `python -m analysis.report.documents.results_schema > docs/results.schema.json`. A test
checks that the file of the schema is up to date.
"""

import json

from pydantic.json_schema import JsonSchemaValue

from analysis.findings.findings import SCHEMA_VERSION
from analysis.findings.json_form import json_schema
from analysis.report.reported import ReportedFindings

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def results_schema() -> JsonSchemaValue:
    """Schema of the output of `mixtrial report`: the findings, and the key `report`."""
    title = f"results.json of mixtrial, schema_version {SCHEMA_VERSION}"
    return {"$schema": DIALECT, "title": title, **json_schema(ReportedFindings)}


if __name__ == "__main__":
    print(json.dumps(results_schema(), ensure_ascii=False, indent=1))  # noqa: T201

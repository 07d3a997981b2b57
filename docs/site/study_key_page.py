"""Reference: every key of a study file with its default and its meaning, group by group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import yaml
from markdown_table import cell, table

from mixtrial.studio.editor.fields.meanings import TABLE, type_in_a_line, type_in_full
from stimuli.page_types.base import PartOptions
from stimuli.page_types.registry import page_types


def page() -> str:
    """The groups of keys, then what each page type adds."""
    known: Mapping[str, list[str]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    groups: dict[str, list[str]] = defaultdict(list)
    for path in known:
        groups[path.rpartition(".")[0]].append(path)
    text = [
        (
            "# All study keys\n\n[The study file](../study-file.md) explains these keys with "
            "examples, and [Page types](../pages.md) those of each page type. A key in a group is "
            "written below that group; `songs`, `systems`, `parts` and `questionnaires` are lists "
            "of such groups."
        )
    ]
    for group, paths in groups.items():
        rows = [(f"`{path.rpartition('.')[2]}`", *map(cell, known[path])) for path in paths]
        text += [f"## `{group}`" if group else "## The study"]
        text += [table(("key", "default", "meaning"), rows)]
    text += ["## Page types", *map(_type, page_types())]
    return "\n\n".join(text) + "\n"


def _type(name: str) -> str:
    """What a page type adds to the keys of every part."""
    fields = page_types()[name].model_fields
    own = [key for key in fields if key not in PartOptions.model_fields]
    rows = [(f"`{key}`", cell(_default(fields[key]))) for key in own]
    first = f"### `{name}`\n\n{type_in_a_line(name)}\n\n{type_in_full(name)}"
    return f"{first}\n\n{table(('key', 'default'), rows)}" if rows else first


def _default(field: object) -> str:
    value = getattr(field, "default", None)
    shown = value.model_dump() if hasattr(value, "model_dump") else value
    if shown in (None, "", ()):
        return "none"
    plain = list(shown) if isinstance(shown, tuple) else shown
    text = yaml.safe_dump(plain, default_flow_style=True, sort_keys=False)
    return f"`{text.removesuffix('...' + chr(10)).strip()}`"

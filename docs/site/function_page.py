"""Reference: the functions that programs call, and others whose docstrings have an example."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import mixtrial

ROOT = Path(__file__).parents[2]
HOUSES = ("mixing", "stimuli", "db", "analysis", "platform/mixtrial")
SECTION = re.compile(r"^(\w[\w ]*)\n-+\n", re.M)


def page() -> str:
    """Signature and docstring of each function; a test runs the examples."""
    text = [
        (
            "# Functions\n\n`import mixtrial` offers the first four; "
            "[Calling mixtrial from Python](../library.md) shows them at work. The others may "
            "change between versions. A test runs every example."
        )
    ]
    for name in sorted(set(mixtrial.__all__) - {"__version__"}):
        function = getattr(mixtrial, name)
        text += [_entry(f"mixtrial.{name}", inspect.signature(function), inspect.getdoc(function))]
    text += ["## Functions with examples"]
    text += [_entry(*each) for each in _with_examples()]
    return "\n\n".join(text) + "\n"


def _with_examples() -> Iterator[tuple[str, str, str]]:
    """Public functions of the house whose docstring has an example, read without importing them."""
    offered = {getattr(mixtrial, name).__name__ for name in mixtrial.__all__ if name[0] != "_"}
    for house in HOUSES:
        for path in sorted((ROOT / house).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            if ">>> " not in source:
                continue
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for node in ast.parse(source).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    doc = ast.get_docstring(node) or ""
                    if ">>> " in doc and node.name not in offered:
                        returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
                        signature = f"({ast.unparse(node.args)}){returns}"
                        yield f"{module.removeprefix('platform.')}.{node.name}", signature, doc


def _entry(name: str, signature: object, doc: str | None) -> str:
    short = name.rpartition(".")[2]
    call = re.sub(
        r"\b(?:pandas\.core\.frame|collections\.abc|pathlib|typing)\.", "", f"{signature}"
    )
    call = re.sub(r"(: |-> )'([^']*)'", r"\1\2", call)  # annotations that were kept as text
    level = "##" if name.startswith("mixtrial.") and name.count(".") == 1 else "###"
    return f"{level} `{name}`\n\n```python\n{short}{_broken(call)}\n```\n\n{_markdown(doc or '')}"


def _broken(call: str) -> str:
    """A long signature with an argument a line."""
    if len(call) < 80:
        return call
    inside, _, returns = call[1:].rpartition(")")
    arguments = re.split(r", (?![^\[]*\])(?![^(]*\))", inside)
    return "(\n    " + ",\n    ".join(arguments) + f",\n){returns}"


def _markdown(doc: str) -> str:
    """A numpydoc docstring: its sections in bold, its parameters as a list, examples as code."""
    doc = re.sub(r"``([^`]+)``", r"`\1`", inspect.cleandoc(doc))
    first, *rest = SECTION.split(doc)
    out = [_examples(re.sub(r":\w+:`", "`", first))]
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        listed = title in {"Parameters", "Returns", "Raises", "Attributes", "Yields"}
        told = _listed(body) if listed else _examples(body)
        out.append(f"**{title}**\n\n{told}")
    return "\n\n".join(each.strip() for each in out)


def _listed(body: str) -> str:
    entries = re.split(r"\n(?=\S)", body.strip())
    lines = []
    for entry in entries:
        name, _, meaning = entry.partition("\n")
        told = " ".join(inspect.cleandoc(meaning).split())
        lines.append(f"- `{name}`" + (f": {told}" if told else ""))
    return "\n".join(lines)


def _examples(text: str) -> str:
    """Text whose blocks that begin with ``>>>`` are code."""
    blocks = re.split(r"\n{2,}", text.strip())
    told = [f"```pycon\n{each.strip()}\n```" if each.lstrip()[:3] == ">>>" else each
            for each in blocks]  # fmt: skip
    return "\n\n".join(told)

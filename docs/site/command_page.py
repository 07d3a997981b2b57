"""Reference: each command with its arguments, options and defaults, as ``--help`` tells them."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import typer
from markdown_table import cell, table

from mixtrial.commands import cli


def page() -> str:
    """Every command, under the headings of ``mixtrial --help``."""
    parts = [
        "# Commands\n\nMade from the program's own help: `mixtrial COMMAND --help` prints the same."
    ]
    for heading, names in cli.ROOMS.items():
        parts.append(f"## {heading}")
        for name, module in names.items():
            parts += [_told(*each) for each in _functions(name, module)]
    return "\n\n".join(parts) + "\n"


def _functions(name: str, module: str) -> Iterator[tuple[str, Any]]:
    """The function of a command, or those of a group, each with the words that call it."""
    if module in cli.GROUPS:
        for each, inner in cli.GROUPS[module].items():
            yield f"mixtrial {name} {each}", _function(inner, each)
    else:
        yield f"mixtrial {name}", _function(module, name)


def _function(module: str, name: str) -> Any:
    return getattr(importlib.import_module(f"mixtrial.commands.{module}"), name)


def _told(words: str, function: Any) -> str:
    hints = get_type_hints(function, include_extras=True)
    arguments: list[tuple[str, str]] = []
    options: list[tuple[str, str, str]] = []
    usage = [words]
    for name, parameter in inspect.signature(function).parameters.items():
        kind, info = get_args(hints[name])[:2]
        if info.hidden:
            continue
        meaning = cell(_prose(info.help))
        if isinstance(info, typer.models.ArgumentInfo):
            usage.append(_argument(name, kind, info, parameter.default))
            arguments.append((f"`{usage[-1]}`", meaning))
        else:
            options.append((_option(name, kind, info), _default(parameter.default), meaning))
    if options:
        usage.insert(1, "[OPTIONS]")
    text = f"### `{words}`\n\n{_prose(function.__doc__)}\n\n```text\n{' '.join(usage)}\n```"
    if arguments:
        text += "\n\n" + table(("argument", "meaning"), arguments)
    if options:
        text += "\n\n" + table(("option", "default", "meaning"), options)
    return text


def _prose(text: str | None) -> str:
    """Help without the marks of the terminal."""
    plain = inspect.cleandoc(text or "").replace("\b", "").replace("\f", "")
    return re.sub(r"``([^`]+)``", r"`\1`", plain)


def _argument(name: str, kind: Any, info: Any, default: Any) -> str:
    shown = info.metavar or name.upper()
    many = "..." if get_origin(_bare(kind)) in (list, tuple) else ""
    return f"{shown}{many}" if default is inspect.Parameter.empty else f"[{shown}{many}]"


def _option(name: str, kind: Any, info: Any) -> str:
    """Its names, and what is written behind them."""
    word = name.replace("_", "-")
    bare = _bare(kind)
    names = info.param_decls or ([f"--{word}/--no-{word}"] if bare is bool else [f"--{word}"])
    shown = ", ".join(f"`{each}`" for each in names)
    return shown if bare is bool else f"{shown} {cell(info.metavar or _value(bare))}"


def _value(kind: Any) -> str:
    if get_origin(kind) in (list, tuple):
        return _value(get_args(kind)[0])
    if get_origin(kind) is Literal:
        return "|".join(map(str, get_args(kind)))
    return {int: "NUMBER", float: "NUMBER", Path: "PATH"}.get(kind, "TEXT")


def _bare(kind: Any) -> Any:
    """A type without ``None``."""
    if get_origin(kind) in (Union, UnionType):
        [kind] = [each for each in get_args(kind) if each is not NoneType][:1]
    return kind


def _default(value: Any) -> str:
    if value is inspect.Parameter.empty:
        return "needed"
    if value is True:
        return "on"
    return "" if value in (None, "", (), False) or value == [] else f"`{cell(str(value))}`"

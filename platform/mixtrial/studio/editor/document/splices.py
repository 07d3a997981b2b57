"""Writing of a change into a study file's text at one place; all other characters are kept.

Conventions
-----------
``found`` and ``holder`` are places of the text as :mod:`mixtrial.studio.editor.document.spans`
finds them. The caller must read the changed text again to check the values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from mixtrial.studio.editor.document.spans import (
    EditError,
    Found,
    composed,
    dash_of,
    end_of,
    find,
    keys_of,
    line_end,
    line_start,
    next_line,
    start_of,
)
from mixtrial.studio.editor.document.written import (
    STEP,
    behind_dash,
    behind_key,
    block_text,
    flow,
    scalar,
)
from stimuli.study_keys.yaml_source import Place


def anew(text: str, place: Place, value: Any) -> str:
    """Text with a new value at the path ``place``; raise ``EditError`` if there is no value."""
    found = find(composed(text), place)
    if found is None:
        raise EditError("The study file has no value at this place.")
    return spliced(text, found, value)


def spliced(text: str, found: Found, value: Any) -> str:
    """A text in which a value is replaced by another."""
    node = found.value
    start, end = start_of(node), end_of(text, node)
    if found.is_in_flow or (isinstance(node, yaml.ScalarNode) and found.key is None):
        style = node.style if isinstance(node, yaml.ScalarNode) else None
        is_scalar = not isinstance(value, Mapping | list | tuple)
        new = scalar(value, style, in_flow=found.is_in_flow) if is_scalar else flow(value)
        return text[:start] + _apart(text, start) + new + text[end:]
    # A list or mapping without a key is an entry of a list in block style.
    if found.key is None:
        new = behind_dash(value, int(node.start_mark.column) - STEP, as_flow=bool(node.flow_style))
        return text[:start] + new.lstrip() + text[end:]
    indent = int(found.key.start_mark.column)
    colon = text.index(":", int(found.key.end_mark.index)) + 1
    is_last = not text[end : line_end(text, end)].strip()
    if isinstance(node, yaml.ScalarNode) and isinstance(value, str):
        block = _text_again(text[start:end], node, value, indent) if is_last else None
        new = block or scalar(value, node.style)
        return text[:start] + _apart(text, start) + new + text[end:]
    is_flow = isinstance(node, yaml.CollectionNode) and bool(node.flow_style)
    used = indent + len(str(found.key.value)) + 1
    new = f" {flow(value)}" if is_flow or not is_last else behind_key(value, indent, used)
    return text[:colon] + new + text[end:]


def _text_again(old: str, node: yaml.ScalarNode, value: str, indent: int) -> str | None:
    """A text written as a YAML block if it was one before, or has several lines; otherwise None."""
    if node.style in (">", "|"):
        kept = [line.strip() for line in old.split("\n")[1:]] if node.style == ">" else []
        return block_text(value, indent, kept if all(kept) else ())
    if "\n" in value:
        return block_text(value, indent)
    return None


def _apart(text: str, at: int) -> str:
    """A space to insert if the value directly follows a colon or a dash; otherwise nothing."""
    return " " if text[at - 1 : at] in (":", "-") else ""


def with_key(text: str, holder: Found, key: Any, value: Any, order: Sequence[str]) -> str:
    """A mapping with one more key, after the keys that precede it in ``order``."""
    node = holder.value
    before = _before(keys_of(node), str(key), order)
    if node.flow_style:
        pair = flow({_key_of_its_kind(key, node): value})[1:-1]
        if not node.value:
            return text[: start_of(node) + 1] + pair + text[int(node.end_mark.index) - 1 :]
        at = end_of(text, node.value[before][1])
        return f"{text[:at]}, {pair}{text[at:]}"
    indent = int(node.value[0][0].start_mark.column)
    head = f"{' ' * indent}{scalar(_key_of_its_kind(key, node))}:"
    return _line_behind(
        text, end_of(text, node.value[before][1]), head + behind_key(value, indent, len(head))
    )


def _key_of_its_kind(key: Any, node: yaml.MappingNode) -> Any:
    """A key, as a number if the other keys are numbers."""
    are_numbers = all("int" in each.tag or "float" in each.tag for each, _ in node.value)
    if not node.value or not are_numbers:
        return key
    number = float(key)
    return int(number) if number.is_integer() else number


def _before(keys: Sequence[str], key: str, order: Sequence[str]) -> int:
    """Position of the key after which ``key`` is inserted; the last key if not in ``order``."""
    if key not in order:
        return len(keys) - 1
    rank = order.index(key)
    earlier = [at for at, each in enumerate(keys) if each in order[:rank]]
    return max(earlier, key=lambda at: order.index(keys[at]), default=len(keys) - 1)


def _line_behind(text: str, at: int, line: str) -> str:
    """Insert ``line`` below the line at position ``at``, and return the whole text."""
    ending = "\r\n" if "\r\n" in text else "\n"
    below = next_line(text, at)
    lead = "" if text[:below].endswith("\n") else ending
    return text[:below] + lead + line.replace("\n", ending) + ending + text[below:]


def appended(text: str, holder: Found, value: Any) -> str:
    """A list with one more entry after its last entry."""
    node = holder.value
    if node.flow_style:
        if not node.value:
            return text[: start_of(node) + 1] + flow(value) + text[int(node.end_mark.index) - 1 :]
        at = end_of(text, node.value[-1])
        return f"{text[:at]}, {flow(value)}{text[at:]}"
    return _line_behind(text, end_of(text, node), _item(node, value))


def _item(node: yaml.SequenceNode, value: Any) -> str:
    """A dash and a value, in the same style as the list's first entry."""
    indent = int(node.start_mark.column)
    return f"{' ' * indent}-" + behind_dash(value, indent, as_flow=bool(_flows(node)))


def _flows(node: yaml.SequenceNode) -> bool:
    first = node.value[0] if node.value else None
    return isinstance(first, yaml.CollectionNode) and bool(first.flow_style)


def removed(text: str, place: Place) -> str:
    """The text from which a value, its key or dash, and the rest of its lines are removed."""
    root = composed(text)
    found, holder = find(root, place), find(root, place[:-1])
    if found is None or holder is None:
        return text
    node = holder.value
    if node.flow_style:
        return _cut_from_flow(text, node, place[-1])
    first = found.key or found.value
    start = start_of(first) if found.key else dash_of(text, node, found.value)
    end = next_line(text, end_of(text, found.value))
    # Only the dash of a list entry can precede a key on its line. If a dash precedes the removed
    # key, the dash stays, and the next key moves up behind the dash.
    if text[line_start(text, start) : start].strip():
        follower = node.value[1][0]
        return text[:start] + text[start_of(follower) :]
    return text[: line_start(text, start)] + text[end:]


def _cut_from_flow(text: str, node: yaml.CollectionNode, part: int | str) -> str:
    spans = _spans(text, node)
    at = part if isinstance(part, int) else keys_of(node).index(part)
    if at + 1 < len(spans):
        return text[: spans[at][0]] + text[spans[at + 1][0] :]
    start = spans[at - 1][1] if at else spans[at][0]
    return text[:start] + text[spans[at][1] :]


def _spans(text: str, node: yaml.CollectionNode) -> list[tuple[int, int]]:
    """Start and end of each entry of a collection in braces or brackets."""
    pairs = [each if isinstance(each, tuple) else (each, each) for each in node.value]
    return [(start_of(first), end_of(text, last)) for first, last in pairs]


def with_entry_before(text: str, place: Place, value: Any) -> str:
    """A list with one more entry, before the entry at ``place``."""
    holder = find(composed(text), place[:-1])
    if holder is None:
        raise EditError("The study file has no list at this place.")
    node, at = holder.value, int(place[-1])
    if node.flow_style:
        start = _spans(text, node)[at][0]
        return f"{text[:start]}{flow(value)}, {text[start:]}"
    if at:
        return _line_behind(text, end_of(text, node.value[at - 1]), _item(node, value))
    ending = "\r\n" if "\r\n" in text else "\n"
    start = line_start(text, dash_of(text, node, node.value[0]))
    line = _item(node, value).replace("\n", ending)
    return text[:start] + line + ending + text[start:]


def with_entry_moved(text: str, place: Place, to: int) -> str:
    """Move an entry by exchanging entries; text between them, such as comments, stays in place."""
    holder = find(composed(text), place[:-1])
    if holder is None:
        raise EditError("The study file has no list at this place.")
    node = holder.value
    if node.flow_style:
        spans = _spans(text, node)
    else:
        spans = [
            (dash_of(text, node, each), line_end(text, end_of(text, each))) for each in node.value
        ]
    pieces = [text[start:end] for start, end in spans]
    pieces.insert(to, pieces.pop(int(place[-1])))
    result, last = "", 0
    for (start, end), piece in zip(spans, pieces, strict=True):
        result += text[last:start] + piece
        last = end
    return result + text[last:]

"""The text of a study file without the codes and links with which a panel pays participants."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

OF_THE_STUDY = ("completion_code", "completion_link", "completion_redirect")
OF_RECRUITMENT = ("completion", "screened_out", "returned")
_PROPERTY = re.compile(r"[&!]\S*\s+")
"""An anchor or a tag before a value, which stays."""

CODE_LEFT_OUT = "left-out"
LINK_LEFT_OUT = "https://example.org/left-out"
"""Value that replaces them: a file that holds it can still be read as a study."""


def without_codes(text: str) -> str:
    """Text without codes and links that lead a participant back to a panel.

    Anybody with a code of the panel could be paid without having taken part. All other text of the
    study file is unchanged.

    Parameters
    ----------
    text
        Text of a readable study file.

    Examples
    --------
    >>> without_codes("recruitment: {panel: prolific, completion: C1A2B3} # paid")
    'recruitment: {panel: prolific, completion: left-out} # paid'
    """
    nodes = {node.start_mark.index: node for node in _codes(yaml.compose(text, yaml.SafeLoader))}
    for first in sorted(nodes, reverse=True):
        node, begin = nodes[first], first
        while found := _PROPERTY.match(text, begin):
            begin = found.end()
        told = LINK_LEFT_OUT if "://" in node.value else CODE_LEFT_OUT
        block = "\n" if text[begin : node.end_mark.index].endswith("\n") else ""
        text = f"{text[:begin]}{told}{block}{text[node.end_mark.index :]}"
    return text


def _codes(root: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """Values of the keys for codes and links, with the places of the values in the text."""
    for name, node in _keys(root):
        if name in OF_THE_STUDY:
            yield from _scalar(node)
        if name == "recruitment":
            for key, value in _keys(node):
                if key in OF_RECRUITMENT:
                    yield from _scalar(value)


def _keys(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((str(key.value), value) for key, value in node.value)


def _scalar(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode) and node.value:
        yield node

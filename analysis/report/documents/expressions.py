"""Expressions of a template as readable text: words for conditions, marks for inserted values."""

from __future__ import annotations

import re

from jinja2 import nodes

_COMPARED = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">=",
             "in": "in", "notin": "not in"}  # fmt: skip
_OPPOSITE = {"eq": "ne", "ne": "eq", "lt": "gteq", "gteq": "lt", "gt": "lteq", "lteq": "gt",
             "in": "notin", "notin": "in"}  # fmt: skip
_BETWEEN: dict[type[nodes.Expr], str] = {
    nodes.And: "and", nodes.Or: "or", nodes.Add: "+", nodes.Sub: "-", nodes.Mul: "*",
    nodes.Div: "/", nodes.Mod: "%",
}  # fmt: skip


def code_of(node: nodes.Node) -> str:
    """An expression as a template writes it: ``a["b"]`` becomes ``a.b``.

    Examples
    --------
    >>> from jinja2 import Environment
    >>> found = Environment().parse("{% if not a['b'] and c | length > 1 %}{% endif %}")
    >>> code_of(found.body[0].test)
    'not a.b and c | length > 1'
    """
    match node:
        case nodes.Name():
            return node.name
        case nodes.Const():
            return "none" if node.value is None else repr(node.value).replace("'", '"')
        case nodes.TemplateData():
            return node.data
        case nodes.Getattr():
            return f"{code_of(node.node)}.{node.attr}"
        case nodes.Getitem():
            return code_of(node.node) + _item(node.arg)
        case nodes.Call():
            return f"{code_of(node.node)}({_arguments(node)})"
        case nodes.Filter():
            given = _arguments(node)
            name = f"{node.name}({given})" if given else node.name
            return f"{code_of(node.node)} | {name}" if node.node else name
        case nodes.Test():
            given = _arguments(node)
            return f"{code_of(node.node)} is {node.name}" + (f"({given})" if given else "")
        case nodes.Not(node=nodes.Test() as test):
            return f"{code_of(test.node)} is not {test.name}"
        case nodes.Not():
            return f"not {_inner(node.node)}"
        case nodes.Compare():
            ends = (f" {_COMPARED[each.op]} {code_of(each.expr)}" for each in node.ops)
            return code_of(node.expr) + "".join(ends)
        case nodes.CondExpr():
            other = f" else {code_of(node.expr2)}" if node.expr2 else ""
            return f"{code_of(node.expr1)} if {code_of(node.test)}{other}"
        case nodes.BinExpr():
            return f"{_inner(node.left)} {_BETWEEN[type(node)]} {_inner(node.right)}"
        case nodes.Concat():
            return " ~ ".join(code_of(each) for each in node.nodes)
        case nodes.List() | nodes.Tuple():
            return "[" + ", ".join(code_of(each) for each in node.items) + "]"
        case nodes.Dict():
            return (
                "{" + ", ".join(f"{code_of(p.key)}: {code_of(p.value)}" for p in node.items) + "}"
            )
    raise TypeError(f"{type(node).__name__} has no text yet")


def _item(argument: nodes.Node) -> str:
    if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
        return f".{argument.value}"
    if isinstance(argument, nodes.Slice):
        ends = (argument.start, argument.stop)
        return "[" + ":".join(code_of(end) if end else "" for end in ends) + "]"
    return f"[{code_of(argument)}]"


def _arguments(call: nodes.Call | nodes.Filter | nodes.Test) -> str:
    named = (f"{each.key}={code_of(each.value)}" for each in call.kwargs)
    return ", ".join([*(code_of(each) for each in call.args), *named])


def _inner(node: nodes.Node) -> str:
    text = code_of(node)
    return f"({text})" if isinstance(node, nodes.And | nodes.Or | nodes.CondExpr) else text


def negated(node: nodes.Node) -> str:
    """The opposite of a condition, as a template writes it.

    Examples
    --------
    >>> from jinja2 import Environment
    >>> found = Environment().parse("{% if p < 0.05 %}{% elif a or b %}{% endif %}").body[0]
    >>> negated(found.test), negated(found.elif_[0].test)
    ('p >= 0.05', 'not (a or b)')
    """
    match node:
        case nodes.Not():
            return code_of(node.node)
        case nodes.Compare(ops=[one]):
            return f"{code_of(node.expr)} {_COMPARED[_OPPOSITE[one.op]]} {code_of(one.expr)}"
        case nodes.Test():
            return code_of(nodes.Not(node))
    return f"not {_inner(node)}"


def filled(node: nodes.Expr) -> str:
    """Text for an expression: its literal words, or in braces the name after its last dot.

    If an expression has alternative words, they are printed in brackets with their conditions;
    words that differ only in grammar are not.

    Examples
    --------
    >>> from jinja2 import Environment
    >>> text = '{{ number("data", "n", style="count") }}{{ ", " if not loop.last }} of {{ a.b }}'
    >>> "".join(filled(node) for node in Environment().parse(text).body[0].nodes)
    '{n} of {b}'
    """
    match node:
        case nodes.TemplateData():
            return node.data
        case nodes.Const():
            return str(node.value)
        case nodes.CondExpr():
            return _choice(node)
        case nodes.Concat():
            return "".join(filled(each) for each in node.nodes)
        case nodes.Filter() if node.node is not None:
            return filled(node.node)
        case nodes.Call(node=nodes.Getattr(attr="counted")):
            return f"{{n}} {_words(node)[-1]}s"
        case nodes.Call():
            return "{" + _name_of_call(node) + "}"
    return "{" + _last_name(node) + "}"


def _choice(node: nodes.CondExpr) -> str:
    texts = [filled(node.expr1), filled(node.expr2) if node.expr2 else ""]
    if all(len(re.findall("[a-z]", re.sub("{.*?}", "", text))) < 2 for text in texts):
        return texts[0] if re.search("[a-z{]", texts[0]) and "{" in texts[0] else ""
    if "loop." in (code := code_of(node.test)):
        return ", "
    return f"[{texts[0]} if {code}{', else ' + texts[1] if texts[1] else ''}]"


def _name_of_call(call: nodes.Call) -> str:
    name, words = _last_name(call.node), _words(call)
    if name in _OF_WHAT_IS_GIVEN:
        return words[-1] if words else _last_name(call.args[0])
    return name.replace("_", " ")


def _words(call: nodes.Call) -> list[str]:
    """The words among the positional arguments of a function call."""
    found = [each for one in call.args for each in [one, *one.find_all(nodes.Const)]]
    values = [each.value for each in found if isinstance(each, nodes.Const)]
    return [value for value in values if isinstance(value, str)]


_OF_WHAT_IS_GIVEN = frozenset(
    (
        "number",
        "p_cell",
        "of",
        "group_label",
        "system_label",
        "attribute_label",
        "names",
        "first_names",
        "models",
    )
)
_NAMES = {"model_names": "model", "df_names": "degrees of freedom", "verdict_words": "verdict",
          "for_pairs": "Holm", "of_family": "adjustment"}  # fmt: skip


def _last_name(node: nodes.Node | None) -> str:
    match node:
        case nodes.Getattr():
            return node.attr
        case nodes.Name():
            return _NAMES.get(node.name, node.name)
        case nodes.Getitem(arg=nodes.Const(value=str() as name)):
            return name
        case nodes.Getitem() | nodes.Filter() | nodes.Call():
            return _last_name(node.node)
        case nodes.Or() | nodes.Add():
            return _last_name(node.left)
    return "…"

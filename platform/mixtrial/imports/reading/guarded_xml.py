"""XML of other tools, with the line of each element; document type declarations are refused.

A document type could name other files and addresses, or entities that expand without limit
(https://docs.python.org/3/library/xml.html#xml-security). No project of a listening test needs such
a declaration.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from mixtrial.imports.reading.lenient_yaml import Entry
from stimuli.study.study import StudyError

MAX_DEPTH = 30
MAX_ELEMENTS = 50_000


@dataclass(slots=True)
class XmlElement:
    """An element with the numbers of its first and last line, from 1."""

    name: str
    attributes: dict[str, str]
    line: int
    last_line: int = 0
    text: str = ""
    children: list[XmlElement] = field(default_factory=list)

    def all(self, *names: str) -> list[XmlElement]:
        """Children with these names, in the order of the document."""
        return [child for child in self.children if child.name in names]

    def one(self, name: str) -> XmlElement | None:
        """The first child with the given name; None without such a child."""
        return next(iter(self.all(name)), None)

    @property
    def entry(self) -> Entry:
        """The attributes of the element as keys with line numbers."""
        keys = {key: Entry(v, v, self.line, self.line) for key, v in self.attributes.items()}
        return Entry(keys, "", self.line, self.last_line)


def read_guarded_xml(name: str, content: bytes) -> XmlElement:
    """The root element of a document.

    Raises
    ------
    StudyError
        The document is not XML, declares a document type or an entity, or is nested too deeply.
    """
    reader = _Reader(name)
    try:
        reader.parser.Parse(content, True)
    except expat.ExpatError as error:
        why = expat.ErrorString(error.code)
        raise StudyError(f"{name}, line {error.lineno}: This is not valid XML ({why}).") from None
    except (LookupError, ValueError) as error:
        if isinstance(error, StudyError):
            raise
        raise StudyError(f"{name} has an encoding that cannot be read; save it in UTF-8.") from None
    return reader.root


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.root = XmlElement("", {}, 1)
        self.n_elements = 0
        self._open: list[XmlElement] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._add_text
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.ExternalEntityRefHandler = self._refuse

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self.n_elements += 1
        line = self.parser.CurrentLineNumber
        if self.n_elements > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise StudyError(f"{self.name}, line {line}: There are too many elements or levels.")
        element = XmlElement(name, attributes, line)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, _name: str) -> None:
        self._open.pop().last_line = self.parser.CurrentLineNumber

    def _add_text(self, text: str) -> None:
        if self._open:
            self._open[-1].text += text

    def _refuse(self, *_declared: object) -> int:
        line = self.parser.CurrentLineNumber
        raise StudyError(
            f"{self.name}, line {line}: Document types and entities are not accepted; remove them."
        )

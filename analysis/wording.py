"""Words for a study's items: "song" and "mix" by default, but a study can use other words."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(
    r"(?<![-\w/#.'\"])"  # words inside a name, an address or a quotation are left out
    r"(?:(?P<article>[Aa]) )?(?P<word>[Ss]ongs?|[Mm]ix(?:es)?)(?![-\w/]|\.\w)"
)


@dataclass(frozen=True, slots=True)
class Wording:
    """A study's words for its items and for the versions of an item, in singular and plural.

    Columns of tables and keys of results keep their names, whatever words the study uses.
    """

    one: str = "song"
    many: str = "songs"
    version: str = "mix"
    versions: str = "mixes"

    def of(self, sentence: str) -> str:
        """Replace "song" and "mix" in a sentence by a study's words; names are inserted later.

        Examples
        --------
        >>> Wording("excerpt", "excerpts", "version", "versions").of("Songs: a song has two mixes")
        'Excerpts: an excerpt has two versions'
        """
        return _WORD.sub(self._instead, sentence)

    def _instead(self, found: re.Match[str]) -> str:
        ours = ("song", "songs", "mix", "mixes").index(found["word"].lower())
        word = (self.one, self.many, self.version, self.versions)[ours]
        if found["word"][0].isupper():
            word = word[:1].upper() + word[1:]
        article = found["article"]
        if article is None:
            return word
        return f"{article}n {word}" if word[:1].lower() in "aeiou" else f"{article} {word}"


SONGS_AND_MIXES = Wording()

"""Top package of mixtrial, with the functions that other programs can call.

`mix`, `read_ratings`, `analyse` and `plan` are loaded at their first use, so that importing
mixtrial is fast. The functions are described in docs/library.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.planning.study_size import plan
    from analysis.ratings.table import read_ratings
    from analysis.results import analyse
    from mixing.systems.song_files import mix

__version__ = "0.1.0"
__all__ = ["__version__", "analyse", "mix", "plan", "read_ratings"]

_HOMES = {
    "analyse": "analysis.results",
    "mix": "mixing.systems.song_files",
    "plan": "analysis.planning.study_size",
    "read_ratings": "analysis.ratings.table",
}


def __getattr__(name: str) -> Any:
    """A public function of mixtrial, imported from the module that defines it."""
    if name not in _HOMES:
        raise AttributeError(f"mixtrial has no {name}; it has {', '.join(_HOMES)}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Public names of the package ``mixtrial``, including functions that are not loaded yet."""
    return sorted({*globals(), *__all__})

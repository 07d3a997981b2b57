"""Functions compiled to machine code, with a cache folder that stores the code for later runs.

numba keeps the compiled code beside the source or in the user's cache folder. In a container or on
a cluster, numba often cannot write to these folders: the installed package is read-only, and there
is no home folder. If numba cannot write to its usual folders, the machine code is stored in a
private temporary folder. Without a folder for compiled code, each process compiles the functions
again.
"""

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, TypeVar, cast

from numba import config, njit

F = TypeVar("F", bound=Callable[..., object])
Arithmetic: TypeAlias = Literal["exact", "reordered", "finite"]

# options of LLVM, the library that writes numba's machine code
_FASTMATH: Final[dict[Arithmetic, bool | set[str]]] = {
    "exact": False,
    "reordered": {"contract", "reassoc", "nsz", "arcp"},
    "finite": True,
}


def compiled(arithmetic: Arithmetic = "exact") -> Callable[[F], F]:
    """Compile the decorated function, which has a loop that would be too slow in Python.

    Parameters
    ----------
    arithmetic
        ``exact`` computes with the same rounding as Python. ``reordered`` may add numbers in a
        different order, and may round once instead of twice when it multiplies and adds. ``finite``
        also assumes that no value is NaN or infinite.
    """
    fastmath = _FASTMATH[arithmetic]

    def decorate(function: F) -> F:
        made: Any
        try:
            made = njit(cache=True, fastmath=fastmath)(function)
        except RuntimeError:  # numba found no cache folder that it can write to
            folder = _private_folder()
            vars(config)["CACHE_DIR"] = str(folder or "")
            made = njit(cache=folder is not None, fastmath=fastmath)(function)
        return cast("F", made)

    return decorate


def _private_folder() -> Path | None:
    """A folder that only this account can write to, because the files in it are executed."""
    if not hasattr(os, "getuid"):
        return None
    folder = Path(tempfile.gettempdir()) / f"mixtrial-compiled-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    is_ours = found.st_uid == os.getuid() and stat.S_IMODE(found.st_mode) == 0o700
    return folder if is_ours and stat.S_ISDIR(found.st_mode) else None

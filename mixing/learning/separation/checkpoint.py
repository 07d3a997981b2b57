"""Reading of weights from another program's checkpoint, without running the program's code.

A pickle is a program. The checkpoints are dictionaries of numpy arrays. Reading the checkpoints
needs only four Python names. If a file contains a Python name that is not needed, the file is
refused before the name is imported. Data type, shape and size of arrays are also checked, so an
accepted file contains only numbers.
"""

from __future__ import annotations

import codecs
import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mixing.learning.separation.base import SeparationError

Arrays = dict[str, npt.NDArray[np.float32]]

MAX_BYTES = 256 * 2**20
_RECONSTRUCT = np.zeros(1).__reduce__()[0]
# numpy 2 renamed the module of `_reconstruct`. Files of older numpy versions have the old module
# name.
_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("_codecs", "encode"): codecs.encode,
}


class _ArrayUnpickler(pickle.Unpickler):
    """Unpickler for dictionaries of arrays; an unexpected Python name in the file is an error."""

    def find_class(self, module: str, name: str) -> Any:
        """Return one of the four allowed Python names."""
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name} is not a numpy array") from None


def read_arrays(path: Path) -> Arrays:
    """Arrays of a checkpoint, by name; the checkpoint is a zip file with one ``data.pkl``.

    Returns
    -------
    dict
        float32 arrays. Counters of batches are left out, because their data type is different.

    Raises
    ------
    SeparationError
        The file is missing, is not a checkpoint of this form, is larger than 256 MiB, or contains
        values that are not numbers.
    """
    try:
        content = _pickle_in(path)
        arrays = _ArrayUnpickler(io.BytesIO(content)).load()
    except OSError as error:
        raise SeparationError(f"There is no checkpoint {path}.") from error
    except Exception as error:  # a forged pickle file can raise any error
        raise SeparationError(f"{path} is not a checkpoint of plain arrays ({error}).") from error
    if not isinstance(arrays, dict) or not arrays:
        raise SeparationError(f"{path} is not a checkpoint of plain arrays.")
    for name, array in arrays.items():
        if (
            not isinstance(name, str)
            or type(array) is not np.ndarray
            or array.dtype.kind not in "fi"
        ):
            raise SeparationError(f"{path} holds values that are not numbers.")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise SeparationError(f"{path} holds weights that are not numbers: {name}.")
    return {name: a.astype(np.float32) for name, a in arrays.items() if a.dtype.kind == "f"}


def _pickle_in(path: Path) -> bytes:
    """Content of the single ``data.pkl`` in a zip file."""
    with zipfile.ZipFile(path) as archive:
        found = [info for info in archive.infolist() if info.filename.endswith("data.pkl")]
        if len(found) != 1:
            raise ValueError("The file does not hold exactly one data.pkl.")
        if found[0].file_size > MAX_BYTES:
            raise ValueError("The data.pkl is larger than 256 MiB.")
        return archive.read(found[0])

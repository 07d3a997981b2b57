"""A short search for reverberation, and a network that is trusted, for tests of other things."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mixing.learning.reverb_targets import matching
from mixing.learning.weight_files import WEIGHTS_FOLDER, read_index, read_weights, write_weights


@pytest.fixture(scope="module")
def short_search() -> Iterator[None]:
    """Three generations for a song's reverb: how well it is found, `test_reverb_targets` tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "N_GENERATIONS", 3)
        yield


@pytest.fixture(scope="session")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped weights with an equaliser's network that is trusted wholly."""
    folder = tmp_path_factory.mktemp("trusted")
    shutil.copytree(WEIGHTS_FOLDER, folder, dirs_exist_ok=True)
    index, tensors = read_index(folder), read_weights("eq", folder)
    tensors["shrinkage"] = np.ones_like(tensors["shrinkage"])
    index["networks"]["eq"]["sha256"] = write_weights(tensors, folder / "eq.safetensors")
    (folder / "weights.json").write_text(json.dumps(index), encoding="utf-8")
    return folder

"""A short search for reverberation, where something else is tested."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mixing.learning.reverb_targets import matching


@pytest.fixture(scope="module")
def short_search() -> Iterator[None]:
    """Three generations for a song's reverb: how well it is found, `test_reverb_targets` tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "N_GENERATIONS", 3)
        yield

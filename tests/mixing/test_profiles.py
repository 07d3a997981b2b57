"""The two profiles hold the constants their sources give."""

from __future__ import annotations

import dataclasses

import pytest

from mixing.profiles import CORRECTED, LI2022, profile_named


def test_the_li2022_profile_holds_the_studys_constants() -> None:
    """As published: LRA 16.36 on its own meter, −1.77 LU, −28 LUFS, 30 and 150 ms."""
    assert (LI2022.lra_target_lu, LI2022.relative_loudness_lu) == (16.36, -1.77)
    assert LI2022.mix_loudness_lufs == -28.0
    assert LI2022.relative_reverb_loudness_lu is None
    assert (LI2022.attack_ms, LI2022.release_ms, LI2022.eq_design) == (30.0, 150.0, "rbj")


def test_the_corrected_profile_mends_them() -> None:
    """EBU loudness, the best constant of the same domain, De Man's reverb loudness."""
    assert CORRECTED.mix_loudness_lufs == -23.0
    assert CORRECTED.relative_loudness_lu == -3.43
    assert CORRECTED.relative_reverb_loudness_lu == -14.0
    assert CORRECTED.lra_target_lu < LI2022.lra_target_lu


def test_profiles_are_found_by_name_and_cannot_be_changed() -> None:
    """Any other word is an error with the right words in it."""
    assert profile_named("li2022") is LI2022
    assert profile_named("corrected") is CORRECTED
    with pytest.raises(ValueError, match="choose li2022 or corrected"):
        profile_named("correct")
    with pytest.raises(dataclasses.FrozenInstanceError):
        LI2022.lra_target_lu = 1.0  # type: ignore[misc]

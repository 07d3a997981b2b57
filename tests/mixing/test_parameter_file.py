"""A parameter file is read back as written, and every mistake in it is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import places
from mixing.audio import AudioError
from mixing.effects.reverb import REVERB_RANGES
from mixing.parameter_file import as_json, parameters_of, read_parameters
from mixing.parameters import (
    CompressionSettings,
    CompressionTarget,
    EqBand,
    MixParameters,
    ReverbParameters,
)


def content() -> dict[str, Any]:
    """A correct file, to be spoilt."""
    reverb = ReverbParameters(0.2, 0.4, 0.1, 10.0, 100.0, -2.0, 0.5, 10_000.0, -16.0, 0.7)
    return as_json(MixParameters((EqBand(250.0, -3.0),), CompressionTarget(9.0), reverb, -2.0))


any_parameters = st.builds(
    MixParameters,
    st.lists(
        st.builds(EqBand, st.floats(20, 20_000), st.floats(-15, 15), st.floats(0.1, 10)), max_size=9
    ).map(tuple),
    st.one_of(
        st.none(),
        st.builds(CompressionTarget, st.floats(0, 60), st.none() | st.floats(0, 60)),
        st.builds(
            CompressionSettings,
            st.floats(-100, 20),
            st.floats(1, 100),
            st.floats(0, 1000),
            st.floats(0, 5000),
        ),
    ),
    st.one_of(
        st.none(),
        st.builds(ReverbParameters, **{k: st.floats(*v) for k, v in REVERB_RANGES.items()}),
    ),
    st.floats(-60, 60),
)


@given(parameters=any_parameters)
def test_parameters_survive_the_file(parameters: MixParameters) -> None:
    """JSON and back, to the last bit."""
    text = json.dumps(as_json(parameters))
    assert parameters_of(json.loads(text), "file") == parameters


def test_q_may_be_left_out() -> None:
    """A band without q has 1, as the chain's own bands."""
    spoilt = content()
    spoilt["eq"] = [{"frequency_hz": 100, "gain_db": 2}]
    assert parameters_of(spoilt, "file").eq == (EqBand(100.0, 2.0, 1.0),)


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("eq", 0, "gain_db"), 16, r"eq\[0\]: gain_db is 16; it must lie between -15 and 15"),
        (("eq", 0, "frequency_hz"), "250", r"eq\[0\]: frequency_hz must be a number, not '250'"),
        (("eq", 0, "gain"), 1, r"eq\[0\]: There is no entry gain. Did you mean gain_db"),
        (("eq",), {}, "eq must be a list"),
        (("eq", 0), 3, r"eq\[0\] must be an object"),
        (("compression", "lra"), 9, "compression: There is no entry lra. Did you mean lra_lu"),
        (("compression",), {"threshold_db": -20}, "compression: The entry attack_ms is missing"),
        (("compression", "lra_lu"), float("nan"), "lra_lu must be a number, not nan"),
        (("reverb", "dry_wet"), True, "reverb: dry_wet must be a number, not True"),
        (("reverb", "room_size"), 0, "reverb: room_size is 0; it must lie between 1 and 30"),
        (
            ("level", "relative_loudness_lu"),
            None,
            "relative_loudness_lu must be a number, not None",
        ),
        (("revreb",), {}, "There is no entry revreb. Did you mean reverb"),
    ],
)
def test_a_mistake_is_named(path: tuple[Any, ...], value: Any, sentence: str) -> None:
    """Where it stands, what it is, what would be right."""
    spoilt = content()
    place = spoilt
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(AudioError, match=sentence):
        parameters_of(spoilt, "file")


@pytest.mark.parametrize("stage", ["eq", "compression", "reverb", "level"])
def test_a_missing_stage_is_named(stage: str) -> None:
    """No stage may be left out by accident; null says that it is meant."""
    spoilt = content()
    del spoilt[stage]
    with pytest.raises(AudioError, match=f"The entry {stage} is missing"):
        parameters_of(spoilt, "file")


def test_the_example_in_the_documentation_is_a_parameter_file() -> None:
    """docs/mixing.md shows one; it can be used as it stands."""
    text = (places.ROOT / "docs" / "mixing.md").read_text(encoding="utf-8")
    example = text.split("```json")[1].split("```")[0]
    parameters = parameters_of(json.loads(example), "docs/mixing.md")
    assert parameters.compression == CompressionTarget(9.0)
    assert [band.gain_db for band in parameters.eq] == [-3.0, 2.5]


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    """Missing, not JSON, not text, not an object."""
    with pytest.raises(AudioError, match="There is no parameter file"):
        read_parameters(tmp_path / "none.json")
    for name, raw in (("a.json", b"{"), ("b.json", b"\xff\xfe\x00"), ("c.json", b"")):
        (tmp_path / name).write_bytes(raw)
        with pytest.raises(AudioError, match="not readable as JSON"):
            read_parameters(tmp_path / name)
    (tmp_path / "d.json").write_text("[]", encoding="utf-8")
    with pytest.raises(AudioError, match="One JSON object is needed"):
        read_parameters(tmp_path / "d.json")

"""Sessions as webMUSHRA's front end posts them, made by hand after what it is known to send."""

from __future__ import annotations

import json
from typing import Any

TRIALS: dict[str, dict[str, Any]] = {
    "mushra": {"id": "chorus", "type": "mushra", "responses": [
        {"stimulus": "cnn", "score": "58", "comment": None, "time": 41250},
        {"stimulus": "reference", "score": "100", "comment": "dry & clear; 100 % +1",
         "time": 41250}]},
    "paired_comparison": {"id": "pair", "type": "paired_comparison", "responses": [
        {"reference": "reference", "nonReference": "cnn", "answer": "correct", "time": 9400,
         "comment": None}]},
    "bs1116": {"id": "small", "type": "bs1116", "responses": [
        {"reference": "reference", "nonReference": "cnn", "referenceScore": "5.0",
         "nonReferenceScore": "3.2", "time": 9400, "comment": "a click"}]},
    "lms": {"id": "stars", "type": "likert_multi_stimulus", "responses": [
        {"stimulus": "cnn", "stimulusRating": "4", "time": 5000},
        {"stimulus": "old", "stimulusRating": "NA", "time": 5000}]},
    "lss": {"id": "one", "type": "likert_single_stimulus", "responses": [
        {"stimulus": "cnn", "stimulusRating": ["3"], "time": 5000}]},
    "lss_2_scales": {"id": "two", "type": "likert_single_stimulus", "responses": [
        {"stimulus": "cnn", "stimulusRating": ["3", "5"], "time": 5000}]},
    "spatial_localization": {"id": "where", "type": "localization", "responses": [
        {"name": "voice", "stimulus": "cnn", "position": [1, -0.5, 2]}]},
    "spatial_asw": {"id": "wide", "type": "asw", "responses": [
        {"name": "voice", "stimulus": "cnn", "position_outerRight": [1, 2, 3],
         "position_innerRight": [4, 5, 6], "position_innerLeft": [7, 8, 9],
         "position_outerLeft": [10, 11, 12]}]},
    "spatial_hwd": {"id": "deep", "type": "hwd", "responses": [
        {"name": "voice", "stimulus": "cnn", "position_outerRight": [1, 2, 3],
         "position_innerRight": [4, 5, 6], "position_innerLeft": [7, 8, 9],
         "position_outerLeft": [10, 11, 12], "height": 1.5, "depth": 2}]},
    "spatial_lev": {"id": "around", "type": "lev", "responses": [
        {"name": "voice", "stimulus": "cnn", "position_center": [1, 2, 3],
         "position_height": [4, 5, 6], "position_width1": [7, 8, 9],
         "position_width2": [10, 11, 12]}]},
}  # fmt: skip
"""A trial of each page type, by the name of the table that it goes into."""


def session(uuid: str | None = "u1", *trials: str, test: str = "harbour_mixes") -> dict[str, Any]:
    """A session with trials of these tables, one of ``mushra`` where none is named."""
    said: dict[str, Any] = {
        "testId": test,
        "config": "configs/harbour.yaml",
        "participant": {"name": ["years", "device"], "response": ["6", "headphones"]},
        "trials": [TRIALS[name] for name in trials or ("mushra",)],
    }
    return said if uuid is None else {**said, "uuid": uuid}


def rated(uuid: str, scores: dict[str, int]) -> dict[str, Any]:
    """A session with one MUSHRA page of these scores."""
    responses = [
        {"stimulus": system, "score": str(score), "comment": None, "time": 41250}
        for system, score in scores.items()
    ]
    trials = [{"id": "chorus", "type": "mushra", "responses": responses}]
    return {**session(uuid), "trials": trials}


def body(said: Any) -> bytes:
    """The body that the front end sends: the JSON as it is, not encoded."""
    return b"sessionJSON=" + json.dumps(said, ensure_ascii=False).encode("utf-8")

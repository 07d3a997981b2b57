"""The rules of ITU-T P.800 and P.808 for opinion tests, as data, each with its check.

Conventions
-----------
As in :mod:`stimuli.standards.rules`. The rules of P.800 and P.808 apply only to a study with a part
whose mean vote has a name, such as MOS (``PartOptions.opinion_score``). A rule names a clause of a
Recommendation by its annex or by its subject.

References
----------
.. [1] ITU-T P.800 (08/1996), methods for subjective determination of transmission quality.
.. [2] ITU-T P.808 (06/2021), subjective evaluation of speech quality with a crowdsourcing approach.
"""

from __future__ import annotations

from db.records.scale import Scale
from stimuli.page_types.base import Part
from stimuli.standards.rules import Rule
from stimuli.standards.study_checks import each_part
from stimuli.study.manifest import Manifest
from stimuli.study.study import Study
from stimuli.study_keys.recommendations import CATEGORIES, CROWD

GRADES = {
    "MOS": Scale(1.0, 5.0, 1.0),
    "DMOS": Scale(1.0, 5.0, 1.0),
    "CMOS": Scale(-3.0, 3.0, 1.0),
}
"""Scale of the votes behind each score."""


def opinion_parts(study: Study) -> list[Part]:
    """Parts in which the mean of the votes has a name, such as MOS (mean opinion score)."""
    return [part for part in study.page_parts if part.options.opinion_score]


def other_grades(study: Study, _manifest: Manifest | None) -> str | None:
    """Name the scale of votes if its grades are not the grades of the Recommendation."""

    def other(part: Part) -> str | None:
        names = [part.scales[name] for name in part.attributes]
        wanted = str(GRADES[part.options.opinion_score])
        scales = dict.fromkeys(str(scale) for scale in names if str(scale) != wanted)
        return f"votes are {' and '.join(scales)}" if scales else None

    return each_part(opinion_parts(study), other)


def heard_in_part(study: Study, _manifest: Manifest | None) -> str | None:
    """Report that listeners can vote before a recording ends, or after several recordings."""

    def partly(part: Part) -> str | None:
        found = [
            "recordings go round" if part.options.playback == "loop" else "",
            f"{100 * part.options.must_listen:.0f} % must be heard"
            if part.options.must_listen < 1
            else "",
        ]
        return ", ".join(filter(None, found)) or None

    return each_part(opinion_parts(study), partly)


def no_null_pairs(study: Study, _manifest: Manifest | None) -> str | None:
    """Report that no page compares the open reference with itself."""

    def none(part: Part) -> str | None:
        opened = part.options.open_references()
        is_open = part.options.opinion_score == "DMOS"
        twice = part.options.heard_twice(part.systems)
        return f"{opened[0]} is not among its systems" if is_open and not twice else None

    return each_part(opinion_parts(study), none)


def no_controls(study: Study, _manifest: Manifest | None) -> str | None:
    """Name the controls of a crowd test that are missing in the plan."""
    controls = study.analysis.controls if study.analysis else None
    there = {
        "gold questions": controls is not None and controls.gold,
        "trapping pages": controls is not None and controls.traps,
        "an environment test": controls is not None and controls.environment,
    }
    missing = [what for what, is_there in there.items() if not is_there]
    return f"not declared: {', '.join(missing)}" if missing else None


def untested_headphones(study: Study, _manifest: Manifest | None) -> str | None:
    """Report that participants' headphones are not tested."""
    return "headphones are not tested" if study.headphones.test == "none" else None


OPINION_RULES: tuple[Rule, ...] = (
    Rule(
        "opinion scale", CATEGORIES, "Annexes B, D, E", "note",
        "votes are grades: five for quality, effort, loudness and degradation, seven (−3 to 3) for "
        "a comparison",
        "means of other scales are no scores that other tests can be compared with",
        other_grades, key="range",
    ),
    Rule(
        "heard to the end", CATEGORIES, "Annexes B, D, E", "note",
        "a sample is heard once and to its end before the vote",
        "votes on parts of samples, or after many turns, are of another question",
        heard_in_part, key="parts",
    ),
    Rule(
        "null pairs", CATEGORIES, "Annex D", "note",
        "the reference is rated against itself too",
        "without it nobody knows how the upper end of the scale was used",
        no_null_pairs, key="parts",
    ),
    Rule(
        "crowd controls", CROWD, "data screening", "note",
        "gold questions, trapping pages and an environment test are declared",
        "of listeners whom nobody sees, they tell who listened, and where",
        no_controls, key="recruitment",
    ),
    Rule(
        "headphones of a crowd", CROWD, "listening device", "note",
        "a test shows that listeners wear headphones on both ears",
        "loudspeakers of phones and laptops hide what is voted on",
        untested_headphones, key="headphones",
    ),
)  # fmt: skip

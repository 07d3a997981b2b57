"""Checks that the keys of a study are consistent: pages, plan and questionnaires.

Each check takes a study in which each single key is valid. A check of this module raises
``PlacedError`` with the place that best shows the fault. Parts are checked in
:mod:`stimuli.loading.part_fit`, systems in :mod:`stimuli.loading.system_fit`.
"""

from __future__ import annotations

from stimuli.loading.block_fit import check_blocks
from stimuli.loading.part_fit import check_marks
from stimuli.page_types.trials import TrialOptions
from stimuli.study.study import Study
from stimuli.study_keys.declared_plan import check_plan
from stimuli.study_keys.faults import PlacedError, nearest
from stimuli.study_keys.plan_keys.controls import check_controls
from stimuli.study_keys.plan_keys.expertise import check_expertise
from stimuli.study_keys.questionnaires import check_questionnaires
from stimuli.study_keys.recruiting.completion_link import check_completion_link
from stimuli.study_keys.yaml_source import Place


def check_pages(study: Study) -> None:
    """Raise ``PlacedError`` for impossible songs or impossible sizes of pages."""
    pages, names = study.pages, [song.name for song in study.songs]
    if pages.training_song is not None and pages.training_song not in names:
        raise PlacedError(
            f"The training song {pages.training_song!r} is not among the songs."
            + nearest(pages.training_song, names),
            ("pages", "training_song"),
        )
    n_rated = len(study.rated_songs)
    if n_rated == 0:
        raise PlacedError(
            "No song is left to rate: the only song is the training song.",
            ("pages", "rate_training_song"),
        )
    wanted = pages.songs_per_participant or n_rated
    if wanted > n_rated:
        raise PlacedError(
            f"songs_per_participant is {wanted}, but only {n_rated} song(s) can be rated.",
            ("pages", "songs_per_participant"),
        )
    if pages.repeated_songs > wanted:
        raise PlacedError(
            f"repeated_songs is {pages.repeated_songs}, but only {wanted} song(s) are rated.",
            ("pages", "repeated_songs"),
        )
    n_stimuli = pages.stimuli_per_page or len(study.systems)
    if n_stimuli > pages.max_stimuli and not study.parts:  # each part is checked separately
        raise PlacedError(
            f"A page would have {n_stimuli} stimuli, but {pages.max_stimuli} are allowed (12 in "
            "ITU-R BS.1534-3). Raise max_stimuli under pages, or divide the systems by "
            "stimuli_per_page.",
            ("pages", "stimuli_per_page") if pages.stimuli_per_page else ("systems",),
        )
    per_page = None if study.parts else pages.stimuli_per_page
    check_blocks(study.system_names, study.strata, per_page)


def check_feedback(study: Study) -> None:
    """Raise ``PlacedError`` if training feedback is requested but there is no practice page."""
    if not study.pages.training_feedback:
        return
    if not study.pages.training:
        raise PlacedError(
            "training_feedback needs a practice page, but training is false; leave one out.",
            ("pages", "training_feedback"),
        )
    if all(isinstance(part.options, TrialOptions) for part in study.page_parts):
        raise PlacedError(
            "training_feedback shows how far apart the ratings of a page are, but each page of "
            f"{' and '.join(dict.fromkeys(part.type for part in study.page_parts))} has only one "
            "answer.",
            ("pages", "training_feedback"),
        )


def check_analysis(study: Study) -> None:
    """Raise ``PlacedError`` for names in the declared plan that the study lacks."""
    if study.analysis is not None:
        attributes = [entry.name for entry in study.attributes]
        check_plan(study.analysis, attributes, study.rated_names)
        check_marks(study)
        _check_margin(study.analysis.margin, study, ("margin",))
        for index, test in enumerate(study.analysis.one_sided):
            _check_margin(test.margin, study, ("one_sided", index))
        check_expertise(study.analysis.expertise, _n_repeated(study))
        names = {"song": [song.name for song in study.songs], "system": study.rated_names}
        choices = {part.name: part.systems for part in study.page_parts if not part.has_ratings}
        check_controls(study.analysis.controls, names | {"attribute": attributes}, choices)


def _n_repeated(study: Study) -> int:
    """Number of a part's stimuli that a participant rates twice, for each attribute."""
    n_songs = study.pages.repeated_songs
    scaled = [part for part in study.page_parts if part.has_ratings and part.options.repeats_songs]
    return max((n_songs * len(part.rated) * len(part.attributes) for part in scaled), default=0)


def _check_margin(margin: float | None, study: Study, place: Place) -> None:
    """Raise ``PlacedError`` if a margin is wider than the scale of the primary attribute."""
    names = [attribute.name for attribute in study.attributes]
    primary = (study.analysis and study.analysis.primary) or next(
        (name for name in names if name.lower() == "overall"), names[0]
    )
    for part in study.page_parts:
        scale = part.scales[primary]
        if part.has_ratings and margin is not None and margin > scale.span:
            raise PlacedError(
                f"The margin {margin:g} is wider than the scale, {scale}; give it in the units of "
                "the scale.",
                ("analysis", *place),
            )


def check_arms(study: Study) -> None:
    """Raise ``PlacedError`` if the arms of a study cannot be filled."""
    if not study.arms:
        return
    if len(study.arms) < 2:
        raise PlacedError("One arm cannot be compared; name two or more, or none.", ("arms", 0))
    with_quota = [arm.quota is not None for arm in study.arms]
    if any(with_quota) and not all(with_quota):
        where = ("arms", with_quota.index(False))
        raise PlacedError("Give every arm a quota, or none.", where)
    if all(with_quota) and study.pages.balance_within == "groups":
        raise PlacedError(
            "Quotas of arms count all participants, so they need balance_within: study.",
            ("pages", "balance_within"),
        )


def check_questions(study: Study) -> None:
    """Raise ``PlacedError`` if a condition names a group or device that the study lacks."""
    groups, devices = ([each.name for each in some] for some in (study.groups, study.devices))
    check_questionnaires(study.questionnaires, groups, devices)


def check_recruitment(study: Study) -> None:
    """Raise ``PlacedError`` for two completion links, or for placeholders that stay empty."""
    link, told = study.completion_link, study.recruitment.completion
    for key in ("completion_code", "completion_link"):
        if told is not None and getattr(study, key) is not None:
            raise PlacedError(
                f"The study has both {key} and recruitment: completion; leave one of them out.",
                (key,),
            )
    if link is not None:
        try:
            check_completion_link(link, study.recruitment.places, "completion_link")
        except ValueError as error:
            raise PlacedError(str(error), ("completion_link",)) from None

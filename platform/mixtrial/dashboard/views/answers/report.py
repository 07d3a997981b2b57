"""View of the report: opens and downloads the report, which another process makes.

The report names the systems. The report can be shown only after somebody has uncovered the names of
the systems. If the plan declares looks, the means must also be visible, otherwise the report is not
shown.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from analysis.counts import counted
from analysis.ratings.margin import primary_of
from mixtrial.dashboard.frame import card, draw_empty
from mixtrial.dashboard.snapshot import Snapshot
from mixtrial.dashboard.tables import draw_table
from mixtrial.dashboard.views.answers.declared_looks import draw_instead_of_means, hides_means
from mixtrial.dashboard.views.answers.uncovering import DECISIONS_ARE_MADE, uncover
from mixtrial.exports.trials import has_choices
from mixtrial.language.spoken import spoken_language, told
from mixtrial.reporting.job.progress import ReportProgress, read_progress
from mixtrial.reporting.job.start import (
    cancel_report,
    is_being_cancelled,
    report_file,
    report_folder,
    start_report,
)
from mixtrial.server.installation import Installation
from mixtrial.server.public_address import public_address

LOOK_AGAIN_S = 1.0
LEAD = (
    "The report on all participants who have finished: its page, PDF, figures and "
    "tables. Making it continues if this page is closed."
)
BLIND = (
    "The report names the systems, and their names are still covered. Uncovering cannot be undone "
    "and is written into the study's log."
)
NO_PDF = "There is no PDF, because it needs Chromium on the server. The page says how to get it."
FILES = {
    "report.html": ("Page", "HTML, with everything in it"),
    "report.pdf": ("PDF", "to print and to send"),
    "report.zip": ("Everything", "zip: page, figures, tables, results"),
}


def draw(snapshot: Snapshot) -> None:
    """Draw the state of the report, and the buttons for what can be done with it."""
    if hides_means(snapshot):
        draw_instead_of_means(snapshot)
        return
    installation = snapshot.installation
    finished = snapshot.participants[snapshot.participants["finished_at"].notna()]
    has_answers = bool(snapshot.trials().size) if has_choices(installation.study) else False
    has_answers = has_answers or installation.store.has_ratings(installation.study.identifier)
    with card("report", "Report", LEAD):
        if not has_answers or finished.empty:
            draw_empty("Nobody has finished yet: there is nothing to report.")
        elif snapshot.unblinding is None:
            _draw_blind(snapshot)
        else:
            _draw_progress(installation)


def _draw_blind(snapshot: Snapshot) -> None:
    st.html(f'<p class="dx-note">{html.escape(told(BLIND))}</p>')
    sure = st.checkbox(told(DECISIONS_ARE_MADE))
    if st.button(told("Uncover the names for good and make the report"), disabled=not sure):
        uncover(snapshot)
        _start(snapshot.installation)
        st.rerun()


def _draw_progress(installation: Installation) -> None:
    """Draw the progress, updated every second while the report is made."""
    progress = read_progress(report_folder(installation))
    if progress.state == "running":
        _watch(installation)
        return
    if progress.state == "failed":
        st.html(
            f'<p class="dx-wrong" role="alert">{told("The report could not be made:")} '
            f"{html.escape(told(progress.error))}.</p>"
        )
    if progress.state == "done":
        _draw_done(installation, progress)
    if progress.state == "cancelled":
        st.html(f'<p class="dx-note" role="status">{told("The report was cancelled.")}</p>')
    is_first = progress.state in ("none", "cancelled")
    label = "Make the report" if is_first else "Make it again"
    if st.button(told(label), type="secondary" if progress.state == "done" else "primary"):
        _start(installation)
        st.rerun()


def _start(installation: Installation) -> None:
    try:
        start_report(installation, language=spoken_language())
    except OSError as error:
        st.error(told(f"The study's folder cannot be written to: {error.strerror}."))
        st.stop()


@st.fragment(run_every=LOOK_AGAIN_S)
def _watch(installation: Installation) -> None:
    progress = read_progress(report_folder(installation))
    if progress.state != "running":
        st.rerun()
    st.progress(progress.share, text=told(in_words(progress)))
    if is_being_cancelled(installation):
        st.html(f'<p class="dx-note" role="status">{told("It is being cancelled.")}</p>')
    elif st.button(told("Cancel")):
        cancel_report(installation)
        st.rerun()


def in_words(progress: ReportProgress) -> str:
    """Progress of a report and its remaining time, if known."""
    left = "" if progress.left_s is None else f", about {_duration(progress.left_s)} left"
    what = f": {progress.what}" if progress.what else ""
    return f"{progress.share:.0%}{left}{what}"


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{max(1, round(seconds))} s"


def _draw_done(installation: Installation, progress: ReportProgress) -> None:
    who = counted(progress.n_participants, "participant")
    took = _duration(progress.written_s - progress.started_s)
    st.html(
        f'<p class="dx-note" role="status">{told(f"Made of the answers of {who} in {took}.")}</p>'
    )
    folder = public_address().outer("/api/admin/report/")
    first = f'<a class="dx-download dx-main" href="{folder}report.html" target="_blank">'
    links = [f"{first}{told('Open the report')}<small>{told('in a tab of its own')}</small></a>"]
    links += [
        f'<a class="dx-download" href="{folder}{name}" download>'
        f"{told(title)}<small>{told(remark)}</small></a>"
        for name, (title, remark) in FILES.items()
        if report_file(installation, name) is not None
    ]
    st.html(f'<div class="dx-downloads">{"".join(links)}</div>')
    _draw_answer(installation)
    if not progress.has_pdf:
        st.html(f'<p class="dx-note dx-flag">{told(NO_PDF)}</p>')


def _draw_answer(installation: Installation) -> None:
    """Draw each pair's result on the primary attribute; if there are no pairs, draw nothing."""
    path = report_file(installation, "results.json")
    answers = {} if path is None else json.loads(path.read_bytes())["report"]["answers"]
    plan, names = installation.study.analysis, list(answers)
    primary = primary_of(names, plan.primary if plan else None)
    pairs = answers[primary].get("pairs", []) if primary else []
    if not pairs:
        return
    labels = {each.name: each.shown_label for each in installation.study.attributes}
    st.html(f'<p class="dx-note"><b>{html.escape(labels.get(str(primary), str(primary)))}</b></p>')
    draw_table(answer_table(pairs, installation.study.system_labels), left=2)


def answer_table(pairs: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> pd.DataFrame:
    """Pairs of systems in a report's results, under their shown names; the smallest p is first."""
    rows = [
        {
            "Higher": labels.get(pair["higher"], pair["higher"]),
            "Lower": labels.get(pair["lower"], pair["lower"]),
            "p (Holm)": _p(pair["p_holm"]),
            "Difference": pair["difference"],
            "Verdict": told(pair["verdict"] or "–"),
        }
        for pair in sorted(
            pairs, key=lambda pair: 1.0 if pair["p_holm"] is None else pair["p_holm"]
        )
    ]
    return pd.DataFrame(rows)


def _p(value: float | None) -> str:
    if value is None:
        return "–"
    return "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0")

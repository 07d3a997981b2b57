"""Advice at the declared looks (interim tests); means are hidden until the study is closed.

If the plan declares looks (or ``anytime``) and the researchers stop only on this advice, the rate
of false positives stays at 5 %. If researchers could see the means, they would be tempted to stop
as soon as the means look good. For this reason, the means stay hidden. A researcher can show the
hidden means nevertheless; then the log and the report say so.
"""

from __future__ import annotations

import html

import pandas as pd
import streamlit as st

from analysis.ratings.margin import primary_of
from analysis.ratings.roles import compared
from analysis.ratings.screening import exclusions
from analysis.ratings.table import RatingsError, check_ratings, of_attribute
from analysis.scale import COLUMNS
from analysis.sequential.anytime import LEAST_N
from analysis.sequential.decide import sequential_finding
from analysis.sequential.plan import SequentialFinding, SequentialPlan
from analysis.statistics.estimable import NotEstimableError
from mixtrial.dashboard.frame import card, draw_decision_for_good, draw_empty, pill
from mixtrial.dashboard.snapshot import Snapshot
from mixtrial.dashboard.tables import draw_table
from mixtrial.dashboard.views.screening import KNOWN
from mixtrial.language.spoken import told
from mixtrial.reporting.declared_plan import OVERRULED, looks_in_words, sequential_plan
from mixtrial.reporting.options import ReportOptions, SettledOptions

HIDDEN = (
    "Closing the study (in Data) shows them. A researcher who must see them earlier "
    "can overrule the plan; this is written into the study's log and printed in the "
    "report."
)
TONES = {"stop": "good", "go on": "warn"}


def hides_means(snapshot: Snapshot) -> bool:
    """Whether the plan hides means at present."""
    plan = sequential_plan(snapshot.installation.study.analysis)
    overruled = any(action.kind == OVERRULED for action in snapshot.actions)
    return plan is not None and snapshot.status != "closed" and not overruled


def draw_instead_of_means(snapshot: Snapshot) -> None:
    """Draw the advice, a note that the means are hidden, and a button that shows them anyway."""
    draw_decision(snapshot)
    lead = (
        "The plan declares when to look. Visible means would tempt researchers to stop "
        "when the means look good."
    )
    with card("hidden-means", "Means are hidden until the study is closed", lead):
        st.html(f'<p class="dx-note">{html.escape(told(HIDDEN))}</p>')
        confirmed = draw_decision_for_good(
            "Show the means anyway …",
            "The report may say that means were seen before the end",
            "Overrule the plan",
        )
    if confirmed:
        installation = snapshot.installation
        finished = int(snapshot.participants["finished_at"].notna().sum())
        detail = f"after {finished} finished participants"
        installation.store.log_action(installation.study.identifier, OVERRULED, detail)
        st.rerun()


def draw_decision(snapshot: Snapshot) -> None:
    """Draw the result of the declared looks so far; draw nothing without declared looks."""
    plan = sequential_plan(snapshot.installation.study.analysis)
    if plan is None:
        return
    words = told(looks_in_words(plan))
    kept = told("Stopping by this rule keeps the rate of false findings at 5 %.")
    lead = f"{told('Declared:')} {words}. {kept}"
    with card("declared-looks", "Go on or stop?", lead):
        try:
            found = _finding(snapshot, plan)
        except (NotEstimableError, RatingsError) as error:
            draw_empty(str(error))
            return
        _draw_finding(found, plan)


def _draw_finding(found: SequentialFinding, plan: SequentialPlan) -> None:
    mark = pill(found.decision.capitalize(), TONES[found.decision])
    text = html.escape(told(sentence(found, plan)))
    st.html(f'<p class="dx-note" role="status">{mark} {text}</p>')
    if found.looks:
        rows = [
            {
                "Last finished (UTC)": look.reached_at[:16].replace("T", " "),
                "Participants": look.n_listeners,
                "Shown to differ": told(f"{look.n_shown} of {len(look.contrasts)}"),
            }
            for look in found.looks
        ]
        draw_table(pd.DataFrame(rows))


def sentence(found: SequentialFinding, plan: SequentialPlan) -> str:
    """Result of the looks in words, without the name of any system."""
    if not found.looks:
        first = LEAST_N if plan.anytime else plan.sizes[0]
        if found.n_finished >= first:
            return "The ratings of this look cannot carry the mixed model."
        return f"{found.n_finished} have finished; the first look is due at {first}."
    look = found.looks[-1]
    n, shown = len(look.contrasts), look.n_shown
    are = "is" if shown == 1 else "are"
    far = f"With {look.n_listeners} participants {shown} of {n} contrasts {are} shown to differ."
    if found.next_n is None:
        return " ".join((far, "No look is left."))
    if found.decision == "stop" or plan.anytime:
        return far
    return " ".join((far, f"The next look is due at {found.next_n}."))


def _finding(snapshot: Snapshot, plan: SequentialPlan) -> SequentialFinding:
    """Results of the looks so far; they are computed again only when more participants finish."""
    ratings = snapshot.ratings()
    finished = ratings[ratings["finished"].astype(bool)]
    if finished.empty:
        first = LEAST_N if plan.anytime else plan.sizes[0]
        return SequentialFinding((), 0, first)
    known = [*KNOWN, "rated_at", *(name for name in COLUMNS if name in finished)]
    rows = finished[known].assign(group=finished["group"].where(finished["group"] != "", "unknown"))
    options = settled_options(snapshot, rows)
    names = [attribute.name for attribute in snapshot.attributes]
    answers = str(primary_of(names, options.primary))
    apart = options.apart(snapshot.installation.study.analysis, rows["system"])
    return _fitted(rows, answers, plan, options, apart, snapshot.status == "closed")


def settled_options(snapshot: Snapshot, ratings: pd.DataFrame) -> SettledOptions:
    """Options of a report: those of the plan, and the reference and anchors of the part."""
    own = snapshot.shown_part.options.marks() if snapshot.shown_part else {}
    settled = ReportOptions().settled(snapshot.installation.study.analysis)
    return settled.with_marks(own, ratings["system"].unique())


@st.cache_data(max_entries=8, show_spinner="Fitting the model …")
def _fitted(
    rows: pd.DataFrame,
    answers: str,
    plan: SequentialPlan,
    options: SettledOptions,
    apart: tuple[str, ...],
    is_closed: bool,
) -> SequentialFinding:
    table = check_ratings(rows)
    there = set(table["system"])
    marks = (options.reference, options.mid_anchor)
    reference, mid_anchor = (name if name in there else None for name in marks)
    excluded = {each.participant for each in exclusions(table, reference, mid_anchor)}
    kept = compared(table[~table["participant"].isin(excluded)], apart)
    return sequential_finding(of_attribute(kept, answers), plan, options.df_method, is_closed)

"""The researcher's page: checks the sign-in, and then draws one view of the running study."""

from __future__ import annotations

import gc
import html
from collections.abc import Callable, Container
from contextlib import suppress

import streamlit as st

from analysis.counts import counted
from db.records.errors import StoreError
from mixtrial.dashboard.changed_file import draw_changed_file
from mixtrial.dashboard.frame import draw_apology, draw_head, draw_style, pill
from mixtrial.dashboard.participants_link import participants_link
from mixtrial.dashboard.signin import draw_signin, is_signed_in
from mixtrial.dashboard.snapshot import Snapshot, take_snapshot
from mixtrial.dashboard.switching import CONTROL, chosen_view, place_of
from mixtrial.dashboard.views import (
    balance,
    collected,
    downloads,
    opening,
    overview,
    preview,
    progress,
    screening,
    stimuli,
)
from mixtrial.dashboard.views.answers import explore, ratings, report
from mixtrial.language.spoken import told
from mixtrial.server.installation import (
    OPENING_ERRORS,
    Installation,
    current_installation,
    log_unavailable,
)
from mixtrial.server.page_guard import guarded, has_failed
from mixtrial.server.session_cookie import is_signed_in as has_session
from mixtrial.studies.study_folder import is_kept_closed

VIEWS: dict[str, Callable[[Snapshot], None]] = {
    "Overview": overview.draw,
    "Preview": preview.draw,
    "Open": opening.draw,
    "Progress": progress.draw,
    "Screening": screening.draw,
    "Balance": balance.draw,
    "Ratings": ratings.draw,
    "Explore": explore.draw,
    "Report": report.draw,
    "Stimuli": stimuli.draw,
    "Data": downloads.draw,
}
COLLECTED = "Collected"
"""The view of what webMUSHRA's front end posted; it is there where something was."""

LIVE_VIEWS = ("Overview", "Progress", "Screening")
VIEWS_OF_CHOSEN = ("Ratings", "Explore", "Balance")
"""Views without simulated participants unless requested; the report never has them."""
REFRESH_S = 20.0
WATCH_S = 5.0
"""How soon a tab notices that its session was ended elsewhere."""

PAGES = "dashboard"
APOLOGY = "Nothing stored is lost or changed. The server's log says what happened."
NOT_OPEN = "Participants cannot come in: the study is not open in the studio."
STATUS_TONES = {"open": "good", "paused": "warn", "closed": "quiet"}


def read_ahead(cookie: str | None) -> None:
    """Read and compute the data of the first views, while the browser is still loading the page.

    Nothing is read if the session of the ``cookie`` is not signed in. Errors in the data are
    reported by the view that needs the data.
    """
    # the loaded objects stay in memory, so the garbage collector need not search them
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()
    with suppress(*OPENING_ERRORS):
        installation = current_installation()
        if has_session(installation, cookie):
            read_tables(installation)


def read_tables(installation: Installation) -> None:
    """Read a study's tables and compute the flags, which takes the longest on a first visit."""
    seen = take_snapshot(installation)
    if _has_both_kinds(seen):
        seen = seen.without_simulated()
    _ = seen.pages, seen.plans
    if not seen.ratings().empty:
        screening.screened_so_far(seen)


def render_dashboard() -> None:
    """Draw the dashboard for signed-in people, and the sign-in form for others."""
    draw_style()
    if has_failed(PAGES):
        draw_apology(PAGES, APOLOGY, "Go to the overview")
        return
    with guarded(PAGES):
        _render()


def _render() -> None:
    try:
        installation = current_installation()
    except OPENING_ERRORS as error:
        log_unavailable(error)
        st.error(told("The study cannot be opened. The server's log says why."))
        st.stop()
    try:
        if not is_signed_in(installation):
            draw_signin(installation)
            st.stop()
        _watch_session(installation)
        _draw(installation)
        _keep_ahead(installation, [])
    except StoreError as error:
        st.error(told(str(error)))


@st.fragment(run_every=WATCH_S)
def _watch_session(installation: Installation) -> None:
    """Leave the page if its session was ended elsewhere."""
    with suppress(StoreError):  # after an error, the session is checked again at the next refresh
        if not is_signed_in(installation):
            st.rerun()


@st.fragment(run_every=REFRESH_S)
def _keep_ahead(installation: Installation, drawn: list[bool]) -> None:
    """Read new data in advance; the next click then need not wait for the data.

    In the first call (``drawn`` is empty), nothing is read, so that the page appears first.
    """
    if not drawn:
        drawn.append(True)
        return
    with suppress(StoreError):
        if is_signed_in(installation):
            read_tables(installation)


def _draw(installation: Installation) -> None:
    views = dict(VIEWS)
    if installation.store.n_collected():
        views[COLLECTED] = collected.draw
    view = st.session_state.get(CONTROL) or _view_in_link(views)
    everything = take_snapshot(installation)
    _draw_header(everything, view)
    draw_changed_file(installation)
    view = chosen_view(list(views), view)
    if st.query_params.get("view") != view.lower():
        st.query_params["view"] = view.lower()
    with place_of(view, list(views)):
        if view in LIVE_VIEWS:
            _draw_live(installation, view)
        else:
            seen = _chosen_participants(everything) if view in VIEWS_OF_CHOSEN else everything
            views[view](seen)


@st.fragment(run_every=REFRESH_S)
def _draw_live(installation: Installation, view: str) -> None:
    """Draw a view that updates itself while the sign-in is valid."""
    with guarded(PAGES):
        if not is_signed_in(installation):
            st.rerun()
        VIEWS[view](_chosen_participants(take_snapshot(installation)))


def _view_in_link(views: Container[str]) -> str:
    wanted = st.query_params.get("view", "").capitalize()
    return wanted if wanted in views else "Overview"


def _draw_header(everything: Snapshot, view: str) -> None:
    study = everything.installation.study
    is_closed = is_kept_closed(everything.installation.settings.study_path)
    shown = "not open" if is_closed else everything.status
    status = pill(shown, STATUS_TONES.get(shown, "quiet"))
    built = "" if everything.installation.manifest else pill("not built", "warn")
    place = {**st.query_params, "view": view.lower()}
    draw_head("Dashboard", study.title, status + built, place)
    if is_closed:
        st.html(f'<p class="dx-link">{told(NOT_OPEN)}</p>')
    elif link := participants_link():
        st.html(
            f'<p class="dx-link">{told("Participants come in at")} '
            f'<a href="{html.escape(link)}" target="_blank">{html.escape(link)}</a></p>'
        )


def _has_both_kinds(everything: Snapshot) -> bool:
    return everything.participants["participant_kind"].nunique() > 1


def _chosen_participants(everything: Snapshot) -> Snapshot:
    """Leave out simulated participants, unless they are requested or nobody else took part."""
    kinds = set(everything.participants["participant_kind"])
    if "simulated" not in kinds:
        return everything
    if not _has_both_kinds(everything):
        st.html(
            f'<p class="dx-note dx-flag">{told("All participants so far are simulated")} '
            "(<code>mixtrial simulate</code>).</p>"
        )
        return everything
    n_simulated = int((everything.participants["participant_kind"] == "simulated").sum())
    if st.toggle(
        told(f"Show the {counted(n_simulated, 'simulated participant')} too"),
        key="dashboard-simulated",
    ):
        return everything
    return everything.without_simulated()

"""Opening of a study: link, QR code, invitation, personal links, limits on participants."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from analysis.counts import counted
from db.records.steps import LEFT
from mixtrial.calibration.seat import ACTION, CALIBRATE, experimenter_key
from mixtrial.dashboard.frame import card, draw_empty
from mixtrial.dashboard.names import in_words
from mixtrial.dashboard.participants_link import participants_link
from mixtrial.dashboard.snapshot import Snapshot
from mixtrial.dashboard.status import draw_status
from mixtrial.dashboard.tables import draw_table
from mixtrial.language.spoken import told
from mixtrial.participation.admission import (
    abandoned_before,
    in_force,
    set_in_dashboard,
    set_limits,
)
from mixtrial.recruiting.invitation import invitation
from mixtrial.server.public_address import public_address
from stimuli.study.study import Study
from stimuli.study_keys.recruiting.admission import MOST_PLACES, Admission

NOT_BUILT = (
    "The study is not built, so its link shows only that it has not begun. Build it "
    "first (mixtrial build), then start the server."
)
ONLY_HERE = ("localhost", "127.0.0.1", "[::1]")
LOCAL = (
    "This address leads to your own machine, so nobody else can open it. Open the "
    "dashboard by the server's public name; then link, QR code and invitation "
    "contain this name."
)
EMPTIED = "Empty: as in the study file. Participants who have begun can continue in any case."
LINKS_LEAD = (
    "Write one address per line, or choose a file of addresses (text or CSV); each "
    "address gets its own link. A participant who opens the link twice continues "
    "where they were. Neither addresses nor links are stored here; you send them "
    "yourself."
)
SEATS_LEAD = (
    "Open this link in the browser of each seat, play the pink noise, and type in "
    "the level that you measure. Participants who begin in that browser hear this "
    "gain. Measure again each day."
)
LATEST_SEATS = 10
LINKS_FORM = (
    '<form class="dx-ask dx-wide" method="post" action="{action}" enctype="multipart/form-data">'
    '<label for="dx-addresses">{addresses}</label>'
    '<textarea id="dx-addresses" name="addresses" rows="5" maxlength="1500000" '
    'autocomplete="off" spellcheck="false"></textarea>'
    '<label for="dx-list">{file}</label>'
    '<input id="dx-list" name="list" type="file" accept=".txt,.csv,.tsv,text/plain,text/csv">'
    '<button class="dx-download" type="submit">{download}</button></form>'
)
NO_PARAMETER = (
    "The study has no parameter that identifies participants. Name a parameter in "
    "study.yaml: recruitment: {participant: pid}"
)


def draw(snapshot: Snapshot) -> None:
    """Draw the controls to open and close the study."""
    study, link = snapshot.installation.study, participants_link()
    with card("open-status", "Who may come in"):
        if snapshot.installation.manifest is None:
            st.html(f'<p class="dx-note dx-flag">{html.escape(told(NOT_BUILT))}</p>')
        draw_status(snapshot)
        _draw_limits(snapshot)
    with card("open-link", "Link", "For everybody: posters, mails, a panel."):
        _draw_link(link)
    with card("invitation", "Invitation", "To copy, in the study's language."):
        if link is None:
            draw_empty("The browser does not report the address of this page.")
        else:
            st.code(invitation(snapshot.installation, link), language=None, wrap_lines=True)
    if study.calibration.seats != "none":
        with card("seats", "Seats of a laboratory", SEATS_LEAD):
            _draw_seats(snapshot, link)
    with card("personal-links", "Personal links", LINKS_LEAD):
        if study.recruitment.participant is None:
            draw_empty(NO_PARAMETER)
        else:
            form = LINKS_FORM.format(
                action=public_address().outer("/api/admin/links"),
                addresses=told("Addresses"),
                file=told("or a file of addresses"),
                download=told("Download the links (CSV)"),
            )
            st.html(form)


def _draw_seats(snapshot: Snapshot, link: str | None) -> None:
    """The experimenter's link and the latest calibrations."""
    if link is None:
        draw_empty("The browser does not report the address of this page.")
    else:
        key = experimenter_key(snapshot.installation)
        st.code(f"{link}?{urlencode({CALIBRATE: key})}", language=None, wrap_lines=True)
    done = [action for action in snapshot.actions if action.kind == ACTION]
    entries = "".join(
        f"<li>{action.at:%Y-%m-%d %H:%M} UTC: {html.escape(action.detail)}</li>"
        for action in reversed(done[-LATEST_SEATS:])
    )
    if entries:
        st.html(f'<ul class="dx-note">{entries}</ul>')


def _draw_link(link: str | None) -> None:
    if link is not None:
        st.code(link, language=None, wrap_lines=True)
        if any(f"://{host}" in link for host in ONLY_HERE):
            st.html(f'<p class="dx-note dx-flag">{told(LOCAL)}</p>')
    picture = public_address().outer("/api/admin/qr")
    alt, code = told("The link as a QR code"), told("QR code")
    st.html(
        f'<div class="dx-qr"><img src="{picture}.svg" alt="{alt}" width="180" '
        f'height="180"><div class="dx-downloads">'
        f'<a class="dx-download" href="{picture}.png" download>{code}<small>PNG</small></a>'
        f'<a class="dx-download" href="{picture}.svg" download>'
        f"{code}<small>{told('SVG, any size')}</small></a></div></div>"
    )


def _draw_limits(snapshot: Snapshot) -> None:
    """Show the numbers of participants and free places, and change the limits."""
    installation = snapshot.installation
    study, people = installation.study, with_a_place(snapshot.participants)
    said, file = set_in_dashboard(snapshot.actions), study.admission
    limits = in_force(study, snapshot.actions)
    n_taken = installation.store.places_taken(study.identifier, abandoned_before(installation))
    words = html.escape(told(limits_in_words(limits, n_taken)))
    st.html(f'<p class="dx-note" role="status">{words}</p>')
    # A field with a default value cannot be emptied, so the earlier value is stored under the
    # field's key.
    capacity_key, day_key = (f"limits-{name}-{len(snapshot.actions)}" for name in ("places", "day"))
    st.session_state.setdefault(capacity_key, said.capacity)
    st.session_state.setdefault(day_key, said.last_day)
    with st.form("limits", border=False):
        left, right = st.columns(2)
        capacity = left.number_input(
            told("Places in all"), min_value=1, max_value=MOST_PLACES, value=None, step=1,
            placeholder=told(_of_file(file.capacity)), help=told(EMPTIED), key=capacity_key,
        )  # fmt: skip
        day = right.date_input(
            told("Last day for new participants (UTC)"),
            value=None,
            format="YYYY-MM-DD",
            help=told(EMPTIED),
            key=day_key,
        )
        sent = st.form_submit_button(told("Set the limits"))
    chosen = Admission(capacity=capacity, closes=day.isoformat() if day else None)
    if sent and chosen != said:
        set_limits(installation.store, study.identifier, chosen)
        st.rerun()
    if any(arm.quota for arm in study.arms):
        draw_table(capacity_table(study, people))


def _of_file(value: object) -> str:
    return "No limit" if value is None else f"study.yaml: {value}"


def limits_in_words(limits: Admission, n_taken: int) -> str:
    """Numbers of taken places and of all places, and the last day."""
    if limits.capacity is None:
        places = f"{counted(n_taken, 'place')} taken, and no limit to them."
    else:
        places = f"{n_taken} of {counted(limits.capacity, 'place')} taken."
    if limits.last_day is None:
        return " ".join((places, "There is no last day."))
    over = ("That day is over.",) if limits.is_over(datetime.now(UTC)) else ()
    until = f"The last day to come in is {limits.closes}, until midnight UTC."
    return " ".join((places, until, *over))


def with_a_place(people: pd.DataFrame) -> pd.DataFrame:
    """Real participants who take a place: all except people who declined or withdrew."""
    return people[~people["step"].isin(LEFT) & (people["participant_kind"] != "simulated")]


def capacity_table(study: Study, people: pd.DataFrame) -> pd.DataFrame:
    """Places of each arm: how many are wanted, taken by the given participants, and free."""
    taken = people["arm"].value_counts()
    rows = [
        {
            "Arm": in_words(arm.name),
            "Wanted": arm.quota or 0,
            "Taken": int(taken.get(arm.name, 0)),
            "Free": max(0, (arm.quota or 0) - int(taken.get(arm.name, 0))),
        }
        for arm in study.arms
    ]
    return pd.DataFrame(rows)

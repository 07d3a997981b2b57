"""Open: the link, the QR code, an invitation, links of one's own, who may come in and how many."""

from __future__ import annotations

import html

import pandas as pd
import streamlit as st

from db.records.steps import LEFT
from mixtrial.dashboard.frame import card, draw_empty
from mixtrial.dashboard.participants_link import participants_link
from mixtrial.dashboard.snapshot import Snapshot
from mixtrial.dashboard.status import draw_status
from mixtrial.dashboard.tables import draw_table
from mixtrial.recruiting.invitation import invitation
from mixtrial.server.public_address import public_address
from stimuli.study.study import Study

NOT_BUILT = (
    "The study is not built: whoever opens the link reads that it has not begun. "
    "Build it first (mixtrial build), then start the server."
)
ONLY_HERE = ("localhost", "127.0.0.1", "[::1]")
LOCAL = (
    "This address leads to your own machine: nobody else can open it. Open the dashboard by the "
    "server's public name, and link, QR code and invitation have that name."
)
LINKS_LEAD = (
    "Write one address a line, and each gets a link of its own. Whoever opens it twice goes on "
    "where they were. Neither addresses nor links are stored here; sending them is up to you."
)
LINKS_FORM = (
    '<form class="dx-ask dx-wide" method="post" action="{action}">'
    '<label for="dx-addresses">Addresses</label>'
    '<textarea id="dx-addresses" name="addresses" rows="6" required maxlength="1500000" '
    'autocomplete="off" spellcheck="false"></textarea>'
    '<button class="dx-download" type="submit">Download the links (CSV)</button></form>'
)
NO_PARAMETER = (
    "The study has no parameter that tells people apart. Name one in study.yaml: "
    "recruitment: {participant: pid}"
)


def draw(snapshot: Snapshot) -> None:
    """Draw what is needed to let people in, and to stop it."""
    study, link = snapshot.installation.study, participants_link()
    with card("open-status", "Who may come in"):
        if snapshot.installation.manifest is None:
            st.html(f'<p class="dx-note dx-flag">{html.escape(NOT_BUILT)}</p>')
        draw_status(snapshot)
        _draw_capacity(study, snapshot.participants)
    with card("open-link", "Link", "For everybody: posters, mails, a panel."):
        _draw_link(link)
    with card("invitation", "Invitation", "To be copied, in the study's language."):
        if link is None:
            draw_empty("The browser does not tell the address of this page.")
        else:
            st.code(invitation(snapshot.installation, link), language=None, wrap_lines=True)
    with card("personal-links", "Personal links", LINKS_LEAD):
        if study.recruitment.participant is None:
            draw_empty(NO_PARAMETER)
        else:
            st.html(LINKS_FORM.format(action=public_address().outer("/api/admin/links")))


def _draw_link(link: str | None) -> None:
    if link is not None:
        st.code(link, language=None, wrap_lines=True)
        if any(f"://{host}" in link for host in ONLY_HERE):
            st.html(f'<p class="dx-note dx-flag">{LOCAL}</p>')
    picture = public_address().outer("/api/admin/qr")
    st.html(
        f'<div class="dx-qr"><img src="{picture}.svg" alt="The link as a QR code" width="180" '
        'height="180"><div class="dx-downloads">'
        f'<a class="dx-download" href="{picture}.png" download>QR code<small>PNG</small></a>'
        f'<a class="dx-download" href="{picture}.svg" download>QR code<small>SVG, any size</small>'
        "</a></div></div>"
    )


def _draw_capacity(study: Study, people: pd.DataFrame) -> None:
    """Say how many have come and how many are wanted, arm by arm where there are arms."""
    if not any(arm.quota for arm in study.arms):
        st.html(
            '<p class="dx-note">There is no limit to how many come in: pause or close the study '
            "when there are enough.</p>"
        )
        return
    draw_table(capacity_table(study, people))


def capacity_table(study: Study, people: pd.DataFrame) -> pd.DataFrame:
    """Places of each arm: wanted, taken, free. Who declined or withdrew takes none."""
    there = people[~people["step"].isin(LEFT) & (people["participant_kind"] != "simulated")]
    taken = there["arm"].value_counts()
    rows = [
        {
            "Arm": arm.name.replace("_", " ").capitalize(),
            "Wanted": arm.quota or 0,
            "Taken": int(taken.get(arm.name, 0)),
            "Free": max(0, (arm.quota or 0) - int(taken.get(arm.name, 0))),
        }
        for arm in study.arms
    ]
    return pd.DataFrame(rows)

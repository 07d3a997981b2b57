"""Data of the study: downloads, opening and closing of the study, withdrawals, the log."""

from __future__ import annotations

import html

import pandas as pd
import streamlit as st

from db.records.study import Action
from mixtrial.dashboard.frame import card, draw_empty
from mixtrial.dashboard.snapshot import Snapshot
from mixtrial.dashboard.status import draw_status
from mixtrial.dashboard.tables import draw_table
from mixtrial.exports.registry import offered_exports
from mixtrial.language.spoken import told
from mixtrial.participation.admission import LOGGED
from mixtrial.participation.personal_code import code_in
from mixtrial.reporting.declared_plan import OVERRULED
from mixtrial.server.public_address import public_address

DATA_FORM = (
    '<form class="dx-ask" method="post" action="{action}">'
    '<label for="dx-code">{label}</label>'
    '<input id="dx-code" name="code" required maxlength="500" autocomplete="off">'
    '<button class="dx-download" type="submit">{download}</button></form>'
)
NO_SUCH_CODE = "Nobody has this code."
ACTIONS = {
    "unblind": "Names uncovered",
    "status": "Study set to",
    "download": "Downloaded",
    LOGGED: "Limits set in Open:",
    OVERRULED: "Means uncovered against the plan",
}


def draw(snapshot: Snapshot) -> None:
    """Draw the data view."""
    with card("downloads", "Downloads", "CSV files. They name the systems, so each is logged."):
        folder = public_address().outer("/api/admin/")
        links = "".join(
            f'<a class="dx-download" href="{folder}{name}.csv" download>'
            f"{html.escape(told(each.title))}<small>{html.escape(told(each.remark))}</small></a>"
            for name, each in offered_exports(snapshot.installation.study).items()
        )
        st.html(f'<div class="dx-downloads">{links}</div>')
    with card("status", "Recruitment"):
        draw_status(snapshot)
    with card(
        "participant",
        "One participant",
        "All stored data of a participant who asks for them, as a file. Each download is logged.",
    ):
        unknown = f'<p class="dx-wrong" role="alert">{told(NO_SUCH_CODE)}</p>'
        form = DATA_FORM.format(
            action=public_address().outer("/api/admin/participant"),
            label=told("Their personal code, or their link"),
            download=told("Download"),
        )
        st.html(form + (unknown if st.query_params.get("code") == "unknown" else ""))
    with card(
        "withdrawal",
        "Withdrawal",
        "Deletes all data of a participant. This cannot be undone.",
    ):
        _draw_withdrawal(snapshot)
    with card("log", "Log", "Actions on this study from the dashboard, newest first."):
        _draw_log(snapshot)


def _draw_withdrawal(snapshot: Snapshot) -> None:
    with st.form("withdrawal", clear_on_submit=True, border=False):
        said = st.text_input(
            told("The participant's personal code, or their link"), max_chars=500, width=360
        )
        sure = st.checkbox(told("Delete all data of this participant"))
        sent = st.form_submit_button(told("Delete"))
    if not sent:
        return
    store, study = snapshot.installation.store, snapshot.installation.study.identifier
    if not said.strip() or not sure:
        st.warning(told("Give the code and tick the box."))
    elif withdrawn := store.withdraw(code_in(said), study):
        store.log_action(study, "withdrawal", withdrawn)
        st.success(
            told(
                f"The data of {withdrawn} have been deleted. Delete that participant's rows in "
                "files that were downloaded before, too; backups made before still hold them."
            )
        )
    else:
        st.warning(told(NO_SUCH_CODE))


def _draw_log(snapshot: Snapshot) -> None:
    # The log is read again, so that the list includes an action taken on this page a moment ago.
    actions = snapshot.installation.store.actions(snapshot.installation.study.identifier)
    if not actions:
        draw_empty("Nothing yet.")
        return
    rows = [
        {
            "Time (UTC)": f"{action.at:%Y-%m-%d %H:%M:%S}",
            "What": _in_words(action),
        }
        for action in reversed(actions[-50:])
    ]
    draw_table(pd.DataFrame(rows), left=2)


def _in_words(action: Action) -> str:
    """Name of an action in the language of the page."""
    what = told(ACTIONS.get(action.kind, action.kind.capitalize()))
    return f"{what} {told(action.detail)}".strip()

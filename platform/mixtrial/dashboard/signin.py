"""The door: a form for the password, a link to the identity provider; our routes set the cookie."""

from __future__ import annotations

import html
from urllib.parse import urlsplit

import streamlit as st

from mixtrial.server.installation import Installation
from mixtrial.server.public_address import public_address
from mixtrial.server.session_cookie import SESSION_COOKIE
from mixtrial.server.session_cookie import is_signed_in as has_session

OUTCOMES = {
    "wrong": "That is not the password.",
    "wait": "Too many attempts. Please wait five minutes and try again.",
    "closed": "No password is set, so nobody can sign in with one.",
    "provider": "The identity provider cannot be reached. Please try again later.",
    "again": "That sign-in was not started here, or took too long. Please try again.",
    "refused": "You could not be signed in. Ask whoever runs this server whether you are listed.",
}
HOW_TO_SET = (
    "<p>No password is set. Give the server one in the environment variable "
    "<code>MIXTRIAL_ADMIN_PASSWORD</code> (or its hash in "
    "<code>MIXTRIAL_ADMIN_PASSWORD_HASH</code>) and start it again.</p>"
)
PASSWORD_FORM = (
    '<form method="post" action="{action}">'
    '<label for="dx-password">Password</label>'
    '<input id="dx-password" type="password" name="password" required autofocus '
    'autocomplete="current-password">'
    '<button type="submit">Sign in</button></form>'
)


def is_signed_in(installation: Installation) -> bool:
    """Whether the browser has shown a cookie of a session that has not ended."""
    return has_session(installation, st.context.cookies.get(SESSION_COOKIE))


def draw_signin(installation: Installation) -> None:
    """Draw the sign-in form, or how to set a password where there is none."""
    settings = installation.settings
    outcome = OUTCOMES.get(st.query_params.get("signin", ""))
    remark = f'<p class="dx-wrong" role="alert">{html.escape(outcome)}</p>' if outcome else ""
    if settings.admin_password_hash is None and settings.oidc is None:
        body = HOW_TO_SET
    else:
        body = "<p>Sign in to follow the study and to fetch its data.</p>"
        if settings.admin_password_hash is not None:
            body += PASSWORD_FORM.format(action=public_address().outer("/api/login"))
        if settings.oidc is not None:
            host = html.escape(urlsplit(settings.oidc.issuer).hostname or "")
            link = public_address().outer("/api/oidc/login")
            body += f'<a class="dx-provider" href="{link}">Sign in with {host}</a>'
        body += remark
    st.html(
        '<div class="dx-signin"><div class="dx-signin-card"><span class="dx-over">Dashboard</span>'
        f"<h1>{html.escape(installation.study.title)}</h1>{body}</div></div>"
    )

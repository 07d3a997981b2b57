"""Sign-in by a form for the password or by an identity provider; server routes set the cookie."""

from __future__ import annotations

import html
from urllib.parse import urlsplit

import streamlit as st

from mixtrial.dashboard.frame import other_languages
from mixtrial.language.spoken import told
from mixtrial.server.identity_provider import OidcSettings
from mixtrial.server.installation import Installation
from mixtrial.server.public_address import public_address
from mixtrial.server.session_cookie import SESSION_COOKIE, Door
from mixtrial.server.session_cookie import is_signed_in as has_session

OUTCOMES = {
    "wrong": "That is not the password.",
    "wait": "Too many attempts. Please wait five minutes and try again.",
    "closed": "No password is set, so nobody can sign in with one.",
    "provider": "The identity provider cannot be reached. Please try again later.",
    "again": "That sign-in was not started here, or took too long. Please try again.",
    "refused": (
        "You could not be signed in. Ask the person who runs this server whether you are "
        "on the list."
    ),
}
HOW_TO_SET = (
    "No password is set. Give the server one in the environment variable {password} (or its hash "
    "in {hash}) and start it again."
)
PASSWORD_FORM = (
    '<form method="post" action="{action}">'
    '<label for="dx-password">{password}</label>'
    '<input id="dx-password" type="password" name="password" required autofocus '
    'autocomplete="current-password">'
    '<button type="submit">{sign_in}</button></form>'
)


def is_signed_in(door: Door) -> bool:
    """Whether the cookie from the browser belongs to a session that has not ended."""
    return has_session(door, st.context.cookies.get(SESSION_COOKIE))


def draw_signin(installation: Installation) -> None:
    """Draw the sign-in form of a study's dashboard, or the steps to set a password."""
    title, settings = installation.study.title, installation.settings
    lead = "Sign in to follow the study and to fetch its data."
    draw_door("Dashboard", title, lead, settings.admin_password_hash is not None, settings.oidc)


def draw_door(
    what: str, title: str, lead: str, has_password: bool, provider: OidcSettings | None = None
) -> None:
    """Draw a sign-in form; without a password and a provider, draw the steps to set a password."""
    outcome = OUTCOMES.get(st.query_params.get("signin", ""))
    remark = f'<p class="dx-wrong" role="alert">{html.escape(told(outcome))}</p>' if outcome else ""
    if not has_password and provider is None:
        variable = "<code>MIXTRIAL_ADMIN_PASSWORD{}</code>".format
        how = told(HOW_TO_SET).format(password=variable(""), hash=variable("_HASH"))
        body = f"<p>{how}</p>"
    else:
        body = f"<p>{html.escape(told(lead))}</p>"
        if has_password:
            body += PASSWORD_FORM.format(
                action=public_address().outer("/api/login"),
                password=told("Password"),
                sign_in=told("Sign in"),
            )
        if provider is not None:
            host = html.escape(urlsplit(provider.issuer).hostname or "")
            link = public_address().outer("/api/oidc/login")
            body += f'<a class="dx-provider" href="{link}">{told("Sign in with")} {host}</a>'
        body += remark
    st.html(
        '<div class="dx-signin"><div class="dx-signin-card">'
        f'<span class="dx-over">{html.escape(told(what))}</span>'
        f"<h1>{html.escape(title)}</h1>{body}</div>"
        f'<div class="dx-ways">{other_languages(dict(st.query_params))}</div></div>'
    )

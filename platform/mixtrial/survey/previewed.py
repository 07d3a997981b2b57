"""The survey as a preview: for signed-in people, on any page, without storing anything."""

from __future__ import annotations

import streamlit as st

from mixtrial.preview.address import ARM, LANGUAGE
from mixtrial.preview.stations import reach
from mixtrial.preview.throw_away import preview_of
from mixtrial.preview.words import MARK, NO_PAGE, REFUSED, UNREADABLE
from mixtrial.server.headers import PREVIEW
from mixtrial.server.installation import Installation
from mixtrial.server.session_cookie import SESSION_COOKIE, is_signed_in
from mixtrial.survey.link_token import given_token, keep_token
from stimuli.study.study import StudyError


def is_preview() -> bool:
    """Whether the address belongs to a preview."""
    return PREVIEW in st.query_params


def previewed(installation: Installation) -> Installation | None:
    """The study to draw, with a temporary participant on the page; None if access is refused."""
    if not is_signed_in(installation, st.context.cookies.get(SESSION_COOKIE)):
        st.error(REFUSED)
        return None
    try:
        preview = preview_of(installation, st.query_params.get(LANGUAGE))
        if given_token() is None:
            token = reach(preview, st.query_params[PREVIEW], st.query_params.get(ARM))
            if token is not None:
                keep_token(token)
    except StudyError as error:
        st.error(UNREADABLE.format(error=error))
        return None
    except KeyError:
        st.error(NO_PAGE)
        return None
    st.html(MARK)
    return preview

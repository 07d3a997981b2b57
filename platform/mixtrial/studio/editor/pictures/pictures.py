"""Pictures of page types, light and dark: files in this folder, made by a command.

``tests/developing/pictures/page_types.py`` makes the pictures. A page type without a picture, for
example of a plug-in, is shown by its description.
"""

from __future__ import annotations

import html
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from mixtrial.routes.requests import refusal
from mixtrial.server.public_address import public_address
from stimuli.page_types.registry import page_types

COLOURS = ("light", "dark")
ADDRESS = "/api/studio/pictures/{name}"


def picture_of(page_type: str, colour: str) -> Path:
    """Path of the picture of a page type, whether it exists or not."""
    return Path(__file__).with_name(f"{page_type}-{colour}.webp")


def picture_html(page_type: str, words: str) -> str:
    """HTML of a page type's picture; empty if the page type has no picture.

    Style sheets choose the light or the dark picture.
    """
    if not all(picture_of(page_type, colour).is_file() for colour in COLOURS):
        return ""
    shown = "".join(
        f'<img class="ed-{colour}" alt="{html.escape(words)}" loading="lazy" src="'
        f'{public_address().outer(ADDRESS.format(name=f"{page_type}-{colour}"))}">'
        for colour in COLOURS
    )
    return f'<span class="ed-picture">{shown}</span>'


async def picture(request: Request) -> Response:
    """A picture of a page type, which belongs to the package and is public."""
    page_type, _, colour = request.path_params["name"].rpartition("-")
    path = picture_of(page_type, colour)
    if page_type not in page_types() or colour not in COLOURS or not path.is_file():
        return refusal(404, "There is no such picture.")
    return FileResponse(
        path,
        media_type="image/webp",
        headers={"Cache-Control": "private, max-age=86400"},
    )


PICTURE_ROUTES: list[Route] = [Route(ADDRESS, picture, methods=["GET"])]

"""The player's files; the address of the files changes when their content changes.

A browser can cache the files for ever, and never mixes files of two versions. The player's files
need no build step.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from stimuli.page_types.registry import plugin_scripts

FRONTEND = Path(__file__).parent / "frontend"
ASSET_ROUTE = "/api/player/{version}/{name:path}"
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css"}
YEAR_S = 365 * 24 * 3600


@cache
def player_files() -> dict[str, bytes]:
    """Content of each file of the player, by its path, including the page types of plug-ins."""
    brought = plugin_scripts().items()
    return {f"page_types/{name}.js": path.read_bytes() for name, path in brought} | {
        path.relative_to(FRONTEND).as_posix(): path.read_bytes()
        for path in sorted(FRONTEND.rglob("*"))
        if path.suffix in MEDIA_TYPES
    }


@cache
def player_version() -> str:
    """First 16 hex digits of the SHA-256 of all names and contents."""
    digest = hashlib.sha256()
    for name, content in player_files().items():
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]


def assets_url() -> str:
    """Address of the player's folder, relative to the page."""
    return f"api/player/{player_version()}/"


async def player_asset(request: Request) -> Response:
    """Serve one file of the player; unknown names give 404.

    If the server was updated while a page was open, this page gets the new file, which is not
    cached.
    """
    name = request.path_params["name"]
    content = player_files().get(name)
    if content is None:
        return Response(status_code=404)
    is_current = request.path_params["version"] == player_version()
    caching = f"public, max-age={YEAR_S}, immutable" if is_current else "no-store"
    return Response(
        content,
        media_type=MEDIA_TYPES[Path(name).suffix],
        headers={"Cache-Control": caching, "X-Content-Type-Options": "nosniff"},
    )

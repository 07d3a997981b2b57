"""The player's packaging and what it is sent: versions, options, blindness."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

import places
from mixtrial.player.assets import assets_url, player_asset, player_files, player_version
from mixtrial.player.player import COMPONENT_NAME, pages_data, volume_data
from mixtrial.server.language import locale_of
from mixtrial.server.streamlit_options import OPTIONS

REPOSITORY = places.ROOT


def test_streamlit_takes_our_options_whatever_its_own_files_and_variables_say(
    tmp_path: Path,
) -> None:
    """Those of the folder in which the server is started, too."""
    (tmp_path / ".streamlit").mkdir()
    said = "[server]\nenableXsrfProtection = true\n[runner]\npostScriptGC = true\n"
    (tmp_path / ".streamlit" / "config.toml").write_text(said, encoding="utf-8")
    names = ("server.enableXsrfProtection", "runner.postScriptGC", "server.baseUrlPath")
    call = (
        "from streamlit import config; from mixtrial.server.streamlit_options import set_options; "
        f"set_options('/study1'); print(*map(config.get_option, {names}))"
    )
    variables = {**os.environ, "STREAMLIT_RUNNER_POST_SCRIPT_GC": "true"}
    done = subprocess.run(
        [sys.executable, "-c", call],
        cwd=tmp_path, env=variables, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["False", "False", "/study1"]


def test_streamlit_knows_every_option() -> None:
    """A misspelt option would stop the server: each one exists in the installed Streamlit."""
    from streamlit import config

    known = config.get_config_options()
    assert set(OPTIONS) <= set(known)


def test_streamlit_finds_the_component_in_the_installed_package() -> None:
    """The scanner reads the manifest shipped inside the package and finds the loader."""
    from streamlit.components.v2.manifest_scanner import scan_component_manifests

    found = {
        f"{manifest.name}.{component.name}": component.resolve_asset_root(root)
        for manifest, root in scan_component_manifests()
        for component in manifest.components
    }
    folder = found[COMPONENT_NAME]
    assert folder is not None
    assert (folder / "player.js").is_file()
    assert folder == Path(str(files("mixtrial") / "player" / "frontend")).resolve()


def fetched(version: str, name: str) -> Response:
    """Answer of the player's route."""
    scope = {"type": "http", "path_params": {"version": version, "name": name}}
    return asyncio.run(player_asset(Request(scope)))


def test_files_of_this_version_may_be_kept_for_ever() -> None:
    """The address changes with the content, so the browser need not ask again."""
    answer = fetched(player_version(), "sound/engine.js")
    assert answer.status_code == 200
    assert answer.body == player_files()["sound/engine.js"]
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")
    assert player_version() in assets_url()


def test_files_of_another_version_are_not_kept() -> None:
    """A page open during an upgrade gets working files, uncached."""
    answer = fetched("0000", "sound/engine.js")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["nothing.js", "../player.py", "player.py"])
def test_only_the_players_files_are_served(name: str) -> None:
    """Unknown names and ways out of the folder give 404."""
    assert fetched(player_version(), name).status_code == 404


def test_no_file_of_the_player_asks_another_server() -> None:
    """No CDN, no font, no address but the XML namespace of the icons."""
    for name, content in player_files().items():
        text = content.decode().replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text, name
        assert "https://" not in text, name


def test_what_the_browser_gets_is_plain_and_complete() -> None:
    """Addresses, numbers and texts arrive as JSON, unchanged."""
    volume = volume_data("t" * 32, "api/audio/one", 48_000, 50, locale_of("de").player)
    assert volume["urls"] == ["api/audio/one"]
    assert volume["texts"]["play"] == "Abspielen"
    shell = json.loads(json.dumps(pages_data("t" * 32, 3, "abx", "de", locale_of("de").player)))
    assert (shell["page"], shell["page_type"], shell["page_url"]) == (3, "abx", "api/page")
    assert shell["key"] == pages_data("t" * 32, 4, "acr", "de", {})["key"]  # drawn anew by no page


def test_every_text_the_player_asks_for_is_there_and_none_is_idle() -> None:
    """Keys used in the browser and keys sent to it are the same set."""
    sources = "\n".join(content.decode() for content in player_files().values())
    used = set(re.findall(r"texts\.([a-z_]+)", sources))
    states = ("saved", "saving", "offline", "busy", "closed", "expired", "refused")
    used |= {f"state_{state}" for state in states}
    assert used - {"state_"} == set(locale_of("en").player)


def test_a_test_without_reference_is_never_called_mushra() -> None:
    """BS.1534-3 reserves the name for tests with hidden reference and anchors."""
    folder = REPOSITORY / "platform/mixtrial"
    texts = [*(folder / "survey").rglob("*.py"), *(folder / "player").rglob("*.*")]
    for path in texts:
        if path.suffix in {".py", ".js", ".css"}:
            assert "MUSHRA" not in path.read_text(encoding="utf-8"), path.name


def test_hover_and_focus_change_colours_and_rings_and_show_nothing_new() -> None:
    """WCAG 1.4.13: styles for both set no more than that, and no script waits for a pointer."""
    styles = [files("mixtrial.survey").joinpath("frame.css").read_text("utf-8")]
    for name, content in player_files().items():
        if name.endswith(".css"):
            styles.append(content.decode())
        assert not re.search(r"(mouse|pointer)(enter|over)", content.decode()), name
    blocks = re.findall(r"([^{}]*):(?:hover|focus)[^{}]*\{([^{}]*)\}", "\n".join(styles))
    changed = {
        line.partition(":")[0].strip()
        for _, block in blocks
        for line in block.split(";")
        if line.strip()
    }
    assert len(blocks) > 10
    assert changed == {
        "background", "border-color", "box-shadow", "outline", "outline-color", "outline-offset"
    }  # fmt: skip

"""A browser goes to an identity provider of another site and comes back signed in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from browser_study import Server, Walker, running_browser, write_study
from page_audit import wait_until_drawn
from route_server import free_port
from tests.platform.routes.test_oidc import CLIENT, CLIENT_SECRET, Provider

pytestmark = pytest.mark.browser


@pytest.fixture
def provider() -> Iterator[Provider]:
    """An identity provider under another name than the server's, and so another site."""
    started = Provider("localhost")
    yield started
    started.http.shutdown()
    started.http.server_close()


@pytest.fixture
def server(
    provider: Provider, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """A served study that trusts the provider, and Ada."""
    study = write_study(tmp_path_factory.mktemp("oidc"))
    port = free_port()
    provider.redirect = f"http://127.0.0.1:{port}/api/oidc/callback"
    told = {
        "MIXTRIAL_OIDC_ISSUER": provider.issuer,
        "MIXTRIAL_OIDC_CLIENT_ID": CLIENT,
        "MIXTRIAL_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "MIXTRIAL_OIDC_REDIRECT_URL": provider.redirect,
        "MIXTRIAL_OIDC_ALLOWED": "ada@example.org",
    }
    monkeypatch.delenv("MIXTRIAL_ADMIN_PASSWORD", raising=False)
    started = Server(study, port, settings=told)
    started.start()
    yield started
    started.stop()


def test_a_strict_cookie_set_on_the_way_back_opens_the_dashboard(
    server: Server, provider: Provider
) -> None:
    """From the link to the dashboard; somebody who is not on the list comes back to the link."""
    with running_browser() as browser:
        walker = Walker(browser, server)
        page = walker.page
        provider.claims = {"email": "eve@example.org"}
        page.goto(f"{server.url}/admin")
        page.get_by_role("link", name="Sign in with localhost").wait_for()
        wait_until_drawn(page)
        assert page.get_by_label("Password").count() == 0
        page.get_by_role("link", name="Sign in with localhost").click()
        page.get_by_text("whether you are on the list").wait_for()
        provider.claims = {}
        page.get_by_role("link", name="Sign in with localhost").click()
        page.get_by_role("button", name="Sign out").wait_for()
        cookies = {each["name"]: each for each in walker.context.cookies()}
        assert set(cookies) >= {"mixtrial_session"}
        assert "mixtrial_oidc" not in cookies
        assert cookies["mixtrial_session"]["sameSite"] == "Strict"
        assert cookies["mixtrial_session"]["httpOnly"]
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("link", name="Sign in with localhost").wait_for()
        walker.close()

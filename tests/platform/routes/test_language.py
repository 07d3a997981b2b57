"""The language of the researcher's pages is chosen there, and the browser keeps it."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from mixtrial.language.known import LANGUAGE_COOKIE
from mixtrial.routes.route_table import ROUTES


@pytest.fixture
def client() -> TestClient:
    """A browser at our routes."""
    return TestClient(Starlette(routes=ROUTES), follow_redirects=False)


def test_a_choice_is_kept_and_leads_back(client: TestClient) -> None:
    """To the page where it was made; what its query says can lead nowhere else."""
    for query, back in (
        ("view=data&study=a%2Fb", "/admin?view=data&study=a%2Fb"),
        ("", "/admin"),
        ("//elsewhere.test\r\nX: 1", "/admin?%2F%2Felsewhere.test%0D%0AX%3A+1="),
    ):
        answer = client.post("/api/language", data={"language": "de", "query": query})
        assert (answer.status_code, answer.headers["location"]) == (303, back)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{LANGUAGE_COOKIE}=de;")
    assert "Max-Age=31536000; Path=/; SameSite=strict" in cookie


def test_only_a_language_that_there_is_is_kept(client: TestClient) -> None:
    """Nothing of what else is said comes back in a header, and no page elsewhere chooses."""
    unknown = client.post("/api/language", data={"language": "xx; Path=/a"})
    assert (unknown.status_code, "set-cookie" in unknown.headers) == (400, False)
    assert unknown.json()["error"] == "There is no such language; choose en, de."
    foreign = client.post(
        "/api/language", data={"language": "de"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert (foreign.status_code, "set-cookie" in foreign.headers) == (403, False)
    assert client.post("/api/language", data={"language": "x" * 5000}).status_code == 413

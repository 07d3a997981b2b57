"""Websockets, hosts and paths as strangers try them, against the whole server."""

from __future__ import annotations

import http.client
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from browser_study import REPOSITORY, Server, running_server, write_study
from mixtrial.routes.front_door import is_own_origin
from mixtrial.server.process import MAX_SOCKET_BYTES
from mixtrial.server.public_address import PublicAddress, public_address_of
from mixtrial.server.settings import SettingsError
from mixtrial.simulation.over_http import BotError, sign_in

NAME = "listening.example.org"
PASSWORD = "correct harbour battery"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A served study that is asked for by one name, under a path."""
    study = write_study(tmp_path_factory.mktemp("front"))
    hosts = f"{NAME}, localhost"
    settings = {"MIXTRIAL_HOSTS": hosts, "MIXTRIAL_ADMIN_PASSWORD": PASSWORD}
    with running_server(study, base_path="/study1", **settings) as running:
        yield running


def status(server: Server, path: str, host: str = NAME) -> int:
    """Status of the answer to a request for a host."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", path, headers={"Host": host})
    answer = connection.getresponse().status
    connection.close()
    return answer


def opened(server: Server, host: str = NAME, **options: Any) -> ClientConnection:
    """A websocket of the survey, asked for by a name; to be used as a context."""
    stream = socket.create_connection(("127.0.0.1", server.port))
    return connect(
        f"ws://{host}/study1/_stcore/stream", sock=stream, subprotocols=["streamlit"],
        **{"compression": None, "max_size": None, **options},
    )  # type: ignore[arg-type]  # fmt: skip


def rerun() -> bytes:
    """First message of a page."""
    message = BackMsg()
    message.rerun_script.query_string = ""
    return bytes(message.SerializeToString())


def read_on(page: ClientConnection) -> None:
    """Read all that comes, to the end."""
    while True:
        page.recv(timeout=60)


def log_of(server: Server) -> str:
    """Output of the server so far."""
    return (server.study.parent / "server.log").read_text()


def test_no_message_of_a_page_names_a_path_of_the_server(server: Server) -> None:
    """From the first one to the end of a run: neither the program's folder nor the study's."""
    with opened(server) as page:
        page.send(rerun())
        frames = [page.recv(timeout=60, decode=False)]
        while ForwardMsg.FromString(frames[-1]).WhichOneof("type") != "script_finished":
            frames.append(page.recv(timeout=60, decode=False))
    kinds = [ForwardMsg.FromString(frame).WhichOneof("type") for frame in frames]
    assert "new_session" in kinds
    assert "delta" in kinds
    for folder in (REPOSITORY, server.study.parent):
        assert [frame for frame in frames if str(folder).encode() in frame] == []


@pytest.mark.parametrize(
    ("frame", "code"), [("hello", 1003), (b"\xff\xff\xff", 1002)], ids=["text", "rubbish"]
)
def test_what_no_page_says_closes_the_websocket_and_leaves_no_traceback(
    server: Server, frame: str | bytes, code: int
) -> None:
    """Also while a run is under way, whose messages nobody takes any more."""
    with opened(server) as page:
        page.send(rerun())
        page.send(frame)
        with pytest.raises(ConnectionClosed) as closed:
            read_on(page)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code
    with opened(server) as page:  # the server has gone on, and has said what it had to say
        page.send(rerun())
        page.recv(timeout=60)
    assert "Traceback" not in log_of(server)


def test_a_message_that_no_page_could_send_is_not_read(server: Server) -> None:
    """A message too large ends the websocket by its head; nothing small becomes large."""
    with opened(server) as page:
        page.send(rerun())
        page.send(bytes(MAX_SOCKET_BYTES + 1))
        with pytest.raises(ConnectionClosed) as closed:
            read_on(page)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009
    with opened(server, compression="deflate") as page:
        assert page.protocol.extensions == []


def test_what_streamlit_offers_its_programmers_is_not_heard(server: Server) -> None:
    """Neither git, caches, tools nor a shutdown: the page that comes next is drawn as ever."""
    messages = [BackMsg() for _ in range(5)]
    messages[0].load_git_info = True
    messages[1].clear_cache = True
    messages[2].set_run_on_save = True
    messages[3].debug_shutdown_runtime = True
    messages[4].backend_operation_request.request_id = "1"
    with opened(server) as page:
        for message in messages:
            page.send(message.SerializeToString())
        page.send(rerun())
        told = ForwardMsg.FromString(page.recv(timeout=60, decode=False))
        while told.WhichOneof("type") != "new_session":
            assert told.WhichOneof("type") != "backend_operation_response"
            told = ForwardMsg.FromString(page.recv(timeout=60, decode=False))
    assert "shut down runtime" not in log_of(server)
    assert "Started server process" not in log_of(server)


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        f"http://{NAME}:3000",
        "http://127.0.0.1",
        "https://evil.example.org",
        "null",
        "http://[",
    ],
)
def test_a_websocket_of_another_site_is_refused(server: Server, origin: str) -> None:
    """Streamlit alone takes every page of this very machine."""
    with (
        pytest.raises(InvalidStatus, match="403"),
        opened(server, origin=origin),  # type: ignore[arg-type]
    ):
        pass


def test_a_websocket_of_our_own_page_is_taken(server: Server) -> None:
    """By the name that the page was asked for."""
    with opened(server, origin=f"https://{NAME}") as page:  # type: ignore[arg-type]
        page.send(rerun())
        assert ForwardMsg.FromString(page.recv(timeout=60, decode=False)).HasField("new_session")


@pytest.mark.parametrize(
    ("host", "answered"),
    [
        (NAME, 200),
        (NAME.upper(), 200),
        (f"{NAME}:8443", 200),
        ("localhost:8501", 200),
        ("127.0.0.1", 400),
        (f"www.{NAME}", 400),
        (f"{NAME}.evil.org", 400),
        (f"{NAME}@evil.org", 400),
        ("", 400),
    ],
)
def test_a_request_for_another_host_is_refused(server: Server, host: str, answered: int) -> None:
    """Pages, our routes and Streamlit's; the health of the server may be asked by any name."""
    for path in ("/study1/", "/study1/_stcore/host-config", "/study1/api/oidc/login"):
        expected = 404 if answered == 200 and path.endswith("login") else answered
        assert status(server, path, host) == expected, path
    for path in ("/study1/api/healthz", "/api/healthz"):
        assert status(server, path, host) == 200, path


def test_a_websocket_for_another_host_is_refused(server: Server) -> None:
    """A page of a name that leads here by somebody else's DNS is not ours."""
    with (
        pytest.raises(InvalidStatus, match="403"),
        opened(server, "evil.example.org", origin="http://evil.example.org"),  # type: ignore[arg-type]
    ):
        pass


@pytest.mark.parametrize(
    ("path", "answered"),
    [
        ("/study1/", 200),
        ("/study1", 307),
        ("/study1/api/healthz", 200),
        ("/api/healthz", 200),
        ("/", 404),
        ("/study10/", 404),
        ("/admin", 404),
        ("/api/audio/x", 404),
        ("/_stcore/health", 404),
        ("/study1/_stcore/metrics", 404),
        ("/study1/_stcore/upload_file/x/y", 404),
        ("/study1/_stcore/agent/interact", 404),
    ],
)
def test_only_the_path_of_the_study_is_served(server: Server, path: str, answered: int) -> None:
    """Routes hidden without a path are hidden behind one too."""
    assert status(server, path) == answered


def test_programs_sign_in_below_the_path(server: Server) -> None:
    """As ``mixtrial simulate --over-http`` does, with the path in its address."""
    address = f"http://localhost:{server.port}"
    assert sign_in(f"{address}/study1", PASSWORD).count(".") == 2
    with pytest.raises(BotError, match="did not accept the dashboard's password"):
        sign_in(address, PASSWORD)


@pytest.mark.parametrize(
    ("told", "path", "inner"),
    [
        ("", "/admin", "/admin"),
        ("/", "/admin", "/admin"),
        ("/study1/", "/study1/admin", "/admin"),
        ("/a/b", "/a/b", "/"),
        ("/a/b", "/a/b/", "/"),
        ("/a/b", "/a/bc", None),
        ("/a/b", "/", None),
    ],
)
def test_a_path_is_taken_off_whole(told: str, path: str, inner: str | None) -> None:
    """A path that only begins alike is another one."""
    assert public_address_of({"MIXTRIAL_BASE_PATH": told}).inner(path) == inner


@pytest.mark.parametrize("told", ["study1", "/study 1", "//a", "/a/../b", "/ä", "/a?b", "/a;b"])
def test_a_path_that_no_address_has_is_a_sentence(told: str) -> None:
    """The server does not start with it."""
    with pytest.raises(SettingsError, match="The base path must begin with a slash"):
        public_address_of({"MIXTRIAL_BASE_PATH": told})


@pytest.mark.parametrize("told", ["https://a.org", "a.org:80", "*.a.org", "a b"])
def test_a_host_that_is_none_is_a_sentence(told: str) -> None:
    """Names alone, with commas between them."""
    with pytest.raises(SettingsError, match=f"not {re.escape(repr(told))}"):
        public_address_of({"MIXTRIAL_HOSTS": f"b.org, {told}"})


def test_a_host_of_ipv6_is_known_with_and_without_its_port() -> None:
    """Its own colons are none of a port."""
    address = PublicAddress(hosts=frozenset({"[2001:db8::7]"}))
    assert address.answers_to("[2001:DB8::7]:8501")
    assert address.answers_to("[2001:db8::7]")
    assert not address.answers_to("[2001:db8::8]")


def test_programs_without_an_origin_are_no_other_site() -> None:
    """Only browsers tell where a websocket comes from, and all of them do."""
    assert is_own_origin(None, NAME)
    assert not is_own_origin("", NAME)

"""Uploads: who may, what comes in, and that whatever is refused leaves nothing behind."""

from __future__ import annotations

import errno
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from starlette.applications import Starlette
from starlette.testclient import TestClient

from db.store.store import open_store
from mixtrial.server.session_cookie import SESSION_COOKIE, begin_session
from mixtrial.studies import uploads
from mixtrial.studies.audio_grid import grid_of, make_study_file, rename_files
from mixtrial.studies.changes import new_study
from mixtrial.studies.folder_lock import FolderLock
from mixtrial.studies.listing import listed_study, read_study
from mixtrial.studies.study_folder import StudyFolder
from mixtrial.studio import upload_routes
from mixtrial.studio.children.builds import Builds
from mixtrial.studio.children.study_servers import StudyServers
from mixtrial.studio.running import Studio, StudioKey
from other_tools import WEBMUSHRA_AUDIO, write_webmushra
from running_studio import wav

WAV = wav()
FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    """A studio with one draft, ``choir``."""
    new_study(tmp_path, "Choir")
    sessions = open_store(f"sqlite:///{(tmp_path / 'sessions.sqlite').as_posix()}")
    key, lock = StudioKey(None, b"secret"), FolderLock(tmp_path, "here")
    opened = Studio(tmp_path, key, sessions, lock, StudyServers({}), Builds({}))
    monkeypatch.setattr(upload_routes, "current_studio", lambda: opened)
    yield opened
    opened.close()


@pytest.fixture
def researcher(studio: Studio) -> Iterator[TestClient]:
    """Somebody who has signed in."""
    with TestClient(Starlette(routes=upload_routes.UPLOAD_ROUTES)) as client:
        client.cookies.set(SESSION_COOKIE, begin_session(studio))
        yield client


def choir(studio: Studio) -> StudyFolder:
    """The study."""
    return StudyFolder(studio.folder / "choir")


def post(client: TestClient, name: str, body: Any = WAV, **headers: str) -> tuple[int, str]:
    """Status, and the sentence of a refusal."""
    answer = client.post(
        "/api/studio/choir/files", params={"name": name}, content=body, headers=headers
    )
    return answer.status_code, answer.json().get("error", "")


def test_a_file_for_a_cell_never_writes_over_another(
    studio: Studio, researcher: TestClient
) -> None:
    """The file in the saved study file is heard until another is saved; a cell has two words."""

    def drop(name: str) -> tuple[int, str]:
        answer = researcher.post("/api/studio/choir/cells", params={"name": name}, content=WAV)
        return answer.status_code, answer.json().get("name") or answer.json()["error"]

    assert drop("Harp/mp3/take.WAV") == (200, "audio/harp/mp3/take.wav")
    assert drop("Harp/mp3/take.WAV") == (200, "audio/harp/mp3/take-2.wav")
    assert drop("../../a.wav") == (
        400,
        "'../../a.wav' does not show its recording and its system.",
    )
    assert drop("mp3/take.wav") == (
        400,
        "'mp3/take.wav' does not show its recording and its system.",
    )
    assert sorted(left_behind(studio)) == ["take-2.wav", "take.wav"]


def test_another_tools_study_comes_as_a_zip_and_what_is_refused_leaves_nothing(
    studio: Studio, researcher: TestClient, tmp_path: Path
) -> None:
    """The archive itself is not kept, whether it was taken or not."""

    def send(name: str, body: bytes) -> tuple[int, str]:
        answer = researcher.post("/api/studio/choir/source", params={"name": name}, content=body)
        return answer.status_code, answer.json().get("error", "")

    write_webmushra(tmp_path / "project")
    whole = shutil.make_archive(str(tmp_path / "project"), "zip", tmp_path / "project")
    content = Path(whole).read_bytes()
    said = "project.zip is not a ZIP file, or it is damaged."
    assert send("project.zip", content[: len(content) // 2]) == (415, said)
    assert left_behind(studio) == []
    assert send("project.zip", content) == (200, "")
    assert {*left_behind(studio)} == {"harbour.yaml", *(Path(x).name for x in WEBMUSHRA_AUDIO)}
    researcher.cookies.clear()
    assert send("project.zip", content) == (403, "Sign in to the studio first.")


def left_behind(studio: Studio) -> list[str]:
    """All files below the study but its notes."""
    return [p.name for p in choir(studio).path.rglob("*") if p.is_file() and p.suffix != ".json"]


def flac(n_samples: int = 44_100) -> bytes:
    """A FLAC of noise."""
    file = io.BytesIO()
    noise = 0.1 * np.random.default_rng(1).standard_normal(n_samples)
    soundfile.write(file, noise, 44_100, format="FLAC")
    return file.getvalue()


def half_of(kind: str) -> bytes:
    """The first half of a file of noise."""
    file = io.BytesIO()
    noise = 0.1 * np.random.default_rng(1).standard_normal(44_100)
    soundfile.write(file, noise, 44_100, format=kind)
    return file.getvalue()[: file.tell() // 2]


def test_a_file_comes_in_and_is_heard_as_sound_alone(
    studio: Studio, researcher: TestClient
) -> None:
    """Its bytes are kept as they came; a browser may take them for nothing but sound."""
    assert post(researcher, "harp_mp3.wav") == (200, "")
    assert (choir(studio).audio / "harp_mp3.wav").read_bytes() == WAV
    heard = researcher.get("/api/studio/choir/files/harp_mp3.wav")
    assert heard.content == WAV
    assert heard.headers["content-type"].startswith("audio/")
    assert heard.headers["x-content-type-options"] == "nosniff"
    assert researcher.get("/api/studio/choir/files/../studio.json").status_code == 404
    assert researcher.get("/api/studio/choir/files/%2e%2e%2fstudio.json").status_code == 404


def test_who_has_not_signed_in_sends_and_hears_nothing(
    studio: Studio, researcher: TestClient
) -> None:
    """Neither without a cookie, nor with one that was made up, nor by another site's page."""
    assert post(researcher, "harp.wav", **{"Sec-Fetch-Site": "cross-site"})[0] == 403
    assert post(researcher, "harp.wav", Origin="https://evil.example")[0] == 403
    researcher.cookies.clear()
    for cookie in ("", "4102444800.x.forged"):
        researcher.cookies.set(SESSION_COOKIE, cookie)
        assert post(researcher, "harp.wav") == (403, "Sign in to the studio first.")
        assert researcher.get("/api/studio/choir/files/harp.wav").status_code == 403
    assert left_behind(studio) == []


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("../../../../outside/x.wav", "outside/x.wav"),
        ("..\\..\\x.wav", "x.wav"),
        ("/etc/x.wav", "etc/x.wav"),
        ("set/Harp/MP3.WAV", "harp/MP3.wav"),
    ],
)
def test_no_name_leads_out_of_the_study(
    studio: Studio, researcher: TestClient, name: str, place: str
) -> None:
    """A file lies below the folder of uploads, in one folder at most."""
    assert post(researcher, name) == (200, "")
    assert left_behind(studio) == [Path(place).name]
    assert (choir(studio).audio / place).is_file()


@pytest.mark.parametrize(
    ("name", "body", "status", "said"),
    [
        ("notes.wav", b"this is a text, and no sound at all", 415, "notes.wav cannot be read as"),
        ("empty.wav", b"", 415, "empty.wav"),
        ("short.flac", flac()[:20_000], 415, "short.flac is damaged"),
        ("short.wav", WAV[: len(WAV) // 2], 415, "short.wav is damaged"),
        ("short.ogg", half_of("ogg"), 415, "short.ogg is damaged: its sound breaks off"),
        ("short.mp3", half_of("mp3"), 415, "short.mp3 is damaged: its sound breaks off"),
        (
            "page.html",
            b"<script>",
            415,
            "page.html has a file type that is not accepted; accepted are WAV, FLAC",
        ),
        ("wav", WAV, 400, "'wav' cannot be a file name here; rename it"),
        ("..", WAV, 400, "cannot be a file name here; rename it"),
    ],
)
def test_what_is_no_sound_is_refused_and_leaves_nothing(
    studio: Studio, researcher: TestClient, name: str, body: bytes, status: int, said: str
) -> None:
    """The sentence names the file as it was called, and no folder of the server."""
    found, sentence = post(researcher, name, body)
    assert (found, said in sentence) == (status, True), sentence
    assert str(studio.folder) not in sentence
    assert left_behind(studio) == []


def test_too_large_too_long_and_too_many_are_refused(
    studio: Studio, researcher: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what the browser declares, and by what comes where it declares nothing."""
    monkeypatch.setattr(uploads, "MAX_FILE_BYTES", 1000)
    monkeypatch.setattr(upload_routes, "MAX_FILE_BYTES", 1000)
    assert post(researcher, "a.wav") == (413, "a.wav is larger than 0 MiB.")
    pieces = iter([WAV[:600], WAV[600:1200]])
    assert post(researcher, "a.wav", pieces) == (413, "a.wav is larger than 0 MiB.")
    monkeypatch.undo()
    monkeypatch.setattr(upload_routes, "current_studio", lambda: studio)
    monkeypatch.setattr(uploads, "LONGEST_MIN", 0)
    assert post(researcher, "a.wav") == (413, "a.wav is longer than 0 minutes.")
    monkeypatch.setattr(uploads, "LONGEST_MIN", 20)
    monkeypatch.setattr(uploads, "MOST_FILES", 1)
    assert post(researcher, "a.wav") == (200, "")
    assert post(researcher, "b.wav") == (409, "A study can have at most 1 files.")
    assert left_behind(studio) == ["a.wav"]


def test_a_disk_that_fills_up_is_told_and_nothing_half_is_kept(
    studio: Studio, researcher: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a file comes, and while it comes; an earlier file of the name stays."""
    assert post(researcher, "a.wav") == (200, "")
    said = "The disk of the server is full."
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "ROOM_BYTES", 1 << 62)
        assert post(researcher, "a.wav") == (507, said)

    async def fail(*_: object) -> None:
        raise FULL

    monkeypatch.setattr(upload_routes, "_write", fail)
    assert post(researcher, "a.wav", wav(1)) == (507, said)
    assert left_behind(studio) == ["a.wav"]
    assert (choir(studio).audio / "a.wav").read_bytes() == WAV


def test_the_sound_of_a_study_that_people_take_part_in_stays(
    studio: Studio, researcher: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes later would hear something else."""
    begun = listed_study(choir(studio))
    monkeypatch.setattr(
        uploads, "listed_study", lambda _: type("Begun", (), {"enrolled": begun.enrolled + 1})
    )
    status, said = post(researcher, "a.wav")
    assert (status, said) == (
        409, "The sound of a study with participants cannot be changed; duplicate the study.",
    )  # fmt: skip


def test_files_become_a_study_by_their_names_and_by_what_is_corrected(
    studio: Studio, researcher: TestClient
) -> None:
    """Recording first; names that were given the other way round are turned."""
    for recording in ("harp", "drum"):
        for system in ("mp3", "opus", "reference"):
            assert post(researcher, f"{system}_{recording}.wav") == (200, "")
    study = choir(studio)
    grid = grid_of(study)
    assert grid.audio is not None
    assert [song.name for song in grid.audio.songs] == ["drum", "harp"]  # by the reference
    turned = {path: (system, song) for path, (song, system) in grid.meant.items()}
    rename_files(study, {path: (song, system) for path, (system, song) in turned.items()})
    make_study_file(study, "Which codec?")
    read = read_study(study)
    assert {song.name for song in read.songs} == {"drum", "harp"}
    assert [system.name for system in read.systems] == ["mp3", "opus"]
    assert all(song.reference is not None for song in read.songs)


def test_two_files_that_are_meant_to_be_one_are_refused_before_any_is_renamed(
    studio: Studio, researcher: TestClient
) -> None:
    """Nothing is lost by a slip of the hand."""
    for name in ("a_x.wav", "b_x.wav"):
        post(researcher, name)
    study = choir(studio)
    meant = dict.fromkeys(grid_of(study).meant, ("a", "x"))
    with pytest.raises(ValueError, match="Two files have the same recording a and system x"):
        rename_files(study, meant)
    assert sorted(left_behind(studio)) == ["a_x.wav", "b_x.wav"]

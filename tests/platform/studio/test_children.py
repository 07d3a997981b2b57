"""Servers and builds of single studies: begun, watched, ended."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mixtrial.commands.study.studio import studio as command
from mixtrial.server.settings import COMMANDS_ALLOWED, SettingsError
from mixtrial.studies.changes import new_study
from mixtrial.studies.folder_lock import FolderLock
from mixtrial.studies.listing import listed_study
from mixtrial.studies.study_folder import FROM_STUDIO, StudyFolder
from mixtrial.studio.children import study_servers
from mixtrial.studio.children.builds import CANCELLED, Builds
from mixtrial.studio.children.study_servers import ENDS_BY_ITSELF, MOST_STARTS, StudyServers
from running_studio import wav
from waiting import until

STUDY = """title: Two codecs
files: "audio/{song}_{system}.*"
systems: [mp3, opus]
parts: [{type: preference}]
"""


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    """A study of finished files that is not built."""
    made = new_study(tmp_path, "Two codecs")
    made.audio.mkdir()
    for number, name in enumerate(("harp_mp3", "harp_opus")):
        (made.audio / f"{name}.wav").write_bytes(wav(number))
    made.study_file.write_text(STUDY, encoding="utf-8")
    return made


def test_a_command_is_run_only_where_the_studio_was_started_so(study: StudyFolder) -> None:
    """Whoever knows the password may make studies, and no more than that."""
    told = study.study_file.read_text("utf-8")
    by_command = "[mp3, {name: own, command: 'cp {reference} {out}'}]"
    (study.audio / "harp_reference.wav").write_bytes(wav(3))
    song = "songs: [{name: harp, reference: audio/harp_reference.wav}]\n"
    study.study_file.write_text(told.replace("[mp3, opus]", by_command) + song, encoding="utf-8")
    said = []
    for allowed in ("", "1"):
        builds = Builds({**os.environ, COMMANDS_ALLOWED: allowed})
        builds.start(study)
        build = builds.of(study)
        assert build is not None
        until(lambda build=build: build.is_over)
        said.append(build.fault)
    assert (
        "own is made by a command, and the studio runs commands only if it was started with"
        in said[0]
    )
    assert "--commands" not in said[1]


def test_a_cancelled_build_leaves_a_study_that_can_be_built(study: StudyFolder) -> None:
    """It says that it was cancelled; the next one says what it made; an open study is not built."""
    builds = Builds(os.environ)
    builds.start(study)
    builds.cancel(study)
    build = builds.of(study)
    assert build is not None
    until(lambda: build.is_over)
    assert build.fault == CANCELLED
    assert listed_study(study).state == "draft"
    builds.start(study)
    again = builds.of(study)
    assert again is not None
    until(lambda: again.is_over)
    assert (again.fault, again.said, again.share) == ("", "2 stimuli built", 1.0)
    assert listed_study(study).state == "built"
    study.note(is_open=True)
    with pytest.raises(SettingsError, match="The study is open; stop it before you build it again"):
        builds.start(study)


def test_a_build_that_cannot_be_says_why(study: StudyFolder) -> None:
    """The sentence is the one that the command would say."""
    (study.audio / "harp_opus.wav").write_bytes(b"no sound")
    builds = Builds(os.environ)
    builds.start(study)
    build = builds.of(study)
    assert build is not None
    until(lambda: build.is_over)
    assert "cannot be read as audio" in build.fault


def test_a_server_that_ends_again_and_again_is_left_alone(
    study: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is started some times, not for ever; whoever asks is told."""
    command = ["python", "-P", "-m", "mixtrial.no_such_module"]
    monkeypatch.setattr(study_servers, "server_command", lambda *_: command)
    servers = StudyServers(os.environ)
    started: set[int] = set()
    said: list[str] = []

    def is_left_alone() -> bool:
        try:
            servers.port_of(study)
        except ChildProcessError as error:
            said.append(str(error))
        started.add(servers._servers[study.path].process.pid)
        return bool(said)

    until(is_left_alone)
    assert said == [ENDS_BY_ITSELF]
    assert len(started) == MOST_STARTS
    assert FROM_STUDIO in servers._environment_of(study)
    servers.stop_all()


def test_a_second_studio_on_a_folder_is_refused(tmp_path: Path) -> None:
    """In a sentence that names the first."""
    lock = FolderLock(tmp_path, "http://localhost:8501")
    try:
        with pytest.raises(SettingsError, match=r"open in another studio, http://localhost:8501"):
            command(tmp_path, port=8502)
    finally:
        lock.release()


@pytest.mark.parametrize("name", ["MIXTRIAL_DATABASE_URL", "MIXTRIAL_OIDC_ISSUER"])
def test_what_the_studio_does_not_take_is_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers of several studies would be mixed, or nobody could sign in."""
    monkeypatch.setenv(name, "something")
    with pytest.raises(SettingsError, match=f"{name} cannot be set"):
        command(tmp_path / "new")
    assert not (tmp_path / "new").exists()

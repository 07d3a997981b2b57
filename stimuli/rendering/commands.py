"""Finished files that a study's own programs make, once per song; the build stores the files.

Conventions
-----------
A command line is split as a shell splits it. The command runs without a shell, in the folder of the
study file. A program reads WAV files of 32-bit floats, and writes one WAV file. The paths of the
WAV files replace the placeholders in the program's command. The output of a program is stored under
a hash; the hash covers the command, its inputs and the files that the command names. A program runs
again only if the hash has changed.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from mixing.audio import Audio, AudioError, soundfile, written_whole
from stimuli.study.study_system import OUT

COMMANDS_FOLDER = "commands"

_running: set[int] = set()


@dataclass(frozen=True, slots=True)
class SongCommand:
    """A command line for one song; ``inputs`` gives the file for each placeholder."""

    key: str
    line: str
    folder: Path
    inputs: tuple[tuple[str, Path], ...]
    timeout_s: float

    def kept_file(self, build: Path) -> Path:
        """Path in a build for the output of the command."""
        return build / COMMANDS_FOLDER / f"{self.key}.wav"


def named_files(line: str, folder: Path) -> tuple[Path, ...]:
    """Files named in a command line, such as the program's own source."""
    paths = [folder / word for word in shlex.split(line)]
    return tuple(path for path in paths if path.is_file())


def run_command(
    command: SongCommand, inputs: Mapping[str, Audio], sample_rate: int, out: Path, work: Path
) -> None:
    """Run a command in its own folder inside ``work``; the command writes the file ``out``.

    Raises
    ------
    AudioError
        The command cannot be started, takes too long, ends with an error, or writes no sound.
    """
    with TemporaryDirectory(prefix="command-", dir=work.resolve()) as name:
        folder = Path(name)
        places = {OUT: folder / f"{OUT}.wav"}
        for key, audio in inputs.items():
            places[key] = folder / f"{key}.wav"
            soundfile.write(places[key], audio.T, sample_rate, subtype="FLOAT")
        _run(command, places, folder / "stderr")
        if not places[OUT].is_file():
            raise AudioError(f"The command wrote no {{{OUT}}}{_said(folder / 'stderr')}")
        out.parent.mkdir(exist_ok=True)
        with written_whole(out) as part:
            shutil.copyfile(places[OUT], part)


def end_commands() -> None:
    """End all commands that this process runs, and all processes that the commands started."""
    for group in tuple(_running):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def _run(command: SongCommand, places: dict[str, Path], stderr: Path) -> None:
    """Run a command until it ends; then no process that it started is still running."""
    words = [_filled(word, places) for word in shlex.split(command.line)]
    with stderr.open("wb") as errors:
        try:
            process = subprocess.Popen(
                words, cwd=command.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=errors, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise AudioError(
                f"The command {words[0]} cannot be started: {error.strerror}."
            ) from None
        with _ended(process):
            try:
                code = process.wait(command.timeout_s)
            except subprocess.TimeoutExpired:
                raise AudioError(
                    f"The command did not end within {command.timeout_s:g} s (timeout_s)"
                    f"{_said(stderr)}"
                ) from None
    if code:
        ended = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        raise AudioError(f"The command {ended}{_said(stderr)}")


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End a command's process group after the block, even if the process of mixtrial was killed."""
    _running.add(process.pid)
    # No process can react to SIGKILL, but a pipe closes when the last writing process ends. The
    # shell waits for the end of the pipe.
    watch = subprocess.Popen(
        ("sh", "-c", f"read _; kill -9 -{process.pid}"), stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield
    finally:
        watch.kill()  # the process group must end before the system can use its number again
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        watch.communicate()
        _running.discard(process.pid)


def _filled(word: str, places: dict[str, Path]) -> str:
    for key, path in places.items():
        word = word.replace(f"{{{key}}}", str(path))
    return word


def _said(stderr: Path) -> str:
    """Last line of a command's standard error, as the end of a sentence."""
    lines = stderr.read_text("utf-8", errors="replace").split("\n")
    said = next((line.strip() for line in reversed(lines) if line.strip()), "")
    said = "".join(letter for letter in said if letter.isprintable())
    return f": {said[:300]}." if said else ", and said nothing."

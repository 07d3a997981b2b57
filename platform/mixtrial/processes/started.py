"""Starting, reading and stopping a child process that is bound to its parent."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

TETHERED = "mixtrial.processes.tethered"
STOP_TIMEOUT_S = 15.0


def start(
    call: Sequence[str], environment: Mapping[str, str], output: int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """Start a module as a program that ends when this process ends.

    Parameters
    ----------
    call
        The module, and the arguments of the program.
    environment
        Its variables.
    output
        Target of the program's standard output, as in ``subprocess``; the program's error messages
        go to our standard error.
    """
    return subprocess.Popen(
        # With the option -P, Python does not import modules from the current folder.
        [sys.executable, "-P", "-m", TETHERED, *call],
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=output,
    )


def let_go(process: subprocess.Popen[bytes]) -> None:
    """Close a program's standard input, which ends the program; do nothing if it has ended."""
    with suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()


def stop(process: subprocess.Popen[bytes]) -> None:
    """Close a program's standard input and wait until the program ends; after a limit, kill it."""
    let_go(process)
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

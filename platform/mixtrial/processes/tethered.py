"""``python -m mixtrial.processes.tethered MODULE …``: a process that ends with its parent.

A pipe connects the parent process with the program's standard input, and the parent writes nothing
into the pipe. When the parent ends, for any reason, the system closes the parent's end of the pipe.
When the child process reaches the end of its standard input, the program is interrupted. A
connection through standard input needs neither process groups nor signals from outside, so it works
on every operating system. A killed parent leaves no processes behind.
"""

from __future__ import annotations

import _thread
import os
import runpy
import signal
import sys
from threading import Thread, Timer

EXIT_INTERRUPTED = 130
LAST_CHANCE_S = 10.0
"""A program that was interrupted and has not ended by then is ended."""


def main() -> None:
    """Run a module as the program until the standard input is closed."""
    _, module, *arguments = sys.argv
    Thread(target=_watch, args=(sys.stdin.fileno(),), name="tether", daemon=True).start()
    # A process that a shell starts in the background ignores interrupts; this line restores
    # interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


def _watch(tether: int) -> None:
    """Wait until the parent's end of the pipe is closed, then interrupt the program."""
    while os.read(tether, 1024):
        pass
    forced = Timer(LAST_CHANCE_S, os._exit, (1,))
    forced.daemon = True
    forced.start()
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:  # on other systems, a signal also ends a wait of the main thread
        os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    main()

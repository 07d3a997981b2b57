"""``python -m mixtrial.processes.tethered MODULE …``: a process that ends with its parent.

Its standard input is the tether: its parent holds the other end and writes nothing. When that
process ends, however it ends, the system closes its end, here the input is over, and the program is
interrupted. This needs no process groups and no signals from outside, so that it is the same on
every system; a killed parent leaves nothing behind.
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
    """Run a module as the program, for as long as the tether holds."""
    _, module, *arguments = sys.argv
    Thread(target=_watch, args=(sys.stdin.fileno(),), name="tether", daemon=True).start()
    # A shell starts background processes with interrupts ignored; this undoes it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


def _watch(tether: int) -> None:
    """Wait until the other end is gone, then interrupt the program."""
    while os.read(tether, 1024):
        pass
    forced = Timer(LAST_CHANCE_S, os._exit, (1,))
    forced.daemon = True
    forced.start()
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:  # a signal, as it also ends a wait of the main thread
        os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    main()

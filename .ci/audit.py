"""Hold every installed package against the databases of known vulnerabilities.

``python .ci/audit.py PIP_AUDIT``, from the environment that is to be audited; ``PIP_AUDIT`` is the
program. Exit code 0: every package was looked up and none is known to be vulnerable. 1: some are.
2: no database could be asked, or not for every package, so that the result says nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

SERVICES = ("pypi", "osv")
OURS = "mixtrial"


def installed() -> list[str]:
    """Pins of all installed packages but ours, without a build's own label (+cpu)."""
    found = {(each.metadata["Name"] or "").lower(): each.version for each in distributions()}
    return sorted(
        f"{name}=={version.partition('+')[0]}"
        for name, version in found.items()
        if name not in ("", OURS)
    )


def ask(program: str, service: str, pins: list[str]) -> list[dict[str, Any]] | None:
    """Answer of one database for every pin; None when it could not be reached."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "installed.txt"
        file.write_text("\n".join(pins) + "\n", encoding="utf-8")
        call = [program, "--no-deps", "--disable-pip", "--progress-spinner=off", "--format=json"]
        call += [f"--vulnerability-service={service}", f"--requirement={file}"]
        done = subprocess.run(call, capture_output=True, text=True, check=False)
    try:
        return list(json.loads(done.stdout)["dependencies"])
    except (ValueError, KeyError):
        return None


def main(program: str) -> int:
    """Ask one database after the other until one knows the packages; say what it said."""
    pins = installed()
    best: list[dict[str, Any]] = []
    for service in SERVICES:
        answers = ask(program, service, pins) or []
        found = [answer for answer in answers if "skip_reason" not in answer]
        if len(found) > len(best):
            best = found
        if len(best) == len(pins):
            break
    if not best:
        say("No database of vulnerabilities can be reached from here, so nothing was audited. "
            "Run make audit on a machine with access to PyPI or OSV.")  # fmt: skip
        return 2
    vulnerable = [answer for answer in best if answer["vulns"]]
    for answer in vulnerable:
        for flaw in answer["vulns"]:
            mended = ", ".join(flaw["fix_versions"]) or "no version yet"
            say(f"{answer['name']} {answer['version']}: {flaw['id']}, mended in {mended}")
    known = {answer["name"].lower() for answer in best}
    left_out = [pin for pin in pins if pin.partition("==")[0] not in known]
    if left_out:
        say(f"Not known to the database: {', '.join(left_out)}.")
    say(f"{len(best)} of {len(pins)} packages audited, {len(vulnerable)} known to be vulnerable.")
    return 1 if vulnerable else 2 if left_out else 0


def say(sentence: str) -> None:
    """Print a line."""
    sys.stdout.write(sentence + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""The audit of dependencies says what it found, and never that all is well when it was not told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import places

AUDIT = places.ROOT / ".ci" / "audit.py"

# A stand-in that answers in pip-audit's form: {knows} of each package; {flaws} for numpy.
PROGRAM = """#!{python}
import json, sys
from pathlib import Path
given = dict(arg[2:].partition("=")[::2] for arg in sys.argv[1:])
if {service!r} not in ("both", given["vulnerability-service"]):
    sys.exit("ConnectionError: no such host")
answers = []
for pin in Path(given["requirement"]).read_text().split():
    name, _, version = pin.partition("==")
    if {knows} or name == "numpy":
        answers.append(dict(name=name, version=version, vulns={flaws} if name == "numpy" else []))
    else:
        answers.append(dict(name=name, skip_reason="Dependency not found"))
print(json.dumps(dict(dependencies=answers, fixes=[])))
"""
FLAW = [{"id": "CVE-2030-1", "fix_versions": ["99.0"], "aliases": [], "description": ""}]


def audit(folder: Path, service: str, knows: bool, flaws: object = ()) -> tuple[int, str]:
    """Exit code and words of an audit with a stand-in for pip-audit."""
    program = folder / "pip-audit"
    text = PROGRAM.format(
        python=sys.executable, service=service, knows=knows, flaws=json.dumps(list(flaws))
    )
    program.write_text(text, encoding="utf-8")
    program.chmod(0o700)
    done = subprocess.run(
        [sys.executable, str(AUDIT), str(program)], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.parametrize("service", ["both", "osv"])
def test_all_is_well_when_every_package_was_looked_up(tmp_path: Path, service: str) -> None:
    """0 and a count; the second database is asked where the first cannot be reached."""
    code, words = audit(tmp_path, service, knows=True)
    assert code == 0
    assert "packages audited, 0 known to be vulnerable" in words


def test_a_known_flaw_is_named_with_the_version_that_mends_it(tmp_path: Path) -> None:
    """1, and the package, the flaw and its end in a line."""
    code, words = audit(tmp_path, "both", knows=True, flaws=FLAW)
    assert code == 1
    assert "CVE-2030-1, mended in 99.0" in words


def test_packages_that_no_database_knows_are_no_good_news(tmp_path: Path) -> None:
    """2, with their names, though no flaw was found."""
    code, words = audit(tmp_path, "both", knows=False)
    assert code == 2
    assert "Not known to the database: " in words
    assert "pandas==" in words


def test_without_any_database_nothing_is_called_sound(tmp_path: Path) -> None:
    """2 and one sentence."""
    code, words = audit(tmp_path, "none", knows=True)
    assert code == 2
    assert words.startswith("No database of vulnerabilities can be reached")
    assert words.count("\n") == 1

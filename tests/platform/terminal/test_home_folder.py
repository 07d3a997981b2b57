"""Commands work for an account that the system does not know."""

from __future__ import annotations

import subprocess
import sys

import places

NOBODY = """
import os, pwd, sys

def getpwuid(uid):
    raise KeyError(f"getpwuid(): uid not found: {uid}")

pwd.getpwuid = getpwuid
from mixtrial.commands import cli
sys.argv = ["mixtrial", "version"]
try:
    cli.main()
except SystemExit:
    pass
from mixtrial.server.streamlit_options import set_options
from streamlit import config
set_options("/study")
print(config.get_option("server.baseUrlPath"))
"""


def test_streamlit_starts_for_an_account_without_a_name_and_a_home() -> None:
    """As in a container or on a cluster: a number that no list of users holds, and no HOME."""
    done = subprocess.run(
        [sys.executable, "-c", NOBODY], cwd=places.ROOT / "platform", env={"LANG": "C"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout.splitlines()[-1:], done.returncode) == (["/study"], 0), done.stderr

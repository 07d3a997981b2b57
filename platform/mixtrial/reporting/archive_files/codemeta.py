"""``codemeta.json``: the program that made the archive, and its environment.

References
----------
.. [1] CodeMeta 3.0, codemeta.github.io.
"""

from __future__ import annotations

import platform
from importlib.metadata import distribution

from pydantic import JsonValue

from mixtrial import __version__
from mixtrial.reporting.archive_files.archive_file import ArchiveFile, PackedStudy, as_json

GPL = "https://spdx.org/licenses/GPL-3.0-or-later"


def code_metadata(_packed: PackedStudy) -> dict[str, JsonValue]:
    """Facts about the installed mixtrial; environment.txt lists the versions of all packages."""
    return {
        "@context": "https://w3id.org/codemeta/3.0",
        "type": "SoftwareSourceCode",
        "name": "mixtrial",
        "description": distribution("mixtrial").metadata["Summary"],
        "version": __version__,
        "license": GPL,
        "author": [{"type": "Organization", "name": "The mixtrial developers"}],
        "programmingLanguage": f"Python {platform.python_version()}",
        "operatingSystem": platform.system(),
        "runtimePlatform": f"{platform.python_implementation()} {platform.python_version()}",
    }


FILE = ArchiveFile(
    name="codemeta.json",
    media_type="application/ld+json",
    remark="the program that made the archive",
    text=lambda packed: as_json(code_metadata(packed)),
)

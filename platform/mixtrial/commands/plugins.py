"""``mixtrial plugins``: plug-ins of other installed packages, and their faults."""

from __future__ import annotations

import typer

from analysis.methods import registry as methods
from mixing.plugins import plugins as plugins_of
from mixing.systems import registry as systems
from mixtrial.exports import registry as exports
from stimuli.page_types import registry as page_types

REGISTRIES = {
    "systems": systems, "page_types": page_types, "methods": methods, "exports": exports,
}  # fmt: skip


def plugins() -> None:
    """List the plug-ins of other packages: kind, name, package, version, and any fault."""
    n_found = 0
    for kind, registry in REGISTRIES.items():
        faults = registry.plugin_faults()
        for plugin in plugins_of(kind):
            n_found += 1
            typer.echo(f"{kind}  {plugin.name}  {plugin.package} {plugin.version}")
            if plugin in faults:
                typer.echo(f"  {faults[plugin]}")
    if not n_found:
        typer.echo("No package brings a plug-in.")

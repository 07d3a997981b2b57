"""The build that belongs to a study, where there is one."""

from __future__ import annotations

from pathlib import Path

from stimuli.study.manifest import MANIFEST_NAME, Manifest, read_manifest
from stimuli.study.study import Study


def built_for(study: Study, manifest: Manifest | None) -> Manifest | None:
    """Manifest without the stimuli that no longer belong to the study."""
    if manifest is None:
        return None
    known = {song.name: {*study.systems, *study.made_names(song.name)} for song in study.songs}
    kept = [s for s in manifest.stimuli if s.system in known.get(s.song, ())]
    return Manifest(manifest.folder, tuple(kept))


def manifest_of(study: Study, folder: Path) -> Manifest | None:
    """Build of a study, less what no longer belongs to it; None while there is none."""
    built = (folder / MANIFEST_NAME).is_file()
    return built_for(study, read_manifest(folder)) if built else None

"""A first study file, in which comments name alternatives to the values.

The texts of study files are in ``templates/`` (whole files) and ``found/`` (with placeholders,
``$name``).
"""

from __future__ import annotations

import json
from pathlib import Path
from string import Template

from mixing.systems.registry import system_names
from stimuli.first_study.folder_audio import FolderAudio, FolderSong
from stimuli.study.found_files import name_of
from stimuli.study.study import StudyError
from stimuli.study_keys.keys import Pages

TEMPLATES, FOUND = (Path(__file__).parent / name for name in ("templates", "found"))
N_ANCHORS = 2


def template_names() -> tuple[str, ...]:
    """Names of the templates, in alphabetical order."""
    return tuple(sorted(path.stem for path in TEMPLATES.glob("*.yaml")))


def template_text(name: str) -> str:
    """Study file of a template; ``StudyError`` if no template has that name."""
    if name not in template_names():
        raise StudyError(f"There is no template {name!r}; choose {', '.join(template_names())}.")
    return (TEMPLATES / f"{name}.yaml").read_text(encoding="utf-8")


def found_text(audio: FolderAudio, title: str) -> str:
    """Study file for the files found in a folder."""
    kind = "stems" if audio.has_stems else "files"
    template = Template((FOUND / f"{kind}.yaml").read_text(encoding="utf-8"))
    names = {name: _system_name(name) for name in audio.systems}
    return template.substitute(
        title=_quoted(title),
        counted=counted(audio),
        heard=_heard(audio, names),
        systems=", ".join(names.values()),
        more="".join(f", {name}" for name in names.values()),
        parts=_parts(audio),
        left_out=_left_out(audio),
    )


def counted(audio: FolderAudio) -> str:
    """Number of songs and systems in words, and whether the songs have references."""
    n_songs = len(audio.songs)
    if audio.has_stems:
        return f"{n_songs} song{'' if n_songs == 1 else 's'} with vocal and backing"
    reference = ", and a reference of each" if audio.has_reference else ""
    recordings = f"{n_songs} recording{'' if n_songs == 1 else 's'}"
    return f"{recordings} by {len(audio.systems)} systems{reference}"


def _heard(audio: FolderAudio, names: dict[str, str]) -> str:
    """Keys that list the stimuli: patterns of file names if possible, otherwise a list of songs."""
    is_found = audio.pattern and bool(audio.reference) == audio.has_reference
    if not is_found or any(name_of(name) != own for name, own in names.items()):
        return "\n".join(("songs:", *(_entry(song, names) for song in audio.songs)))
    lines = [f"files: {_quoted(audio.pattern)}"]
    if audio.reference:
        lines.append(f"reference: {_quoted(audio.reference)}")
    return "\n".join(lines)


def _entry(song: FolderSong, names: dict[str, str]) -> str:
    keys = [f"name: {name_of(song.name)}"]
    if name_of(song.name) != song.name:
        keys.append(f"title: {_quoted(song.name)}")
    if song.stems:
        vocal, backing = map(_path, song.stems)
        keys += [f"vocal: {vocal}", f"backing: {backing}"]
    files = [f"{own}: {_path(song.files[name])}" for name, own in names.items()]
    if files:
        keys.append(f"files: {{{', '.join(files)}}}")
    if song.reference:
        keys.append(f"reference: {_path(song.reference)}")
    return "  - " + "\n    ".join(keys)


def _parts(audio: FolderAudio) -> str:
    """The part that fits the files best, with the reason as a comment."""
    n_systems = len(audio.systems)
    if audio.has_reference:
        return _page(n_systems + 1 + N_ANCHORS) + (
            "# Each has a reference: MUSHRA, which adds it hidden, and two anchors.\n"
            "parts: [{type: mushra}]"
        )
    if n_systems == 2:
        return "# Two systems: which one is preferred?\nparts: [{type: preference}]"
    return _page(n_systems) + (
        "# Several systems and no reference: a slider each, side by side.\n"
        "parts: [{type: multi_stimulus}]"
    )


def _page(n_stimuli: int) -> str:
    """The key that allows more stimuli on a page than the default; empty if no page needs more."""
    if n_stimuli <= int(Pages.model_fields["max_stimuli"].default):
        return ""
    return (
        f"# {n_stimuli} stimuli on a page are many; stimuli_per_page shares them out.\n"
        f"pages: {{max_stimuli: {n_stimuli}}}\n\n"
    )


def _left_out(audio: FolderAudio) -> str:
    if not audio.left_out:
        return ""
    return f"# Left out, as some lack a file of it: {', '.join(audio.left_out)}\n"


def _system_name(name: str) -> str:
    """Name of a system in the study; names of mixtrial's own systems are avoided."""
    plain = name_of(name)
    return f"{plain}_file" if plain in system_names() else plain


def _path(path: Path) -> str:
    return _quoted(path.as_posix())


def _quoted(text: str) -> str:
    """Text quoted so that YAML reads it correctly in any place."""
    return json.dumps(text, ensure_ascii=False)

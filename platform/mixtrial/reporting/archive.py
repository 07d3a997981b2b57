"""A finished study as one folder that anybody can check and analyse again.

====================  ==========================================================================
``archive.json``      words, plan, flow, design, standing, and the choices of the analysis
``study.yaml``        the study file as it was
``plan.json``         the declared plan of analysis with its hash and date
``planning.json``     what ``mixtrial plan`` found of the study's size, where it was run
``data/``             every rating, choice, comment, participant and page as CSV, how each
                      stimulus was listened to, and ``codebook.csv``
``stimuli/``          the manifest: what was played, measured, with every mixing parameter; and
                      ``objective.csv``, what meters say of it
``results/``          ``results.json`` and ``methods.md``
``environment.txt``   the programs that made the results, with their versions
``SHA256SUMS``        a checksum of every file, in the form of ``sha256sum -c``
====================  ==========================================================================

No audio is packed: its checksums stand in the manifest. :func:`from_archive` gives the analysis
what the study gave it, so that ``results.json`` comes out the same, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.ratings.table import RatingsError
from analysis.report.sections.plan import plan_section
from analysis.report.sections.sample import LEFT_OUT
from analysis.report.write import write_report
from db.reading.comments import COMMENT_COLUMNS
from db.reading.listening import LISTENING_COLUMNS
from db.reading.trials import TRIAL_COLUMNS
from db.records.errors import StoreError
from mixtrial.exports.answer_columns import answer_meanings, with_answer_columns
from mixtrial.exports.column_meanings import codebook
from mixtrial.exports.csv_text import as_csv, as_said
from mixtrial.participation.recruitment import without_identifiers
from mixtrial.reporting.options import Choices
from mixtrial.reporting.participants import without_words
from mixtrial.reporting.planning_record import record_of
from mixtrial.reporting.sources import Source, assembled, read_text_table
from mixtrial.reporting.stored_tables import Stored, stored_tables, with_objective
from mixtrial.reporting.study_facts import study_facts
from mixtrial.server.installation import Installation
from stimuli.rendering.objective import OBJECTIVE_NAME, objective_measures
from stimuli.study.manifest import MANIFEST_NAME, read_manifest
from stimuli.study.study import StudyError

MARK = "archive.json"
SUMS = "SHA256SUMS"
FORMAT = 1
NUMBERS = (
    "rating", "repeat", "page_order", "stimulus_order", "time_s", "plays", "switches", "correct",
    "heard_s", "switches_to",
)  # fmt: skip


def is_archive(path: Path) -> bool:
    """Whether a folder was written by ``mixtrial archive``."""
    return (path / MARK).is_file()


def write_archive(
    installation: Installation,
    out: Path,
    choices: Choices,
    on_progress: Callable[[float, str], None] = lambda _share, _what: None,
    words: bool = True,
) -> Path:
    """Pack a study; the folder must not be there yet, or be empty.

    Parameters
    ----------
    here
        The study.
    out
        The folder.
    choices
        Of the analysis.
    on_progress
        Called as ``on_progress(share_done, what)``.
    words
        False leaves out what participants wrote: comments and free answers. Their number stays, so
        that no result changes.

    Raises
    ------
    StoreError
        There is something in the folder already.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise StoreError(f"{out} is there already; name a new folder for the archive")
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        _fill(installation, folder, choices, on_progress, words)
        folder.chmod(0o755)
        if out.exists():
            out.rmdir()
        folder.rename(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return out


def _fill(
    installation: Installation,
    folder: Path,
    choices: Choices,
    tell: Callable[[float, str], None],
    words: bool,
) -> None:
    for name in ("data", "stimuli", "results"):
        (folder / name).mkdir()
    _write_tables(installation, folder / "data", words)
    if installation.manifest is not None:
        with suppress(StudyError):  # audio that is gone cannot be measured, and need not be
            objective_measures(installation.manifest.folder)
        for name in (MANIFEST_NAME, OBJECTIVE_NAME):
            if (installation.manifest.folder / name).is_file():
                shutil.copyfile(installation.manifest.folder / name, folder / "stimuli" / name)
    shutil.copyfile(installation.settings.study_path, folder / "study.yaml")
    if (record := record_of(installation.settings.study_path, installation.study)) is not None:
        _write_json(folder / "planning.json", record)
    facts = study_facts(installation)
    _write_json(folder / MARK, {"format": FORMAT, "choices": asdict(choices), "facts": facts})
    ratings, context = _read(folder, Choices())
    _write_json(folder / "plan.json", _plan_of(facts, context.plan))
    (folder / "environment.txt").write_text(environment(), "utf-8")
    written = write_report(ratings, folder / "report", _silent(context), tell)
    written.results.rename(folder / "results" / "results.json")
    written.methods.rename(folder / "results" / "methods.md")
    shutil.rmtree(folder / "report")
    (folder / SUMS).write_text(_sums(folder), "utf-8")


def _write_tables(installation: Installation, folder: Path, words: bool) -> None:
    """Write the study's tables with a codebook; trials and comments where there are any."""
    stored = stored_tables(installation)
    people = stored.participants
    people = people.assign(answers=people["answers"].map(without_identifiers))
    comments = stored.comments
    if not words:
        people, comments = (
            without_words(people, installation.study),
            comments.assign(comment=LEFT_OUT),
        )
    people = with_answer_columns(people, installation.study)
    tables = {"ratings": stored.ratings, "participants": people, "pages": stored.pages}
    more = {"trials": stored.trials, "comments": comments, "listening": stored.listening}
    tables |= {name: table for name, table in more.items() if not table.empty}
    for name, table in tables.items():
        (folder / f"{name}.csv").write_text(as_csv(table), "utf-8", newline="")
    columns = codebook(tables, answer_meanings(installation.study, people.columns))
    (folder / "codebook.csv").write_text(as_csv(columns), "utf-8", newline="")


def _silent(context: Any) -> Any:
    return replace(context, pictures=False)


def _plan_of(facts: Mapping[str, Any], plan: Any) -> dict[str, Any]:
    return {"declared": facts["plan"], "sha256": facts["plan_sha256"], **(plan_section(plan) or {})}


def from_archive(folder: Path, choices: Choices) -> Source:
    """Ratings and context of an archive, its checksums verified; given choices come first.

    Raises
    ------
    RatingsError
        A file is missing or was changed, or the archive is of another format.
    """
    _verify(folder)
    return _read(folder, choices)


def _read(folder: Path, choices: Choices) -> Source:
    content = json.loads((folder / MARK).read_text("utf-8"))
    if content.get("format") != FORMAT:
        raise RatingsError(f"the archive {folder} is of a format this version does not read")
    stored = _stored(folder / "data")
    manifest = None
    if (folder / "stimuli" / MANIFEST_NAME).is_file():
        stimuli = read_manifest(folder / "stimuli").stimuli
        manifest = pd.DataFrame([asdict(stimulus) for stimulus in stimuli])
        if (folder / "stimuli" / OBJECTIVE_NAME).is_file():
            manifest = with_objective(manifest, folder / "stimuli")
    archived = Choices(**content["choices"])
    return assembled(stored, content["facts"], manifest, choices.over(archived))


def _stored(folder: Path) -> Stored:
    """Tables of an archive, with the types that the database gives them."""

    def table(name: str, columns: tuple[str, ...] = ()) -> pd.DataFrame:
        path = folder / f"{name}.csv"
        found = read_text_table(path) if path.is_file() else pd.DataFrame(columns=list(columns))
        if "finished" in found:
            found = found.assign(finished=found["finished"] == "True")
        numbers = {column: pd.to_numeric(found[column]) for column in NUMBERS if column in found}
        return found.assign(**numbers)

    comments = table("comments", COMMENT_COLUMNS)
    return Stored(
        ratings=table("ratings"),
        trials=table("trials", TRIAL_COLUMNS),
        comments=comments.assign(comment=comments["comment"].map(as_said)),
        participants=table("participants"),
        pages=table("pages"),
        listening=table("listening", LISTENING_COLUMNS),
    )


def _verify(folder: Path) -> None:
    try:
        lines = (folder / SUMS).read_text("utf-8").splitlines()
    except OSError:
        raise RatingsError(f"the archive {folder} has no {SUMS}") from None
    for line in lines:
        sha256, _, name = line.partition("  ")
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
            raise RatingsError(f"the archive {folder} lacks {name}")
        if _sha256(path) != sha256:
            raise RatingsError(f"{name} of the archive {folder} was changed since it was packed")
    listed = {line.partition("  ")[2] for line in lines}
    if not {MARK, "data/ratings.csv"} <= listed:
        raise RatingsError(f"the archive {folder} is not complete")


def _sums(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    return "".join(f"{_sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in files)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")


def environment() -> str:
    """Python, machine type and every installed package with its version, one a line."""
    packages = {
        f"{found.metadata['Name']}=={found.version}"
        for found in distributions()
        if found.metadata["Name"]
    }
    head = [f"python {platform.python_version()}", f"{platform.system()} {platform.machine()}"]
    return "\n".join([*head, *sorted(packages, key=str.lower)]) + "\n"

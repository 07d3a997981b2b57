"""A finished study as one folder that anybody can check and analyse again.

====================  ==========================================================================
``archive.json``      words, plan, flow, design, standing, and the options of the analysis
``study.yaml``        the study file as it was, without the codes of a panel
``plan.json``         the declared plan of analysis with its hash and date
``planning.json``     what ``mixtrial plan`` found of the study's size, where it was run
``data/``             every rating, choice, comment, participant and page as CSV, how each
                      stimulus was listened to, and ``codebook.csv``
``stimuli/``          the manifest: what was played, measured, with every mixing parameter; and
                      ``objective.csv``, what meters say of it
``results/``          ``results.json`` and ``methods.md``
``environment.txt``   the programs that made the results, with their versions
``CITATION.cff`` …    how it is found, cited and read: :mod:`mixtrial.reporting.archive_files`
``SHA256SUMS``        a checksum of every file, in the form of ``sha256sum -c``
====================  ==========================================================================

No audio is packed; checksums of the audio are in the manifest. The report gets the same data from
an archive (:mod:`~mixtrial.reporting.archive_reader`) as from the study, so that ``results.json``
is the same, byte for byte.
"""

from __future__ import annotations

import json
import platform
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from analysis.findings.json_form import json_form
from analysis.report.sections.plan import plan_section
from analysis.report.sections.sample import LEFT_OUT
from analysis.report.write import write_report
from db.records.errors import StoreError
from mixtrial.exports.answer_columns import with_answer_columns
from mixtrial.exports.codebook import codebook
from mixtrial.exports.csv_text import as_csv
from mixtrial.exports.table import without_empty_columns
from mixtrial.participation.recruitment import without_identifiers
from mixtrial.planning.record import record_of
from mixtrial.reporting.archive_files.archive_file import PackedStudy
from mixtrial.reporting.archive_files.registry import archive_files
from mixtrial.reporting.archive_reader import FORMAT, MARK, SUMS, packed_data, sha256_of
from mixtrial.reporting.options import ReportOptions
from mixtrial.reporting.participants import without_words
from mixtrial.reporting.report_context import report_context
from mixtrial.reporting.study_data import StudyData
from mixtrial.reporting.study_reader import read_study
from mixtrial.reporting.study_text import without_codes
from mixtrial.server.installation import Installation
from stimuli.rendering.objective import OBJECTIVE_NAME
from stimuli.study.manifest import MANIFEST_NAME
from stimuli.study.study import Study

ALWAYS = ("ratings", "participants", "pages")
_PACKED = (".zip", ".tar", ".gz", ".tgz", ".xz", ".7z", ".rar")
IF_ANY = ("trials", "comments", "listening")


def write_archive(
    installation: Installation,
    out: Path,
    options: ReportOptions,
    on_progress: Callable[[float, str], None] = lambda _share, _what: None,
    words: bool = True,
    codes: bool = False,
) -> Path:
    """Pack a study into a folder, which must be new or empty.

    Parameters
    ----------
    installation
        The study.
    out
        The folder.
    options
        Of the analysis.
    on_progress
        Function called as ``on_progress(share_done, what)``.
    words
        If False, texts that participants wrote are left out: comments and free answers. The number
        of texts is kept, so that no result changes.
    codes
        Whether the study file keeps the codes and links that lead back to a panel.

    Raises
    ------
    StoreError
        The folder is not empty, or its name has the ending of a packed file.
    """
    if out.suffix.lower() in _PACKED:
        raise StoreError(
            f"An archive is a folder, so its name {out} must not end in {out.suffix}; pack the "
            "folder afterwards."
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise StoreError(f"{out} exists already; name a new folder for the archive.")
    out.parent.mkdir(0o700, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        _fill(installation, folder, options, on_progress, words, codes)
        if out.exists():
            out.rmdir()
        folder.rename(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return out


def _fill(
    installation: Installation,
    folder: Path,
    options: ReportOptions,
    tell: Callable[[float, str], None],
    words: bool,
    codes: bool,
) -> None:
    data = read_study(
        installation, lambda step: tell(0.3 * step.done / step.total, step.text), options
    )
    for name in ("data", "stimuli", "results"):
        (folder / name).mkdir()
    _write_tables(data, installation.study, folder / "data", words)
    if installation.manifest is not None:
        for name in (MANIFEST_NAME, OBJECTIVE_NAME):
            if (installation.manifest.folder / name).is_file():
                shutil.copyfile(installation.manifest.folder / name, folder / "stimuli" / name)
    _write_study_file(installation, folder / "study.yaml", codes)
    if (record := record_of(installation.settings.study_path, installation.study)) is not None:
        _write_json(folder / "planning.json", record)
    facts = data.facts.as_json()
    _write_json(folder / MARK, {"format": FORMAT, "options": asdict(options), "facts": facts})
    _write_results(folder, lambda share, text: tell(0.3 + 0.7 * share, text))
    (folder / "environment.txt").write_text(environment(), "utf-8")
    _write_files(PackedStudy(folder, installation.study, packed_data(folder), datetime.now(UTC)))
    (folder / SUMS).write_text(_sums(folder), "utf-8")


def _write_study_file(installation: Installation, path: Path, codes: bool) -> None:
    """Copy the study file without the panel's codes, because anybody with a code could be paid."""
    content = installation.settings.study_path.read_bytes()
    if not codes:
        content = without_codes(content.decode("utf-8")).encode("utf-8")
    path.write_bytes(content)


def _write_tables(data: StudyData, study: Study, folder: Path, words: bool) -> None:
    """Write the study's tables with a codebook; write trials and comments if the study has any."""
    tables = {name: getattr(data.tables, name) for name in (*ALWAYS, *IF_ANY)}
    people, comments = tables["participants"], tables["comments"]
    recruitment = study.recruitment
    people = people.assign(
        answers=[without_identifiers(cell, recruitment) for cell in people["answers"]]
    )
    if not words:
        people, comments = without_words(people, study), comments.assign(comment=LEFT_OUT)
    people = with_answer_columns(people, study)
    tables |= {"participants": people, "comments": comments}
    tables = {
        name: without_empty_columns(rows)
        for name, rows in tables.items()
        if name in ALWAYS or not rows.empty
    }
    for name, table in tables.items():
        (folder / f"{name}.csv").write_text(as_csv(table), "utf-8", newline="")
    columns = codebook(tables, study)
    (folder / "codebook.csv").write_text(as_csv(columns), "utf-8", newline="")


def _write_results(folder: Path, tell: Callable[[float, str], None]) -> None:
    """Write the results computed from the packed tables, so that both agree in the archive."""
    data = packed_data(folder)
    ratings, context = report_context(data, ReportOptions())
    declared = data.facts.plan and data.facts.plan.model_dump(mode="json")
    plan = {"declared": declared, "sha256": data.facts.plan_sha256}
    _write_json(folder / "plan.json", plan | (json_form(plan_section(context.plan)) or {}))
    written = write_report(ratings, folder / "report", replace(context, pictures=False), tell)
    written.results.rename(folder / "results" / "results.json")
    written.methods.rename(folder / "results" / "methods.md")
    shutil.rmtree(folder / "report")


def _write_files(packed: PackedStudy) -> None:
    """Write the files with which other programs find, cite and read the archive."""
    for file in archive_files():
        (packed.folder / file.name).write_text(file.text(packed), "utf-8", newline="")


def _sums(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    return "".join(f"{sha256_of(path)}  {path.relative_to(folder).as_posix()}\n" for path in files)


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")


def environment() -> str:
    """Versions of Python and of all installed packages, and the machine's type, one per line."""
    packages = {
        f"{found.metadata['Name']}=={found.version}"
        for found in distributions()
        if found.metadata["Name"]
    }
    head = [f"python {platform.python_version()}", f"{platform.system()} {platform.machine()}"]
    return "\n".join([*head, *sorted(packages, key=str.lower)]) + "\n"

"""``mixtrial report``: from ratings, a file or a study's database, to a report one can publish."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

    from analysis.report_context import ReportContext

STUDY_SUFFIXES = (".yaml", ".yml")


class DegreesOfFreedom(StrEnum):
    """How the mixed model counts degrees of freedom."""

    SATTERTHWAITE = "satterthwaite"
    KENWARD_ROGER = "kenward-roger"


def report(
    source: Annotated[
        Path, typer.Argument(help="A table of ratings (CSV, one rating a row), or study.yaml.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the report.")] = Path("report"),
    df: Annotated[
        DegreesOfFreedom, typer.Option("--df", help="Degrees of freedom of the mixed model.")
    ] = DegreesOfFreedom.SATTERTHWAITE,
    margin: Annotated[
        float, typer.Option(help="Equivalence margin in points of 100.", min=0.01, max=100)
    ] = 5.0,
    primary: Annotated[
        str | None, typer.Option(help="Attribute that answers the question; default: overall.")
    ] = None,
    reference: Annotated[
        str | None, typer.Option(help="System that is the hidden reference, if any.")
    ] = None,
    mid_anchor: Annotated[
        str | None, typer.Option(help="System that is the mid anchor, if any.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the resampling.", min=0)] = 1,
    title: Annotated[
        str | None, typer.Option(help="Title; default: the study's, or the file's name.")
    ] = None,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Study: keep participants who have not finished.")
    ] = False,
    without_simulated: Annotated[
        bool, typer.Option("--without-simulated", help="Leave simulated participants out.")
    ] = False,
    pictures: Annotated[
        bool,
        typer.Option("--pictures/--no-pictures", help="SVG, PNG and PDF (needs Chromium)."),
    ] = True,
    stimuli: Annotated[
        Path | None, typer.Option(help="Study: where `mixtrial build` wrote; default: build/.")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            help="Study: database URL; default: mixtrial.sqlite beside the study file.",
            envvar="MIXTRIAL_DATABASE_URL",
        ),
    ] = None,
) -> None:
    """Answer a study: report.html and .pdf, methods.md, results.json, figures/ and tables/."""
    from rich.console import Console
    from rich.progress import Progress

    from analysis.report import write_report

    if source.suffix.lower() in STUDY_SUFFIXES:
        ratings, context = from_study(source, stimuli, database, unfinished=unfinished)
    else:
        ratings, context = from_table(source)
    if without_simulated:
        ratings = real_participants(ratings)
    context = replace(
        context,
        title=title or context.title,
        df_method=df.value,
        margin=margin,
        seed=seed,
        primary_attribute=primary,
        reference=reference,
        mid_anchor=mid_anchor,
        pictures=pictures,
    )
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Reading", total=1.0)
        written = write_report(
            ratings,
            out,
            context,
            lambda share, what: progress.update(task, completed=share, description=what),
        )
    if pictures and not written.pictures:
        typer.echo("mixtrial: no SVG, PNG and PDF; the report says why", err=True)
    typer.echo(str(written.html))


def from_table(path: Path) -> tuple[pd.DataFrame, ReportContext]:
    """Ratings of a CSV file, ours or another's, and the little that is known about them."""
    from analysis.ratings import RatingsError, read_ratings
    from analysis.report_context import ReportContext

    if path.is_dir():
        raise RatingsError(f"{path} is a folder; name a table of ratings or a study.yaml")
    context = ReportContext(title=path.stem.replace("_", " ").strip() or "Listening test")
    header = _header_of(path)
    if {"page_kind", "repeat"} & header:
        import pandas as pd

        exported = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        return analysable(exported), context
    return read_ratings(path), context


def _header_of(path: Path) -> set[str]:
    """Column names of a CSV file; none when it cannot be read, so that the reader says why."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            return {name.strip().strip('"') for name in file.readline().split(",")}
    except (OSError, UnicodeDecodeError):
        return set()


def from_study(
    path: Path, stimuli: Path | None, database: str | None, *, unfinished: bool
) -> tuple[pd.DataFrame, ReportContext]:
    """Ratings of a study from its database, with the words and the stimuli of its file."""
    from analysis.ratings import RatingsError
    from analysis.report_context import ReportContext
    from mixtrial.commands.export import check_database_is_there, warnings_about
    from mixtrial.downloads import rated_pages, stimuli_table
    from mixtrial.installation import load_installation
    from mixtrial.settings import settings_for_study
    from stimuli.study import load_study

    load_study(path)  # a misspelt study file must not be reported as a missing database
    settings = settings_for_study(path, stimuli, database)
    check_database_is_there(settings.database_url)
    here = load_installation(settings)
    study = here.study
    stored = here.store.ratings(study.identifier)
    people = here.store.participants(study.identifier)
    kept = rated_pages(stored, include_unfinished=unfinished)
    if kept.empty:
        raise RatingsError(
            "there are no ratings yet: no participant has finished the study"
            + ("" if unfinished else " (--unfinished reports on what there is)")
        )
    warnings = warnings_about(kept["participant_kind"].unique(), kept["study_hash"].unique())
    context = ReportContext(
        title=study.title,
        description=study.description,
        systems=study.systems,
        groups=tuple(group.name for group in study.groups),
        attributes=tuple(attribute.name for attribute in study.attributes),
        group_labels={group.name: short_label(group.name, group.label) for group in study.groups},
        attribute_labels={entry.name: entry.shown_label for entry in study.attributes},
        attribute_questions={entry.name: entry.question for entry in study.attributes},
        scale_labels=study.scale_labels,
        manifest=stimuli_table(here) if here.manifest is not None else None,
        flow={
            "enrolled": len(people),
            "consented": int(people["consented"].sum()),
            "finished": int((people["finished_at"] != "").sum()),
        },
        study_fingerprint=study.fingerprint,
        notices=tuple(f"{text[:1].upper()}{text[1:]}." for text in warnings),
    )
    return analysable(kept), context


def short_label(name: str, label: str, length: int = 24) -> str:
    """What a report calls a group: its label up to the colon, or the name where that is long."""
    start = label.split(":")[0].strip()
    return start if 0 < len(start) <= length else name.replace("_", " ").capitalize()


def analysable(exported: pd.DataFrame) -> pd.DataFrame:
    """Rows of our long table as the analysis takes them: no training, repeats as replicates."""
    table = exported
    if "page_kind" in table:
        table = table[table["page_kind"] != "training"]
    if "repeat" in table and "replicate" not in table:
        table = table.rename(columns={"repeat": "replicate"})
    return table.reset_index(drop=True)


def real_participants(ratings: pd.DataFrame) -> pd.DataFrame:
    """Ratings without those of simulated participants.

    Raises
    ------
    RatingsError
        When nobody is left.
    """
    from analysis.ratings import RatingsError

    if "participant_kind" not in ratings:
        return ratings
    kept = ratings[ratings["participant_kind"] != "simulated"].reset_index(drop=True)
    if kept.empty:
        raise RatingsError("all participants are simulated; nobody real has rated yet")
    return kept

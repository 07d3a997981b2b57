"""Render blind, equally loud files of a study; only changed stimuli are rendered again.

Conventions
-----------
A build folder holds ``manifest.csv``, ``audio/`` and, while a build runs, ``.work/``. The manifest
is replaced in one step at the end. Until the manifest is replaced, an earlier build stays complete.
The inputs of a mix (audio bytes, excerpt, system, profile, seed, mixtrial's code) are hashed into
its key. A stimulus is rendered again only if its key, the page's level or the file has changed.

Contents, in reading order: ``Progress``, ``build``, and the steps of ``build`` (plan, render,
tidy).
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mixing.audio import is_leftover
from stimuli.rendering.cache_keys import is_intact, mix_jobs
from stimuli.rendering.commands import COMMANDS_FOLDER, SongCommand
from stimuli.rendering.mix_audio import WORK_FOLDER, MixJob, check_sources, render_mix
from stimuli.rendering.page_audio import (
    AUDIO_FOLDER,
    OPAQUE_NAME,
    PageJob,
    finish_page,
    is_intact_copy,
    opaque_name,
    target_lufs,
)
from stimuli.rendering.processes import rendering_pool
from stimuli.study.manifest import Manifest, Stimulus, read_manifest, write_manifest
from stimuli.study.study import Study, StudyError
from stimuli.study_keys.keys import StudySong


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a build: steps done, steps in total, and a description of the last step."""

    done: int
    total: int
    text: str


OnProgress = Callable[[Progress], None]


def build(
    study: Study,
    out: str | Path,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
    executor: Executor | None = None,
) -> Manifest:
    """Render all missing stimuli of a study, and write the manifest.

    Parameters
    ----------
    study
        The study.
    out
        Folder of the build; made if it is missing.
    workers
        Number of processes for rendering; None means one per core. With one worker, the calling
        process does all work. With two to four workers, the calling process is one of the workers.
    on_progress
        Function called in the calling process after each step.
    executor
        Executor that does the rendering instead of this function's own processes; it gets
        ``workers`` tasks at a time. The processes of this executor must see the study's files and
        the folder under the same paths.

    Returns
    -------
    Manifest
        One stimulus for each song and system, in the order of the study.

    Raises
    ------
    StudyError
        A song cannot be read or mixed, the mixes of a page differ in length or rate, the folder
        cannot be written, or ``workers`` is below 1. After an error, an earlier build is unchanged.
    """
    if workers is not None and workers < 1:
        raise StudyError(f"The number of workers must be at least 1, not {workers}.")
    folder = Path(out)
    earlier = _earlier_build(folder)
    pages = [_plan_page(study, song, earlier) for song in study.songs]
    tasks = [page for page in pages if not _is_finished(page, earlier)]
    _check_songs(study, tasks)
    done: dict[str, tuple[Stimulus, ...]] = {
        page.song: tuple(page.kept[job.key] for job in page.mixes)
        for page in pages
        if page not in tasks
    }
    if tasks:
        _make_folders(folder)
        done |= _render(study, tasks, folder, workers, on_progress, executor)
    stimuli = tuple(stimulus for page in pages for stimulus in done[page.song])
    if earlier is None or stimuli != earlier.stimuli:
        manifest = write_manifest(folder, stimuli)
    else:
        manifest = earlier
    _tidy(manifest, [job.command for page in pages for job in page.mixes if job.command])
    return manifest


def _earlier_build(folder: Path) -> Manifest | None:
    """Manifest of the build in the folder; None if it is missing or cannot be used."""
    try:
        return read_manifest(folder)
    except StudyError:
        return None


def _plan_page(study: Study, song: StudySong, earlier: Manifest | None) -> PageJob:
    """Work for one song, with the stimuli of an earlier build that can be used again."""
    mixes = mix_jobs(study, song)
    name_key = hashlib.sha256(f"{study.identifier}\0{study.seed}".encode()).digest()
    n_files = {job.key: job.n_files for job in mixes}
    kept = {
        old.key: old
        for old in (earlier.stimuli if earlier else ())
        if earlier is not None
        and len(old.files) >= n_files.get(old.key, len(old.files) + 1)
        and is_intact(earlier.path(old), old.sha256)
        and all(is_intact_copy(earlier.folder / file, name_key, old) for file in old.copies.split())
    }
    wished = study.loudness_target_lufs if study.loudness == "match" else None
    return PageJob(song.name, mixes, kept, wished, name_key)


def _is_finished(page: PageJob, earlier: Manifest | None) -> bool:
    """Whether an earlier build holds this page with equal mixes, equal level and equal names."""
    if earlier is None or len(page.kept) < len(page.mixes):
        return False
    there = [old for old in earlier.stimuli if old.song == page.song]
    levels = [(old.mix_integrated_lufs, old.mix_true_peak_dbtp) for old in there]
    return (
        {old.key for old in there} == {job.key for job in page.mixes}
        and all(
            old.page_target_lufs == target_lufs(page, old.mix_integrated_lufs, levels)
            for old in there
        )
        and all(
            old.file == opaque_name(page.name_key, old.song, old.system, old.sha256)
            for old in there
        )
    )


def _check_songs(study: Study, pages: Iterable[PageJob]) -> None:
    """Raise ``StudyError`` for the first song that cannot be used, before the rendering begins."""
    for page in pages:
        try:
            check_sources(page.mixes[0])
        except ValueError as error:
            raise StudyError(f"{study.called(page.song)}: {error}") from error


def _make_folders(folder: Path) -> None:
    """Create the build folder and its subfolders, or raise ``StudyError``.

    Only the account that runs the build can read the build folder, because the manifest reveals the
    system of every file.
    """
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
        for part in (AUDIO_FOLDER, WORK_FOLDER):
            (folder / part).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudyError(
            f"The build folder {folder} cannot be written: {error.strerror}."
        ) from None
    if not os.access(folder, os.W_OK):
        raise StudyError(f"The build folder {folder} cannot be written.")


@dataclass(slots=True)
class _Run:
    """State of a rendering run: which renderings wait, are running, or are finished."""

    study: Study
    folder: Path
    pages: dict[str, PageJob]
    waiting: deque[MixJob | PageJob] = field(default_factory=deque)
    mixes_left: dict[str, int] = field(default_factory=dict)
    under_way: dict[Future[Any], MixJob | PageJob] = field(default_factory=dict)
    finished: dict[str, tuple[Stimulus, ...]] = field(default_factory=dict)

    def start_next(self, pool: Executor) -> None:
        """Give the next waiting task to the pool of processes."""
        task = self.waiting.popleft()
        work = finish_page if isinstance(task, PageJob) else render_mix
        self.under_way[pool.submit(work, task, self.folder)] = task  # type: ignore[arg-type]

    def settle(self, future: Future[Any]) -> str:
        """Store a task's result; if it completes a page, queue the page; return a text about it."""
        task = self.under_way.pop(future)
        result = _result_of(future, task, self.study)
        if isinstance(task, PageJob):
            self.finished[task.song] = result
            return f"{task.song}: levels matched"
        self.mixes_left[task.song] -= 1
        if not self.mixes_left[task.song]:
            self.waiting.appendleft(self.pages[task.song])
        return f"{task.song}: {task.system} {'read' if task.file else 'mixed'}"


def _render(
    study: Study,
    pages: list[PageJob],
    folder: Path,
    workers: int | None,
    on_progress: OnProgress | None,
    executor: Executor | None,
) -> dict[str, tuple[Stimulus, ...]]:
    """Render the missing mixes; finish each page when its mixes exist."""
    run = _Run(study, folder.resolve(), {page.song: page for page in pages})
    for page in pages:
        # Anchors are made together with their page, from a mix on this page.
        missing = [job for job in page.mixes if job.key not in page.kept and not job.made_from]
        run.mixes_left[page.song] = len(missing)
        run.waiting.extend(missing or [page])
    total = sum(run.mixes_left.values()) + len(pages)
    n_workers = min(workers or _n_cores(), max(1, len(run.waiting)))
    pool, n_at_once = (executor, n_workers) if executor else rendering_pool(n_workers)
    done = 0
    try:
        while run.waiting or run.under_way:
            while run.waiting and len(run.under_way) < n_at_once:
                run.start_next(pool)
            for future in wait(run.under_way, return_when=FIRST_COMPLETED).done:
                text, done = run.settle(future), done + 1
                if on_progress is not None:
                    on_progress(Progress(done, total, text))
    finally:
        for future in run.under_way:
            future.cancel()
        if executor is None:
            pool.shutdown(wait=True)
    return run.finished


def _result_of(future: Future[Any], task: MixJob | PageJob, study: Study) -> Any:
    """Result of a task; an error of the task becomes a sentence that names song and system."""
    name = study.called(task.song)
    if isinstance(task, MixJob):
        name += f", system {task.system!r}"
    try:
        return future.result()
    except StudyError:
        raise
    except ValueError as error:
        raise StudyError(f"{name}: {error}") from error
    except BrokenProcessPool as error:
        raise StudyError(
            f"{name}: A rendering process ended, perhaps for lack of memory. Build again; finished "
            "stimuli are kept."
        ) from error


def _tidy(manifest: Manifest, commands: Iterable[SongCommand]) -> None:
    """Remove the work folder, and files of stimuli and commands that are no longer used."""
    shutil.rmtree(manifest.folder / WORK_FOLDER, ignore_errors=True)
    wanted = {path for stimulus in manifest.stimuli for path in manifest.paths(stimulus)}
    for path in (manifest.folder / AUDIO_FOLDER).iterdir():
        if path not in wanted and (OPAQUE_NAME.fullmatch(path.name) or is_leftover(path)):
            with suppress(OSError):  # a file that cannot be removed does no harm
                path.unlink()
    kept = {command.kept_file(manifest.folder) for command in commands}
    for path in (manifest.folder / COMMANDS_FOLDER).glob("*.wav"):
        if path not in kept:
            with suppress(OSError):
                path.unlink()


def _n_cores() -> int:
    """Number of processor cores that are available to this process."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

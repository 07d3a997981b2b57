"""The database's tables as DataFrames, and numbers about a study."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd

from db.reading import activity, comments, counting, listening, page_tables, ratings, trials
from db.records.study import StudyCounts
from db.store.transactions import Transactions, study_of


class Tables(Transactions):
    """All stored data of a study, for reading."""

    def ratings(self, study: str, participants: Collection[int] | None = None) -> pd.DataFrame:
        """All ratings, one per row, in the columns of ``db.reading.ratings.RATING_COLUMNS``.

        ``participants`` are the numbers of the wanted participants; None means all participants.
        """
        with self._reading() as session:
            return ratings.ratings_table(session, study_of(session, study).id, participants)

    def trials(self, study: str) -> pd.DataFrame:
        """All answered trials (choices), in the columns of ``TRIAL_COLUMNS``."""
        with self._reading() as session:
            return trials.trials_table(session, study_of(session, study).id)

    def participants(self, study: str, participants: Collection[int] | None = None) -> pd.DataFrame:
        """All participants, one per row, with the columns ``PARTICIPANT_COLUMNS``.

        ``participants`` are the numbers of the wanted participants; None means all participants.
        """
        with self._reading() as session:
            return ratings.participants_table(session, study_of(session, study).id, participants)

    def pages(self, study: str, participants: Collection[int] | None = None) -> pd.DataFrame:
        """All pages of all plans, in the columns of ``db.reading.page_tables.PAGE_COLUMNS``.

        ``participants`` are the numbers of the wanted participants; None means all participants.
        """
        with self._reading() as session:
            return page_tables.pages_table(session, study_of(session, study).id, participants)

    def plans(self, study: str, participants: Collection[int] | None = None) -> pd.DataFrame:
        """All stimuli of all plans, in the columns ``PLAN_COLUMNS``.

        ``participants`` are the numbers of the wanted participants; None means all participants.
        """
        with self._reading() as session:
            return page_tables.plans_table(session, study_of(session, study).id, participants)

    def has_ratings(self, study: str) -> bool:
        """Whether anybody has rated, apart from ratings on the training page."""
        with self._reading() as session:
            return counting.has_ratings(session, study_of(session, study).id)

    def progress_of_each(self, study: str) -> dict[int, tuple[Any, ...]]:
        """Stamp of each participant, by number; the stamp changes whenever their data change."""
        with self._reading() as session:
            return activity.progress_of_each(session, study_of(session, study).id)

    def events(self, study: str) -> pd.DataFrame:
        """All events, one per row, in the columns of ``db.reading.page_tables.EVENT_COLUMNS``."""
        with self._reading() as session:
            return page_tables.events_table(session, study_of(session, study).id)

    def comments(self, study: str) -> pd.DataFrame:
        """All comments, one per row, in the columns of ``db.reading.comments.COMMENT_COLUMNS``."""
        with self._reading() as session:
            return comments.comments_table(session, study_of(session, study).id)

    def listening(self, study: str) -> pd.DataFrame:
        """Listening to each stimulus, in the columns ``LISTENING_COLUMNS``."""
        with self._reading() as session:
            return listening.listening_table(session, study_of(session, study).id)

    def counts(self, study: str) -> StudyCounts:
        """Numbers about a running study."""
        with self._reading() as session:
            return counting.study_counts(session, study_of(session, study).id)

"""The archive's tables, as DataFrames, and its figures."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd

from db.reading import activity, comments, counting, listening, page_tables, ratings, trials
from db.records.study import StudyCounts
from db.store.transactions import Transactions, study_of


class Tables(Transactions):
    """Everything that was stored of a study, to be looked at."""

    def ratings(self, study: str, participants: Collection[int] | None = None) -> pd.DataFrame:
        """Every rating, one per row, in the columns of ``db.reading.ratings.RATING_COLUMNS``.

        ``participants`` are the numbers of those that are wanted; None: everybody.
        """
        with self._reading() as session:
            return ratings.ratings_table(session, study_of(session, study).id, participants)

    def trials(self, study: str) -> pd.DataFrame:
        """Every answered trial (a choice), in the columns of ``TRIAL_COLUMNS``."""
        with self._reading() as session:
            return trials.trials_table(session, study_of(session, study).id)

    def participants(self, study: str, participants: Collection[int] | None = None) -> pd.DataFrame:
        """Every participant, one per row, in the columns ``PARTICIPANT_COLUMNS``.

        ``participants`` are the numbers of those that are wanted; None: everybody.
        """
        with self._reading() as session:
            return ratings.participants_table(session, study_of(session, study).id, participants)

    def pages(self, study: str, participants: Collection[int] | None = None) -> pd.DataFrame:
        """Every page of every plan, in the columns of ``db.reading.page_tables.PAGE_COLUMNS``.

        ``participants`` are the numbers of those that are wanted; None: everybody.
        """
        with self._reading() as session:
            return page_tables.pages_table(session, study_of(session, study).id, participants)

    def plans(self, study: str, participants: Collection[int] | None = None) -> pd.DataFrame:
        """Every stimulus of every plan, in the columns ``PLAN_COLUMNS``.

        ``participants`` are the numbers of those that are wanted; None: everybody.
        """
        with self._reading() as session:
            return page_tables.plans_table(session, study_of(session, study).id, participants)

    def has_ratings(self, study: str) -> bool:
        """Whether anybody has rated, training left out."""
        with self._reading() as session:
            return counting.has_ratings(session, study_of(session, study).id)

    def progress_of_each(self, study: str) -> dict[int, tuple[Any, ...]]:
        """By participant's number, a stamp that changes whenever some of their data are stored."""
        with self._reading() as session:
            return activity.progress_of_each(session, study_of(session, study).id)

    def events(self, study: str) -> pd.DataFrame:
        """Every event, one per row, in the columns of ``db.reading.page_tables.EVENT_COLUMNS``."""
        with self._reading() as session:
            return page_tables.events_table(session, study_of(session, study).id)

    def comments(self, study: str) -> pd.DataFrame:
        """Every comment, one per row, in the columns of ``db.reading.comments.COMMENT_COLUMNS``."""
        with self._reading() as session:
            return comments.comments_table(session, study_of(session, study).id)

    def listening(self, study: str) -> pd.DataFrame:
        """Listening to each stimulus, in the columns ``LISTENING_COLUMNS``."""
        with self._reading() as session:
            return listening.listening_table(session, study_of(session, study).id)

    def counts(self, study: str) -> StudyCounts:
        """The figures of a running study."""
        with self._reading() as session:
            return counting.study_counts(session, study_of(session, study).id)

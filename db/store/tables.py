"""The database's tables as DataFrames, and counts for a study."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd

from db.reading import activity, comments, counting, listening, page_tables, ratings, trials
from db.records.study import StudyCounts
from db.store.transactions import Transactions, study_of


class Tables(Transactions):
    """All stored data of a study, for reading only."""

    def ratings(self, study: str, participants: Collection[int] | None = None) -> pd.DataFrame:
        """All ratings, one per row, with the columns ``db.reading.ratings.RATING_COLUMNS``.

        ``participants`` are the numbers of the participants to be read; None means all
        participants.
        """
        with self._reading() as session:
            return ratings.ratings_table(session, study_of(session, study).id, participants)

    def trials(self, study: str) -> pd.DataFrame:
        """All answered trials (choices), one per row, with the columns ``TRIAL_COLUMNS``."""
        with self._reading() as session:
            return trials.trials_table(session, study_of(session, study).id)

    def participants(self, study: str, participants: Collection[int] | None = None) -> pd.DataFrame:
        """All participants, one per row, with the columns ``PARTICIPANT_COLUMNS``.

        ``participants`` are the numbers of the participants to be read; None means all
        participants.
        """
        with self._reading() as session:
            return ratings.participants_table(session, study_of(session, study).id, participants)

    def pages(self, study: str, participants: Collection[int] | None = None) -> pd.DataFrame:
        """All pages of all plans, with the columns ``db.reading.page_tables.PAGE_COLUMNS``.

        ``participants`` are the numbers of the participants to be read; None means all
        participants.
        """
        with self._reading() as session:
            return page_tables.pages_table(session, study_of(session, study).id, participants)

    def plans(self, study: str, participants: Collection[int] | None = None) -> pd.DataFrame:
        """All stimuli of all plans, with the columns ``PLAN_COLUMNS``.

        ``participants`` are the numbers of the participants to be read; None means all
        participants.
        """
        with self._reading() as session:
            return page_tables.plans_table(session, study_of(session, study).id, participants)

    def has_ratings(self, study: str) -> bool:
        """Whether any ratings exist, apart from ratings on the training page."""
        with self._reading() as session:
            return counting.has_ratings(session, study_of(session, study).id)

    def progress_of_each(self, study: str) -> dict[int, tuple[Any, ...]]:
        """A stamp for each participant's number; it changes when the participant's data do."""
        with self._reading() as session:
            return activity.progress_of_each(session, study_of(session, study).id)

    def events(self, study: str) -> pd.DataFrame:
        """All events, one per row, with the columns ``db.reading.page_tables.EVENT_COLUMNS``."""
        with self._reading() as session:
            return page_tables.events_table(session, study_of(session, study).id)

    def comments(self, study: str) -> pd.DataFrame:
        """All comments, one per row, with the columns ``db.reading.comments.COMMENT_COLUMNS``."""
        with self._reading() as session:
            return comments.comments_table(session, study_of(session, study).id)

    def listening(self, study: str) -> pd.DataFrame:
        """Listening to each stimulus, with the columns ``LISTENING_COLUMNS``."""
        with self._reading() as session:
            return listening.listening_table(session, study_of(session, study).id)

    def counts(self, study: str) -> StudyCounts:
        """Counts for a running study."""
        with self._reading() as session:
            return counting.study_counts(session, study_of(session, study).id)

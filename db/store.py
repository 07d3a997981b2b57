"""The archive's one door: who takes part, what they hear, what they say, told by intention.

``open_store(url)`` gives a :class:`Store`; its methods take and return the records of
:mod:`db.records` and DataFrames, never rows of the database. Each method is one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import cast

import pandas as pd
from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from db import (
    comments,
    contacts,
    counting,
    export,
    listening,
    progress,
    registration,
    reopening,
    saving,
    trials,
)
from db.engine import migrate, open_engine, writing_engine
from db.models import ActionRow, PageRow, ParticipantRow, StudyRow, StudyVersionRow
from db.records import (
    STEPS,
    Action,
    AssignedPage,
    AudioGrant,
    IndexTakenError,
    PageState,
    Participant,
    ParticipantKind,
    SavedPage,
    SaveOutcome,
    Step,
    StoreError,
    StoreUnavailableError,
    StudyCounts,
    StudyVersion,
    UnknownParticipantError,
)
from db.wal_sync import WalSync

ATTEMPTS = 20
Plan = Callable[[int], Sequence[AssignedPage]]
"""Pages of the plan with a number."""

STATUSES = ("open", "paused", "closed")


def open_store(url: str) -> Store:
    """The archive at a database URL, its tables brought up to date.

    Parameters
    ----------
    url
        As SQLAlchemy writes it: ``sqlite:///study/mixtrial.sqlite`` or ``postgresql+psycopg://…``.

    Raises
    ------
    StoreError
        The URL cannot be read, its driver is missing or the database cannot be opened.
    """
    try:
        engine = open_engine(url)
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(f"{url!r} is not a database URL such as sqlite:///study.sqlite") from error
    except ImportError as error:
        raise StoreError(f"the database driver {error.name} is not installed") from error
    place = engine.url.render_as_string(hide_password=True)
    try:
        migrate(engine)
    except DBAPIError as error:
        raise StoreError(f"the database {place} cannot be opened: {error.orig}") from error
    return Store(engine)


class Store:
    """The archive of one installation, safe to share between threads.

    Built by :func:`open_store`. A method raises ``StoreUnavailableError`` when the database cannot
    be reached or stays locked, and ``UnknownParticipantError`` for a token nobody has, where its
    own text does not say otherwise.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing_engine = writing_engine(engine)
        # SQLite makes writers poll for their turn, and some wait for seconds; threads queue here.
        is_sqlite = engine.dialect.name == "sqlite"
        self._turn: AbstractContextManager[object] = Lock() if is_sqlite else nullcontext()
        file = engine.url.database if is_sqlite else None
        self._wal_sync = WalSync(Path(file)) if file and file != ":memory:" else None

    def close(self) -> None:
        """Give the connections back."""
        if self._wal_sync is not None:
            self._wal_sync.close()
        self._engine.dispose()

    # Studies

    def register_study(self, identifier: str, title: str, fingerprint: str, seed: int) -> None:
        """Note a study and the version of its file; calling again changes nothing."""
        with self._reading() as session:
            if registration.is_registered(session, identifier, fingerprint):
                return
        with self._writing() as session:
            registration.register_study(session, identifier, title, fingerprint, seed)

    def study_versions(self, study: str) -> tuple[StudyVersion, ...]:
        """Every version of a study's file that was seen, oldest first."""
        with self._reading() as session:
            rows = session.scalars(
                select(StudyVersionRow)
                .where(StudyVersionRow.study_id == _study(session, study).id)
                .order_by(StudyVersionRow.id)
            )
            return tuple(StudyVersion(row.fingerprint, row.registered_at) for row in rows)

    def study_status(self, study: str) -> str:
        """``open``, ``paused`` or ``closed``: whether new participants may come in."""
        with self._reading() as session:
            return _study(session, study).status

    def set_study_status(self, study: str, status: str) -> None:
        """Open, pause or close a study, and log it."""
        if status not in STATUSES:
            raise StoreError(f"a study is {', '.join(STATUSES)}, not {status!r}")
        with self._writing() as session:
            row = _study(session, study)
            row.status = status
            session.add(_action(row.id, "status", status))

    def log_action(self, study: str, kind: str, detail: str = "") -> None:
        """Write down something a researcher did, such as ``unblind``."""
        with self._writing() as session:
            session.add(_action(_study(session, study).id, kind, detail[:500]))

    def actions(self, study: str) -> tuple[Action, ...]:
        """What researchers did, oldest first."""
        with self._reading() as session:
            rows = session.scalars(
                select(ActionRow)
                .where(ActionRow.study_id == _study(session, study).id)
                .order_by(ActionRow.at, ActionRow.id)
            )
            return tuple(Action(row.kind, row.detail, row.at) for row in rows)

    # Participants

    def next_participant_index(self, study: str) -> int:
        """The index that the next participant of a study will get if nobody comes between."""
        with self._reading() as session:
            return registration.next_index(session, _study(session, study).id)

    def add_participant(
        self,
        study: str,
        pages: Sequence[AssignedPage],
        kind: ParticipantKind = "participant",
        index: int | None = None,
    ) -> Participant:
        """Write a participant's whole plan, with new random tokens.

        Parameters
        ----------
        study
            Identifier of a registered study.
        pages
            The plan, training first.
        kind
            ``participant`` or ``simulated``.
        index
            The index the plan was made for; None takes the next free one.

        Raises
        ------
        IndexTakenError
            Another participant has the given index.
        StoreError
            The study is not registered.
        """
        for _ in range(ATTEMPTS):
            try:
                return self._add_participant(study, pages, kind, index)
            except IntegrityError as error:
                if index is not None:
                    raise IndexTakenError(f"participant index {index} is taken") from error
        raise StoreUnavailableError("no free participant index was found; try again")

    def enrol(
        self,
        study: str,
        plan: Plan,
        kind: ParticipantKind = "participant",
        abandoned_before: datetime | None = None,
    ) -> Participant:
        """Let somebody in: with the next number, and the lowest plan that nobody holds.

        Parameters
        ----------
        study
            Identifier of a registered study.
        plan
            Gives the pages of the plan with a number.
        kind
            ``participant`` or ``simulated``; each has plans of its own.
        abandoned_before
            Plans on which nothing was done since then, and which are not finished, are free again;
            None for none.

        Raises
        ------
        StoreError
            The study is not registered.
        """
        for _ in range(ATTEMPTS):
            try:
                with self._writing() as session:
                    study_id = _locked_study(session, study).id
                    number = registration.free_plan_index(
                        session, study_id, kind, None, abandoned_before
                    )
                    token = registration.add_participant(
                        session,
                        study_id,
                        _version(session, study_id),
                        registration.next_index(session, study_id),
                        kind,
                        plan(number),
                        number,
                    )
                    return _found(session, token)
            except IntegrityError:
                continue
        raise StoreUnavailableError("too many participants came in at once; please try again")

    def replan(
        self, token: str, group: str, plan: Plan, abandoned_before: datetime | None = None
    ) -> Participant:
        """Give a participant the lowest plan that nobody of their group holds.

        Nothing happens once a page was opened, or when the plan is already one of that group.

        Raises
        ------
        UnknownParticipantError
            Nobody has this token.
        """
        with self._writing() as session:
            row = _participant(session, token)
            opened = select(PageRow.id).where(
                PageRow.participant_id == row.id, PageRow.opened_at.is_not(None)
            )
            if row.plan_group != group and session.scalar(opened.limit(1)) is None:
                study_id, kind = row.study_id, cast(ParticipantKind, row.kind)
                session.execute(
                    select(StudyRow.id).where(StudyRow.id == study_id).with_for_update()
                )
                number = registration.free_plan_index(
                    session, study_id, kind, group, abandoned_before
                )
                session.execute(delete(PageRow).where(PageRow.participant_id == row.id))
                registration.add_plan(session, row.id, plan(number))
                row.plan_index, row.plan_group = number, group
                session.flush()
            return _found(session, token)

    def _add_participant(
        self,
        study: str,
        pages: Sequence[AssignedPage],
        kind: ParticipantKind,
        index: int | None,
    ) -> Participant:
        with self._writing() as session:
            study_id = _study(session, study).id
            chosen = registration.next_index(session, study_id) if index is None else index
            version_id = _version(session, study_id)
            token = registration.add_participant(session, study_id, version_id, chosen, kind, pages)
            return _found(session, token)

    def find_participant(self, token: str) -> Participant | None:
        """The participant behind a token, with the whole plan; None when nobody has it."""
        with self._reading() as session:
            return progress.find_participant(session, token)

    def find_by_answer(self, study: str, name: str, answer: str) -> Participant | None:
        """The first real participant of a study who gave an answer, such as an identifier."""
        with self._reading() as session:
            token = progress.token_of_answer(session, study, name, answer)
            return None if token is None else progress.find_participant(session, token)

    def record_consent(self, token: str, version: str, accepted: bool) -> None:
        """Add an answer to the consent text; go on to the questionnaire, or to ``refused``."""
        with self._writing() as session:
            progress.record_consent(session, _participant(session, token), version, accepted)

    def record_questionnaire(
        self, token: str, group: str, device: str, answers: Mapping[str, str] | None = None
    ) -> None:
        """Note listener group, listening device and further answers; go on to the volume."""
        with self._writing() as session:
            row = _participant(session, token)
            progress.record_questionnaire(row, group, device, answers or {})

    def record_answers(self, token: str, answers: Mapping[str, str | None]) -> None:
        """Add answers to those a participant has given; None takes one away."""
        with self._writing() as session:
            progress.record_answers(session, _participant(session, token), answers)

    def record_volume(self, token: str, volume: float) -> None:
        """Note the chosen volume, 0–1; go on to the first page. Later ones change nothing."""
        with self._writing() as session:
            progress.record_volume(session, _participant(session, token), volume)

    def move_to(self, token: str, step: Step, page_index: int = 0) -> None:
        """Set where a participant stands; moving to ``thanks`` stamps the end."""
        if step not in STEPS:
            raise StoreError(f"there is no step {step!r}")
        with self._writing() as session:
            progress.move_to(session, _participant(session, token), step, page_index)

    def finish(self, token: str) -> str:
        """End a participant's session; the completion code, the same each time."""
        with self._writing() as session:
            return progress.finish(session, _participant(session, token))

    def withdraw(self, token_or_code: str) -> bool:
        """Delete all data of the participant with this token or completion code.

        Their number stays taken. False when nobody has the token or code.
        """
        with self._writing() as session:
            row = session.scalar(
                select(ParticipantRow).where(
                    (ParticipantRow.token == token_or_code)
                    | (ParticipantRow.completion_code == token_or_code)
                )
            )
            if row is None:
                return False
            contacts.delete_contact(session, row)
            progress.withdraw(session, row)
            return True

    # Addresses

    def record_contact(self, token: str, address: str) -> None:
        """Note the e-mail address a participant leaves at the end; an empty one is taken away."""
        with self._writing() as session:
            contacts.record_contact(session, _participant(session, token), address)

    def has_contact(self, token: str) -> bool:
        """Whether a participant left an address."""
        with self._reading() as session:
            return contacts.has_contact(session, _participant(session, token))

    def contacts(self, study: str) -> pd.DataFrame:
        """Every address left, one a row, in the columns of ``db.contacts.CONTACT_COLUMNS``."""
        with self._reading() as session:
            return contacts.contacts_table(session, _study(session, study).id)

    # Pages

    def page_state(self, token: str, page_index: int, opening: bool = True) -> PageState:
        """What a page holds so far.

        Parameters
        ----------
        token, page_index
            The participant and the page, 0 for the first.
        opening
            True issues a new epoch, under which the browser saves from now on. Give False to look
            without opening.

        Raises
        ------
        UnknownParticipantError
            There is no such participant or page.
        """
        with self._saving() if opening else self._looking() as connection:
            state = saving.page_state(connection, token, page_index, opening)
        if state is None:
            raise UnknownParticipantError("this link has no such page")
        return state

    def reopen_page(self, token: str, page_index: int) -> bool:
        """Bring a participant back to a rated page they have completed, with its ratings.

        Completing it again leads to the first page that is not. False where there is nothing to
        go back to: the page is not behind them, or is open already.
        """
        with self._writing() as session:
            return reopening.reopen_page(session, _participant(session, token), page_index)

    def save_page(
        self, saved: SavedPage, check: saving.Check | None = None, study: str | None = None
    ) -> SaveOutcome:
        """Store the state of a page, idempotently, and move on when the save is final.

        Saves are ordered by ``(epoch, seq)``: an older one never overwrites a newer, a repeated
        one changes nothing. A final save closes the page. ``check`` is asked before anything is
        stored, with the page's part and the number of its rated slots (the first ones); what it
        raises comes through, and nothing is stored. Where a ``study`` is named, participants of
        others are unknown.
        """
        with self._saving() as connection:
            return saving.save_page(connection, saved, check, study)

    def audio_grant(self, audio_token: str) -> AudioGrant | None:
        """What an audio token stands for, and whether it may be heard now."""
        with self._reading() as session:
            return progress.audio_grant(session, audio_token)

    # Tables

    def ratings(self, study: str) -> pd.DataFrame:
        """Every rating, one a row, in the columns of ``db.export.RATING_COLUMNS``."""
        with self._reading() as session:
            return export.ratings_table(session, _study(session, study).id)

    def trials(self, study: str) -> pd.DataFrame:
        """Every answered preference and ABX trial, in the columns of ``TRIAL_COLUMNS``."""
        with self._reading() as session:
            return trials.trials_table(session, _study(session, study).id)

    def participants(self, study: str) -> pd.DataFrame:
        """Every participant, one a row, in the columns of ``db.export.PARTICIPANT_COLUMNS``."""
        with self._reading() as session:
            return export.participants_table(session, _study(session, study).id)

    def pages(self, study: str) -> pd.DataFrame:
        """Every page of every plan, one a row, in the columns of ``db.export.PAGE_COLUMNS``."""
        with self._reading() as session:
            return export.pages_table(session, _study(session, study).id)

    def plans(self, study: str) -> pd.DataFrame:
        """Every stimulus of every plan, one a row, in the columns of ``db.export.PLAN_COLUMNS``."""
        with self._reading() as session:
            return export.plans_table(session, _study(session, study).id)

    def events(self, study: str) -> pd.DataFrame:
        """Every event, one a row, in the columns of ``db.export.EVENT_COLUMNS``."""
        with self._reading() as session:
            return export.events_table(session, _study(session, study).id)

    def comments(self, study: str) -> pd.DataFrame:
        """Every comment, one a row, in the columns of ``db.comments.COMMENT_COLUMNS``."""
        with self._reading() as session:
            return comments.comments_table(session, _study(session, study).id)

    def listening(self, study: str) -> pd.DataFrame:
        """How each stimulus was heard, in the columns of ``db.listening.LISTENING_COLUMNS``."""
        with self._reading() as session:
            return listening.listening_table(session, _study(session, study).id)

    def counts(self, study: str) -> StudyCounts:
        """The figures of a running study."""
        with self._reading() as session:
            return counting.study_counts(session, _study(session, study).id)

    # Transactions

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with _in_plain_words(), Session(self._engine) as session:
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with (
            self._turn,
            _in_plain_words(),
            Session(self._writing_engine) as session,
            session.begin(),
        ):
            yield session
        self._note_commit()

    # The two that a page costs most often do without a session: it would be half of their time.

    @contextmanager
    def _looking(self) -> Iterator[Connection]:
        with _in_plain_words(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _saving(self) -> Iterator[Connection]:
        with self._turn, _in_plain_words(), self._writing_engine.begin() as connection:
            yield connection
        self._note_commit()

    def _note_commit(self) -> None:
        if self._wal_sync is not None:
            self._wal_sync.note_commit()


@contextmanager
def _in_plain_words() -> Iterator[None]:
    """A failing database becomes a sentence; a taken key stays what it is."""
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, PoolTimeoutError) as error:
        raise StoreUnavailableError(
            "the database cannot be reached just now; please try again"
        ) from error


def _study(session: Session, identifier: str) -> StudyRow:
    row = session.scalar(select(StudyRow).where(StudyRow.identifier == identifier))
    if row is None:
        raise StoreError(f"the database holds no study called {identifier!r}")
    return row


def _locked_study(session: Session, identifier: str) -> StudyRow:
    """The study, and the right to hand out its plans until the transaction ends."""
    statement = select(StudyRow).where(StudyRow.identifier == identifier).with_for_update()
    return session.scalar(statement) or _study(session, identifier)


def _version(session: Session, study_id: int) -> int:
    """The version of the study's file that counts now."""
    return session.scalars(
        select(StudyVersionRow.id)
        .where(StudyVersionRow.study_id == study_id)
        .order_by(StudyVersionRow.id.desc())
        .limit(1)
    ).one()


def _found(session: Session, token: str) -> Participant:
    participant = progress.find_participant(session, token)
    if participant is None:  # pragma: no cover - it was written in this transaction
        raise StoreUnavailableError("the participant cannot be read back")
    return participant


def _participant(session: Session, token: str) -> ParticipantRow:
    row = progress.participant_row(session, token)
    if row is None:
        raise UnknownParticipantError("this link belongs to no participant")
    return row


def _action(study_id: int, kind: str, detail: str) -> ActionRow:
    return ActionRow(study_id=study_id, kind=kind, detail=detail, at=registration.now())

"""Opening, saving and reopening of pages, and access to the audio of pages."""

from __future__ import annotations

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from db.models import EventRow, PageRow, ParticipantRow, RatingRow, SlotRow, StudyRow
from db.records.errors import UnknownParticipantError
from db.records.participation import AudioGrant, Page, PageState, SavedPage, SaveOutcome
from db.records.steps import Happening, Step
from db.records.tracks import Follow
from db.store.transactions import Transactions, participant_of
from db.writing import saving
from db.writing.page_turning import open_epoch
from db.writing.registration import now


class Pages(Transactions):
    """The pages in participants' plans, from opening to the final save."""

    def page_state(self, token: str, page_index: int, opening: bool = True) -> PageState:
        """Content of a page, as saved so far.

        Parameters
        ----------
        token, page_index
            The token of the participant, and the number of the page, counted from 0.
        opening
            If True, the page is opened: it gets a new epoch, which the browser's next saves must
            state. If False, the page is read but not opened.

        Raises
        ------
        UnknownParticipantError
            The participant or the page does not exist.
        """
        with self._saving() if opening else self._looking() as connection:
            state = saving.page_state(connection, token, page_index, opening)
        if state is None:
            raise UnknownParticipantError("This link has no such page.")
        return state

    def open_page(self, token: str, page: Page) -> PageState:
        """Open a page that was just read with its participant; faster than ``page_state``.

        Raises
        ------
        UnknownParticipantError
            The participant or the page does not exist.
        """
        with self._saving() as connection:
            state = saving.open_page(connection, token, page)
            if state is None:
                raise UnknownParticipantError("This link has no such page.")
        return state

    def save_page(
        self,
        saved: SavedPage,
        check: saving.Check | None = None,
        study: str | None = None,
        follow: Follow | None = None,
    ) -> SaveOutcome:
        """Store the state of a page; after a final save, move the participant to the next page.

        Saves are ordered by ``(epoch, seq)``. An older save never overwrites a newer save, and a
        save that is sent twice changes nothing. A final save closes the page. Before anything is
        stored, the function ``check`` is called. ``check`` gets two arguments: the part of the
        page, and the number of its rated stimuli (these come first on the page). If ``check``
        raises an exception, nothing is stored. If a ``study`` is given, participants of other
        studies are treated as unknown. ``follow`` is called in the transaction that closes a page.
        ``follow`` returns a function that determines the next page of the staircase track.
        """
        with self._saving() as connection:
            return saving.save_page(connection, saved, check, study, follow)

    def reopen_page(self, token: str, page_index: int) -> bool:
        """Send a participant back to a completed rated page, which shows the saved ratings.

        Participants can change the ratings of a reopened page. Earlier saves of the page that
        arrive late are ignored. The event ``reopened`` contains the number of the page from which
        the participant came, counted from 0. When the participant completes the page again, the
        first page that is not completed comes next. The result is False if the page does not come
        before the participant's current page, or is already open.
        """
        with self._writing() as session:
            row = participant_of(session, token)
            step = Step(row.step)
            page = session.scalar(
                select(PageRow)
                .where(PageRow.participant_id == row.id, PageRow.page_index == page_index)
                .with_for_update()
            )
            is_behind = page_index < row.page_index and step.is_on_page
            if page is None or page.closed_at is None or page.phase != "rating" or not is_behind:
                return False
            _open_again(session, page, row.page_index)
            row.page_index, row.step = page_index, step.after(Happening.WENT_BACK)
            return True

    def audio_grant(self, audio_token: str) -> AudioGrant | None:
        """The stimulus of an audio token, if its page is current, next or not closed."""
        with self._reading() as session:
            found = session.execute(_HEARD.where(SlotRow.audio_token == audio_token)).first()
            if found is None:
                return None
            slot, page, step, reached, token, study = found
            systems = session.scalars(
                select(SlotRow.system).where(SlotRow.page_id == page.id).order_by(SlotRow.position)
            )
            before = session.scalar(
                select(func.count())
                .select_from(SlotRow)
                .join(PageRow, PageRow.id == SlotRow.page_id)
                .where(
                    PageRow.participant_id == page.participant_id,
                    PageRow.song == page.song,
                    SlotRow.system == slot.system,
                    or_(
                        PageRow.page_index < page.page_index,
                        and_(PageRow.id == page.id, SlotRow.position < slot.position),
                    ),
                )
            )
            near = page.page_index in (reached, reached + 1)
            earlier = page.page_index < reached and page.closed_at is None
            return AudioGrant(
                study=study,
                token=token,
                page_index=page.page_index,
                position=slot.position,
                song=page.song,
                system=slot.system,
                page_systems=tuple(systems),
                stimulus_sha256=slot.stimulus_sha256,
                hearing=before or 0,
                is_open=Step(step).has_sound and (near or earlier),
            )


_HEARD = (
    select(
        SlotRow,
        PageRow,
        ParticipantRow.step,
        ParticipantRow.page_index,
        ParticipantRow.token,
        StudyRow.identifier,
    )
    .join(PageRow, PageRow.id == SlotRow.page_id)
    .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
    .join(StudyRow, StudyRow.id == ParticipantRow.study_id)
)
"""Query of a slot with its page and its participant."""


def _open_again(session: Session, page: PageRow, came_from: int) -> None:
    """Reopen a completed page: issue a new epoch, undo the final save, and store an event."""
    epoch = open_epoch(session.connection(), page.id)
    session.add(
        EventRow(
            page_id=page.id,
            epoch=epoch,
            seq=page.saved_seq,
            event_index=0,
            t_ms=0.0,
            kind="reopened",
            value=str(came_from),
            received_at=now(),
        )
    )
    session.execute(
        update(PageRow)
        .where(PageRow.id == page.id)
        .values(saved_epoch=epoch, closed_at=None, n_events=PageRow.n_events + 1)
    )
    slots = select(SlotRow.id).where(SlotRow.page_id == page.id)
    session.execute(
        update(RatingRow)
        .where(RatingRow.slot_id.in_(slots))
        .values(final=False)
        .execution_options(synchronize_session=False)
    )

"""Pages are opened, saved and heard."""

from __future__ import annotations

from db.records import AudioGrant, PageState, SavedPage, SaveOutcome, UnknownParticipantError
from db.store.transactions import Transactions, participant_of
from db.writing import progress, reopening, saving


class Pages(Transactions):
    """The pages of participants' plans, while they work on them."""

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
            return reopening.reopen_page(session, participant_of(session, token), page_index)

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

"""Interface of the database: participants, stimuli and answers.

``open_store(url)`` returns a :class:`Store`. The store's methods take and return the records of
``db.records`` and DataFrames, but never rows of the database. Each method of the store is one
transaction.

The methods of the store are in nine modules, one for each subject: :mod:`db.store.studies`,
:mod:`db.store.enrolment`, :mod:`db.store.progress`, :mod:`db.store.contacts`,
:mod:`db.store.pages`, :mod:`db.store.tables`, :mod:`db.store.sessions`, :mod:`db.store.collected`
and :mod:`db.store.readiness`.
"""

from __future__ import annotations

from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from db.engine import migrate, open_engine
from db.records.errors import StoreError
from db.store.collected import Collected
from db.store.contacts import Contacts
from db.store.enrolment import Enrolment
from db.store.pages import Pages
from db.store.progress import Progress
from db.store.readiness import Readiness
from db.store.sessions import Sessions
from db.store.studies import Studies
from db.store.tables import Tables


def open_store(url: str) -> Store:
    """The store for a database URL; the tables are updated first.

    Parameters
    ----------
    url
        URL in the form of SQLAlchemy: ``sqlite:///study/mixtrial.sqlite`` or
        ``postgresql+psycopg://…``.

    Raises
    ------
    StoreError
        The URL cannot be read, the database driver is missing, or the database cannot be opened or
        has a newer version.
    """
    try:
        engine = open_engine(url)
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError(
            f"{url!r} is not a database URL such as sqlite:///study.sqlite."
        ) from error
    except ImportError as error:
        raise StoreError(f"The database driver {error.name} is not installed.") from error
    place = engine.url.render_as_string(hide_password=True)
    try:
        migrate(engine)
    except DBAPIError as error:
        engine.dispose()
        reason = str(error.orig).strip().partition("\n")[0]
        raise StoreError(f"The database {place} cannot be opened: {reason}.") from error
    except StoreError as error:
        engine.dispose()
        raise StoreError(f"The database {place} cannot be opened: {error}") from error
    return Store(engine)


class Store(Studies, Enrolment, Progress, Contacts, Pages, Tables, Sessions, Collected, Readiness):
    """The database of an installation; several threads can share it.

    Built by :func:`open_store`. If the database cannot be reached or stays locked, every method
    raises ``StoreUnavailableError``, unless its docstring says otherwise. For an unknown token, a
    method raises ``UnknownParticipantError``.
    """

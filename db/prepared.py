"""SQL statements of the most frequent requests, built once and executed by the database's driver.

SQLAlchemy writes the SQL, and knows the types of parameters and columns. If SQLAlchemy executed a
frequent statement, SQLAlchemy itself would take two thirds of the time. A page and its saves need
fifteen of the frequent statements.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A compiled statement for one SQL dialect.

    ``parameters`` has the name of each parameter, in order, and the function that converts its
    value for the driver. For a parameter without conversion, the function is None. ``constants``
    are the constant values in the statement.
    """

    sql: str
    parameters: tuple[tuple[str, Convert | None], ...]
    constants: Mapping[str, Any]
    is_named: bool


@dataclass(frozen=True, slots=True)
class _Reader:
    """Conversion of the rows that the driver returns.

    ``columns`` has, for each column whose values must be converted, its position and the converting
    function. ``row`` makes a named tuple of the values.
    """

    columns: tuple[tuple[int, Convert], ...]
    row: Convert

    def read(self, found: list[Any]) -> list[Any]:
        """Convert the rows from the driver to named tuples with Python's types."""
        if not self.columns:
            return [self.row(row) for row in found]
        rows = []
        for values in map(list, found):
            for place, read in self.columns:
                values[place] = read(values[place])
            rows.append(self.row(values))
        return rows


class Prepared:
    """A statement with named parameters; for each dialect, it is compiled when first used.

    A statement can only be executed after a transaction has begun. The errors are SQLAlchemy's
    errors, as for any other statement.
    """

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}
        self._readers: dict[str, _Reader] = {}

    def rows(self, connection: Connection, **given: Any) -> list[Any]:
        """The rows of the statement, as tuples with the names of its columns."""
        cursor, dialect = self._execute(connection, given), connection.dialect
        reader = self._readers.get(dialect.name)
        if reader is None:
            reader = self._readers[dialect.name] = _reader(self._statement, cursor, dialect)
        found = cursor.fetchall()
        cursor.close()
        return reader.read(found)

    def first(self, connection: Connection, **given: Any) -> Any | None:
        """The first row; None if there are no rows."""
        return next(iter(self.rows(connection, **given)), None)

    def n_changed(self, connection: Connection, **given: Any) -> int:
        """Execute an update, and return the number of rows that it changed."""
        cursor = self._execute(connection, given)
        n_rows: int = cursor.rowcount
        cursor.close()
        return n_rows

    def _execute(self, connection: Connection, given: Mapping[str, Any]) -> Any:
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _compile(self._statement, dialect)
        known = {**compiled.constants, **given}
        values: Any = [
            known[name] if write is None else write(known[name])
            for name, write in compiled.parameters
        ]
        if compiled.is_named:
            values = dict(zip((name for name, _ in compiled.parameters), values, strict=True))
        return by_driver(connection, compiled.sql, values)


def by_driver(connection: Connection, sql: str, values: Any, is_many: bool = False) -> Any:
    """Execute SQL by the driver (``is_many``: once per set of values); return the cursor."""
    cursor = connection.connection.cursor()
    try:
        (cursor.executemany if is_many else cursor.execute)(sql, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise in_sqlalchemy_s_words(error, sql, connection.dialect) from error
    return cursor


def in_sqlalchemy_s_words(error: Exception, sql: str, dialect: Dialect) -> BaseException:
    """SQLAlchemy's error for a driver's error; values of the statement are left out."""
    return DBAPIError.instance(
        sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
    )


def _compile(statement: Any, dialect: Dialect) -> _Compiled:
    compiled: Any = statement.compile(dialect=dialect)
    names = compiled.positiontup or tuple(compiled.params)
    binds = compiled.binds
    parameters = tuple(
        (name, binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names
    )
    constants = {name: compiled.params[name] for name in names if not binds[name].required}
    return _Compiled(str(compiled), parameters, constants, compiled.positiontup is None)


def _reader(statement: Any, cursor: Any, dialect: Dialect) -> _Reader:
    columns = statement.exported_columns
    readers = [
        column.type.dialect_impl(dialect).result_processor(dialect, told[1])
        for column, told in zip(columns.values(), cursor.description, strict=True)
    ]
    row: Any = namedtuple("Row", columns.keys())  # type: ignore[misc]
    converted = tuple((place, read) for place, read in enumerate(readers) if read is not None)
    return _Reader(converted, row._make)

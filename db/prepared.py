"""Running on SQLite what was prepared before: the driver's own call, between the values going in and coming out.

SQLAlchemy looks at every statement anew each time it runs, which costs ten times what SQLite needs for a row by its
key. Its compiler and its types do the same work here, once for each statement and set of names.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Executable, IteratorResult
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Values = Mapping[str, Any]
Params = Values | Sequence[Values]
Converter = Callable[[Any], Any] | None

_DIALECT = SQLiteDialect_pysqlite()


class Rows(IteratorResult[Any]):
    """What came back, all of it; `rowcount` as the driver counts changed rows."""

    def __init__(self, metadata: SimpleResultMetaData, rows: Sequence[Any], rowcount: int) -> None:
        super().__init__(metadata, iter(rows))
        self.rowcount = rowcount


class Prepared:
    """A statement as text, with what turns values into SQLite's and SQLite's into values."""

    def __init__(self, compiled: SQLCompiler, names: Sequence[str]) -> None:
        self._text = str(compiled)
        binds = compiled.positiontup or ()
        self._fixed = [compiled.params[name] for name in binds]
        self._given = [(place, name) for place, name in enumerate(binds) if name in names]
        kinds = enumerate(compiled.binds[name].type for name in binds)
        self._writers = [(place, write) for place, kind in kinds if (write := _into(kind))]
        columns = compiled._result_columns  # the compiler's word on what comes back
        self._metadata = SimpleResultMetaData([column.keyname for column in columns])
        self._readers = [
            (place, read) for place, column in enumerate(columns) if (read := _out_of(column.type))
        ]

    @property
    def tells(self) -> bool:
        """Does it bring rows?"""
        return bool(self._metadata.keys)

    def run(self, driver: sqlite3.Connection, params: Params | None) -> Rows:
        """Run it, or raise what SQLAlchemy raises."""
        try:
            if params is None or isinstance(params, Mapping):
                cursor = driver.execute(self._text, self._bound(params or {}))
            else:
                cursor = driver.executemany(self._text, [self._bound(values) for values in params])
            found = cursor.fetchall()
        except Exception as error:
            # Each driver has errors of its own; none is swallowed, all leave as SQLAlchemy's.
            raise _as_sqlalchemy(self._text, error) from error
        return Rows(self._metadata, [self._read(row) for row in found], cursor.rowcount)

    def _bound(self, values: Values) -> list[Any]:
        row = self._fixed.copy()
        for place, name in self._given:
            row[place] = values[name]
        for place, write in self._writers:
            row[place] = write(row[place])
        return row

    def _read(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for place, read in self._readers:
            values[place] = read(values[place])
        return tuple(values)


Forms = dict[tuple[bool, tuple[str, ...]], Prepared | None]
"""One statement, prepared for one or for many rows of each set of names it was given."""


def prepare(statement: Executable, params: Params | None, forms: Forms) -> Prepared | None:
    """The statement for values of these names, made once; None where only SQLAlchemy can run it."""
    first = params if params is None or isinstance(params, Mapping) else params[0]
    form = (first is not params, tuple(first or ()))
    if form not in forms:
        forms[form] = _made(statement, form[1], many=form[0])
    return forms[form]


def _made(statement: Executable, names: Sequence[str], *, many: bool) -> Prepared | None:
    compiled = cast(Any, statement).compile(dialect=_DIALECT, column_keys=list(names) or None)
    grows = compiled.post_compile_params or compiled.literal_execute_params
    waits = compiled.insert_prefetch or compiled.update_prefetch  # a default of the table's that Python makes
    missing = any(bind.required and name not in names for name, bind in compiled.binds.items())
    made = Prepared(compiled, names)
    return None if grows or waits or missing or (many and made.tells) else made


def _into(kind: TypeEngine[Any]) -> Converter:
    return kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)


def _out_of(kind: TypeEngine[Any]) -> Converter:
    return kind.dialect_impl(_DIALECT).result_processor(_DIALECT, None)


def _as_sqlalchemy(text: str, error: Exception) -> Exception:
    return DBAPIError.instance(text, None, error, sqlite3.Error, hide_parameters=True, dialect=_DIALECT)

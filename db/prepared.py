"""Running what was prepared before: the driver's own call, between the values going in and coming out.

SQLAlchemy looks at every statement anew each time it runs, which costs ten times what SQLite needs for a row by its
key. Its compiler and its types do the same work here, once for each kind of database, statement and set of names.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Dialect, Executable, IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Values = Mapping[str, Any]
Params = Values | Sequence[Values]
"""Values of one row, or of several."""
_ONE = (dict, Mapping)
"""What the values of one row are: a dict nearly always, and asking for that costs a tenth."""
Converter = Callable[[Any], Any] | None


class Rows(IteratorResult[Any]):
    """What came back, all of it; `rowcount` as the driver counts changed rows."""

    def __init__(self, metadata: SimpleResultMetaData, rows: Sequence[Any], rowcount: int) -> None:
        super().__init__(metadata, iter(rows))
        self.rowcount = rowcount


class Prepared:
    """A statement as text, with what turns values into the driver's and the driver's into values.

    SQLite takes its values by place, PostgreSQL by name.
    """

    def __init__(self, compiled: SQLCompiler, names: Sequence[str]) -> None:
        self._text = str(compiled)
        self._dialect = dialect = compiled.dialect
        kinds = {name: bind.type for bind, name in compiled.bind_names.items()}
        binds: Sequence[str] = (compiled.positiontup or ()) if compiled.positional else [*kinds]
        places: Sequence[Any] = range(len(binds)) if compiled.positional else binds
        self._fixed: Any = [compiled.params[name] for name in binds]
        if not compiled.positional:
            self._fixed = dict(zip(binds, self._fixed, strict=True))
        pairs = list(zip(places, binds, strict=True))
        self._given = [(place, name) for place, name in pairs if name in names]
        self._writers = [(place, write) for place, name in pairs if (write := _into(kinds[name], dialect))]
        columns = compiled._result_columns  # the compiler's word on what comes back
        self._metadata = SimpleResultMetaData([column.keyname for column in columns])
        self._columns = [column.type for column in columns]
        self.tells = bool(columns)
        """Does it bring rows?"""
        self._readers: list[tuple[int, Callable[[Any], Any]]] | None = None

    def run(self, driver: Any, params: Params | None) -> Rows:
        """Run it on the driver's connection, or raise what SQLAlchemy raises."""
        cursor = driver.cursor()
        try:
            if params is None or isinstance(params, _ONE):
                cursor.execute(self._text, self._bound(params or {}))
            else:
                cursor.executemany(self._text, [self._bound(values) for values in params])
            found = cursor.fetchall() if self.tells else []
        except Exception as error:
            # Each driver has errors of its own; none is swallowed, all leave as SQLAlchemy's.
            raise self._as_sqlalchemy(error) from error
        if self._readers is None:
            self._readers = self._readers_of(cursor.description or ())
        return Rows(self._metadata, [self._read(row, self._readers) for row in found], cursor.rowcount)

    def _bound(self, values: Values) -> Any:
        row = self._fixed.copy()
        for place, name in self._given:
            row[place] = values[name]
        for place, write in self._writers:
            row[place] = write(row[place])
        return row

    def _readers_of(self, description: Sequence[Any]) -> list[tuple[int, Callable[[Any], Any]]]:
        """Known with the first result: of a number the driver says only then how it comes."""
        told = enumerate(zip(self._columns, description, strict=False))
        made = ((place, _out_of(kind, self._dialect, column[1])) for place, (kind, column) in told)
        return [(place, read) for place, read in made if read is not None]

    def _read(self, row: Sequence[Any], readers: list[tuple[int, Callable[[Any], Any]]]) -> Sequence[Any]:
        values = list(row)
        for place, read in readers:
            values[place] = read(values[place])
        return tuple(values)

    def _as_sqlalchemy(self, error: Exception) -> Exception:
        kind = cast(Any, self._dialect.dbapi).Error
        return DBAPIError.instance(self._text, None, error, kind, hide_parameters=True, dialect=self._dialect)


Forms = dict[tuple[str, bool, tuple[str, ...]], Prepared | None]
"""One statement, prepared for each kind of database, and for one or for many rows of each set of names."""


def prepare(statement: Executable, params: Params | None, forms: Forms, dialect: Dialect) -> Prepared | None:
    """The statement for values of these names, made once; None where only SQLAlchemy can run it."""
    first = params if params is None or isinstance(params, _ONE) else params[0]
    form = (dialect.name, first is not params, tuple(first or ()))
    if form not in forms:
        forms[form] = _made(statement, dialect, form[2], many=form[1])
    return forms[form]


def _made(statement: Executable, dialect: Dialect, names: Sequence[str], *, many: bool) -> Prepared | None:
    compiled = cast(Any, statement).compile(dialect=dialect, column_keys=list(names) or None)
    grows = compiled.post_compile_params or compiled.literal_execute_params
    waits = compiled.insert_prefetch or compiled.update_prefetch  # a default of the table's that Python makes
    missing = any(bind.required and name not in names for name, bind in compiled.binds.items())
    made = Prepared(compiled, names)
    return None if grows or waits or missing or (many and made.tells) else made


def _into(kind: TypeEngine[Any], dialect: Dialect) -> Converter:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _out_of(kind: TypeEngine[Any], dialect: Dialect, told: object) -> Converter:
    return kind.dialect_impl(dialect).result_processor(dialect, told)

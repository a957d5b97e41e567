"""Statements that are built once.

Building a statement costs several times what running it does, and a mapped class in it makes it go through the
ORM, which doubles that. So what runs at every alert and click is built when its module is loaded, on tables, and
gets its values when it runs.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, Executable, Result, Table, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.base import Base
from db.prepared import Forms

S = TypeVar("S", bound=Executable)

_READY: dict[Executable, Forms] = {}


def table_of(model: type[Base]) -> Table:
    """The table behind a mapped class."""
    return cast(Table, model.__table__)


def ready(statement: S) -> S:
    """The same statement, which lives as long as its module: what a database needs to run it is kept with it."""
    _READY[statement] = {}
    return statement


def forms_of(statement: Executable) -> Forms | None:
    """What is kept with a statement that is `ready`; None for any other."""
    return _READY.get(statement)


def among(column: ColumnElement[str], words: Iterable[str]) -> ColumnElement[bool]:
    """`column IN (...)` with our own words written out.

    An index on some rows only serves a statement in which the planner can read which rows it wants.
    """
    return column.in_([literal_column(f"'{word}'") for word in words])


def rows_changed(result: Result[Any]) -> int:
    """How many rows an UPDATE or DELETE has changed; SQLAlchemy's types promise the number only for some results."""
    return int(cast(Any, result).rowcount)


class Both:
    """One statement for SQLite and PostgreSQL, whose INSERTs know ON CONFLICT in two classes of their own."""

    def __init__(self, build: Callable[[Any], Any]) -> None:
        inserts = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
        self._built = {name: ready(build(insert)) for name, insert in inserts.items()}

    def of(self, session: Session) -> Any:
        """The statement for this session's database."""
        return self._built[session.get_bind().dialect.name]

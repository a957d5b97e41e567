"""Statements that are built once.

Building a statement costs several times what running it does, and a mapped class in it makes it go through the
ORM, which doubles that. So what runs at every alert and click is built when its module is loaded, on tables, and
gets its values when it runs.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from sqlalchemy import Executable, Table
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
    """The same statement, which lives as long as its module: what SQLite needs to run it is kept with it."""
    _READY[statement] = {}
    return statement


def forms_of(statement: Executable) -> Forms | None:
    """What is kept with a statement that is `ready`; None for any other."""
    return _READY.get(statement)


class Both:
    """One statement for SQLite and PostgreSQL, whose INSERTs know ON CONFLICT in two classes of their own."""

    def __init__(self, build: Callable[[Any], Any]) -> None:
        self._built = {"sqlite": ready(build(sqlite.insert)), "postgresql": build(postgresql.insert)}

    def of(self, session: Session) -> Any:
        """The statement for this session's database."""
        return self._built[session.get_bind().dialect.name]

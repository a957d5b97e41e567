"""The schema's versions: where a database stands, and how it gets to another one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from db.engine import database_url, read_engine
from db.failures import as_told
from db.lock import FileLock

if TYPE_CHECKING:  # Alembic is heavy and rarely needed, so the functions import it themselves
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database up to `revision`, in one transaction; an empty one gets all its tables.

    Raises ConfigWrong while another bot uses the SQLite file, Busy if the database cannot be reached or used.
    """
    from alembic import command

    _alone(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str) -> None:
    """Bring the database down to `revision` (`base`: no tables). What only newer tables hold is lost."""
    from alembic import command

    _alone(url, lambda config: command.downgrade(config, revision))


def current(url: str) -> str | None:
    """The revision the database stands at, None if it is empty. Raises Busy if it cannot be reached."""
    from alembic.migration import MigrationContext

    engine = read_engine(database_url(url), 1)
    try:
        with _telling_trouble(), engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


@cache
def head() -> str:
    """The newest revision this code knows."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory(str(MIGRATIONS)).get_current_head())


def is_current(url: str) -> bool:
    """Whether the database stands at `head`."""
    return current(url) == head()


def _alone(url: str, change: "Callable[[Config], None]") -> None:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["url"] = url
    lock = FileLock(database_url(url))
    try:
        with _telling_trouble():
            change(config)
    finally:
        lock.release()


@contextmanager
def _telling_trouble() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise as_told(error, writing=True) from error

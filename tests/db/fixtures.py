"""Databases for tests: a fresh, migrated one for each test, on SQLite and on PostgreSQL."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import pytest

from db import migrate
from db.writer import Database, open_database
from tests.db.postgres import Server
from tests.places import IN_MEMORY

NewDatabase = Callable[[str], AbstractContextManager[str]]
"""Makes a database from the template of that name, gives its address and drops it when the block ends."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="relink-pg-", dir=IN_MEMORY) as folder:
        server = Server(Path(folder))
        yield server
        server.stop()


@pytest.fixture(scope="session")
def postgres_from(postgres: Server) -> NewDatabase:
    """Copies PostgreSQL's own empty template or `migrated`.

    A database that somebody is still connected to cannot be dropped, so every test lets go of its own.
    """
    postgres.command("CREATE DATABASE migrated")
    migrate.upgrade(postgres.url("migrated"))
    numbers = count()

    @contextmanager
    def new(template: str) -> Iterator[str]:
        name = f"test_{next(numbers)}"
        postgres.command(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        yield postgres.url(name)
        postgres.command(f"DROP DATABASE {name}")

    return new


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_file: Path) -> str:
    """A migrated SQLite file."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'relink.db')}"


@pytest.fixture
def postgres_url(postgres_from: NewDatabase) -> Iterator[str]:
    """A migrated PostgreSQL database."""
    with postgres_from("migrated") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database; the test runs once on each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables; the test runs once on each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'relink.db'}"
        return
    new: NewDatabase = request.getfixturevalue("postgres_from")
    with new("template0") as url:
        yield url


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    database = open_database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def sqlite_db(sqlite_url: str) -> AsyncIterator[Database]:
    database = open_database(sqlite_url)
    yield database
    await database.close()


@pytest.fixture
async def postgres_db(postgres_url: str) -> AsyncIterator[Database]:
    database = open_database(postgres_url)
    yield database
    await database.close()

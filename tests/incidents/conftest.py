"""What the tests of the use cases share."""

import pytest

from db.writer import Database
from tests.incidents.desk import Desk


@pytest.fixture
def desk(db: Database) -> Desk:
    """A desk with an empty database; each test runs once on SQLite and once on PostgreSQL."""
    return Desk(db)

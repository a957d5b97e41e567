"""What the tests of delivery share."""

from collections.abc import AsyncIterator

import pytest

from db.writer import Database
from tests.messages.post_office import PostOffice, a_post_office


@pytest.fixture
async def office(db: Database) -> AsyncIterator[PostOffice]:
    """A post office on each kind of database; its Slack does not count calls."""
    async with a_post_office(db) as one:
        yield one

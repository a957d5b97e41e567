"""What the tests of delivery share."""

from collections.abc import AsyncIterator

import pytest

from db.writer import Database
from tests.messages.digest_office import a_digest_office
from tests.messages.post_office import PostOffice, a_post_office


@pytest.fixture
async def office(db: Database) -> AsyncIterator[PostOffice]:
    """A post office on each kind of database; its Slack does not count calls."""
    async with a_post_office(db) as one:
        yield one


@pytest.fixture
async def post(db: Database) -> AsyncIterator[PostOffice]:
    """The same with a channel for the leads' digest."""
    async with a_digest_office(db) as one:
        yield one

"""What a story runs on: its database and the way Slack talks to the bot."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from tests.world import World

PAIRS = ("sqlite-http", "postgres-socket")
"""Every story is told twice: on SQLite with signed HTTP, and on PostgreSQL with Socket Mode."""

NewWorld = Callable[..., AbstractAsyncContextManager[World]]
"""`a_world` on the story's pair; it takes whatever else `a_world` takes by name."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A migrated database of the story's own, and whether Slack talks over Socket Mode."""

    database_url: str
    socket_mode: bool

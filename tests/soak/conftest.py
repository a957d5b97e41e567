"""The pairs of database and transport, as in the stories."""

from tests.stories.conftest import pair

__all__ = ["pair"]

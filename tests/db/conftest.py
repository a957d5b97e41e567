"""The database's own tests commit to the disk."""

from pathlib import Path

import pytest


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder on the disk."""
    return tmp_path_factory.mktemp("disk")

"""What the tests of the runbook share."""

import pytest

from bot.runbook.model import Runbook
from tests.runbook.procedures import shipped


@pytest.fixture(scope="session")
def runbook() -> Runbook:
    """The procedure for CP-ERR-WIFI as it is delivered."""
    return shipped()

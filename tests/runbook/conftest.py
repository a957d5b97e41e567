"""What the tests of the runbook share."""

import pytest
from hypothesis import settings

from bot.runbook.model import Runbook
from tests.runbook.procedures import shipped

# A busy machine is no failure: what is generated is checked for its outcome, not for its speed.
settings.register_profile("relink", deadline=None)
settings.load_profile("relink")


@pytest.fixture(scope="session")
def runbook() -> Runbook:
    """The procedure for CP-ERR-WIFI as it is delivered."""
    return shipped()

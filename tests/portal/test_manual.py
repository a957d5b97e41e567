"""No portal connected: everything is a person's, and nothing pretends otherwise."""

import pytest

from bot.errors import PortalRefused
from bot.portal.contract import Capability, Outcome, Portal
from bot.portal.manual import ManualPortal
from tests.portal.conftest import START


async def test_everything_is_done_by_a_person() -> None:
    portal: Portal = ManualPortal()
    capabilities = await portal.capabilities()
    assert {
        capabilities.status,
        capabilities.alarms,
        capabilities.restart,
        capabilities.get_configuration,
        capabilities.signal,
        capabilities.nearby,
    } == {Capability.MANUAL}


async def test_every_read_is_refused_and_says_what_to_do() -> None:
    portal = ManualPortal()
    for read in (portal.station, portal.status, portal.alarms, portal.signal):
        with pytest.raises(PortalRefused, match="look in the portal's own screens"):
            await read("1:1")
    with pytest.raises(PortalRefused, match="look in the portal's own screens"):
        await portal.nearby("1:1", 500)


async def test_commands_are_unsupported() -> None:
    portal = ManualPortal()
    restarted = await portal.restart("1:1", key="k", expires_at=START)
    configured = await portal.get_configuration("1:1", keys=(), key="k", deadline_ms=5_000)
    assert (restarted.outcome, configured.outcome) == (Outcome.UNSUPPORTED, Outcome.UNSUPPORTED)

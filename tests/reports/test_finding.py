"""Which station or incident somebody means, asked of both databases."""

import pytest

from bot.errors import Refused
from bot.incidents import ownership
from bot.incidents.stations import StationSeen
from bot.reports import finding, history
from db.writer import Database
from tests.incidents.desk import ONE, RULES, STRANGER, TWO, Desk, alert

SERIALS = ("CT4G-20117", "CT4G-20118", "CT5G-20118", "AB_C-777", "CT4G-33301")


@pytest.fixture
async def desk(db: Database) -> Desk:
    """Five stations with an incident each; the first and the third are Support 1's, the second Support 2's."""
    desk = Desk(db)
    for number, serial in enumerate(SERIALS):
        await desk.take(alert(f"a-{number}", station=StationSeen(serial=serial, id=f"1:{number}")))
    for incident, person in ((1, ONE), (2, TWO), (3, ONE)):
        await desk.db.write(ownership.take, incident, person, RULES, desk.now)
    return desk


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("ct4g-20117", "CT4G-20117"),
        ("1:3", "AB_C-777"),
        ("20117", "CT4G-20117"),
        ("ct4g20117", "CT4G-20117"),
        ("G-20117", "CT4G-20117"),
        ("I-2026-0004", "AB_C-777"),
        ("i-2026-4", "AB_C-777"),
        ("c777", "AB_C-777"),
    ],
)
async def test_one_station_is_meant(desk: Desk, typed: str, label: str) -> None:
    found = await desk.db.read(finding.meant, typed)

    assert found.label == label
    assert found.one()


async def test_several_are_listed_in_order(desk: Desk) -> None:
    found = await desk.db.read(finding.meant, "20118")

    assert found.several == ("CT4G-20118", "CT5G-20118")
    with pytest.raises(Refused, match="CT4G-20118, CT5G-20118"):
        found.one()


@pytest.mark.parametrize("typed", ["7", "%", "_777", "B%777", "I-2025-0004", "I-2026-999999999999", "-", ""])
async def test_too_little_or_a_sign_of_sql_means_nothing(desk: Desk, typed: str) -> None:
    found = await desk.db.read(finding.meant, typed)

    assert (found.station, found.several) == (None, ())


async def test_nothing_meant_suggests_the_nearest_serial_where_one_is_near(desk: Desk) -> None:
    assert (await desk.db.read(finding.meant, "ct4g-20171")).near == "CT4G-20117"
    assert (await desk.db.read(finding.meant, "XYZ")).near is None


async def test_the_only_one_of_somebody_needs_no_name(desk: Desk) -> None:
    assert (await desk.db.read(finding.only_one, TWO.user_id)).label == "CT4G-20118"
    with pytest.raises(Refused, match=r"Your incidents: CT4G-20117, CT5G-20118\."):
        await desk.db.read(finding.only_one, ONE.user_id)
    with pytest.raises(Refused, match=r"Nobody's incidents: AB_C-777, CT4G-33301\."):
        await desk.db.read(finding.only_one, None)
    with pytest.raises(Refused, match="none is open"):
        await desk.db.read(finding.only_one, STRANGER.user_id)


async def test_a_message_names_the_station_that_is_known_before_the_one_that_only_looks_like_one(
    desk: Desk,
) -> None:
    assert await desk.db.read(finding.named_in, ["INC-00012345", "ct4g-20118"]) == "CT4G-20118"
    assert await desk.db.read(finding.named_in, ["bay", "4", "INC-00012345"]) == "INC-00012345"
    assert await desk.db.read(finding.named_in, ["the", "2026-11-22", "lift"]) is None


async def test_what_somebody_has_is_listed_oldest_first(desk: Desk) -> None:
    assert await desk.db.read(history.owned_by, ONE.user_id) == [1, 3]

"""A stop at the 0 V test: it stands on the technician's card until every circuit is proved or locked out anew."""

import pytest

from tests.incidents import site
from tests.incidents.site import TECH
from tests.messages.post_office import PostOffice
from tests.messages.test_visit_cards import card_of, pressed
from tests.stories.slack_text import words

NO_METER = "99.9"
"""Volts of the known source afterwards that prove nothing."""


async def stop_is_known(office: PostOffice) -> str:
    """What a choice may ask."""
    known = await office.drawing.facts(1)
    assert known is not None
    return known.for_choices["stopped"]


@pytest.mark.parametrize(
    "since",
    [["120"], [NO_METER], [NO_METER, "120", NO_METER]],
    ids=["another circuit proved", "the meter not proved", "both"],
)
async def test_a_stop_stands_until_every_circuit_is_proved(office: PostOffice, since: list[str]) -> None:
    """118 V on circuit 2; 0 V on circuit 1 says nothing of it."""
    desk = office.desk
    await site.locked(desk, site.TWO_LOCKS)
    await site.measure(desk)
    await site.measure(desk, l1_ground="118")
    found_at = desk.now
    for known_source in since:
        desk.later(minutes=4)
        await site.measure(desk, after=known_source)

    card = await card_of(office)

    assert pressed(card) == ["measure-anew", "in-doubt", "other-source", "leave", "stop"]
    assert "STOP" in card.text
    told = words(card.blocks)
    assert f"STOP. 118 V, L1 to ground, {found_at:%H:%M}" in told
    assert ("nothing is proved" in told) is (since[-1] == NO_METER)
    assert await stop_is_known(office) == "yes"


async def test_a_doubt_stands_too_and_tells_no_volts(office: PostOffice) -> None:
    desk = office.desk
    await site.locked(desk, site.TWO_LOCKS)
    await desk.press("in-doubt", TECH)
    await site.measure(desk)

    card = await card_of(office)

    assert "measure-anew" in pressed(card)
    assert "STOP. Do not touch." in words(card.blocks)


@pytest.mark.parametrize("way", ["proved", "locked out anew"])
async def test_what_ends_a_stop(office: PostOffice, way: str) -> None:
    desk = office.desk
    await site.locked(desk, site.TWO_LOCKS)
    await site.measure(desk, l1_l2="118")
    if way == "proved":
        await site.measure(desk)
        await site.measure(desk)
        await desk.stands("open-cabinet")
    else:
        await desk.press("other-source", TECH)
        await site.lock_out(desk, site.TWO_LOCKS)
        await site.measure(desk)
        assert "measure" in pressed(await card_of(office))

    assert "STOP" not in words((await card_of(office)).blocks)
    assert await stop_is_known(office) == "no"

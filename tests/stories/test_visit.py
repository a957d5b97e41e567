"""Support sends a technician: who is asked, what they are told and nobody else, and what they may say to it."""

from datetime import timedelta

import pytest

from bot.demo.slack.workspace import User
from tests.stories.direct import Direct, in_channel
from tests.stories.test_remote_path import called, undelivered
from tests.world import OTHER_SUPPORT, SUPPORT, TECHNICIAN, THE_GROUP, THE_LEAD, World

ACCESS = "Ask the garage desk for the level B gate"


async def needed(world: World) -> None:
    """Nothing remote helped: a visit is needed, and Support 1 has it."""
    await undelivered(world)
    await called(world)


async def asked(world: World) -> Direct:
    """Tech 1 was asked for the visit at 03:29."""
    await needed(world)
    await world.press(SUPPORT, "Choose technician")
    await world.fill(SUPPORT, technician=TECHNICIAN)
    return Direct(world, TECHNICIAN)


async def accepted(world: World) -> Direct:
    """Tech 1 has accepted it."""
    tech = await asked(world)
    await tech.press("Accept")
    return tech


# Being asked


async def test_the_technician_is_rung_by_a_direct_message_with_all_they_need(world: World) -> None:
    tech = await asked(world)

    assert tech.rung() == ["CT4G-20117 Pier 9: a visit for you."]
    assert tech.state() == "A visit for you. Can you go?"
    for told in (
        "No contact since 02:58",
        "Restart: not delivered 03:29",
        "Others nearby: 0 of 6 down",
        "Carrier of its SIM: T-Mobile",
        "ChargePoint Support: SIM active yes, data cap exceeded no, carrier issue no, defective no",
        "Address: Pier 9, parking garage, level B",
        f"Access: {ACCESS}",
        "Panel: P2, behind the lift · circuits feeding it: 2",
        "trust the panel, not this line",
        "SIM loose after vibration (earthquakes, heavy trucks)",
        "antenna cable snagged during other work",
        "Wi-Fi changed at the site (Gen 2)",
        'Phillips #2; nano-SIM ejection tool; SMA torque wrench 5/16" (8 mm), 0.56 Nm; multimeter CAT II 300 V',
        "*PPE:* safety glasses.",
        "your employer's lock-out rules apply",
    ):
        assert told in tech.shown(), told
    assert tech.buttons() == ["Accept", "I come at...", "Cannot", "(Add note)", "(Call for help)"]


async def test_the_card_says_who_was_asked_and_until_when(world: World) -> None:
    await asked(world)

    assert world.state() == f"No contact since 02:58 · @{TECHNICIAN} was asked for a visit"
    assert "Not accepted by 03:44: you are called to choose somebody else." in world.shown()
    assert world.thread()[-1] == "Support 1: Asked Tech 1 for a visit."
    assert "Another technician" in world.buttons()
    assert "Choose technician" not in world.buttons()
    assert "Accept" not in world.buttons(), "that is the technician's to say"


async def test_how_to_get_in_is_told_to_the_technician_alone(world: World) -> None:
    tech = await accepted(world)
    await tech.press("Add note")
    await world.fill(TECHNICIAN, note="On my way")
    await world.log_and_close(SUPPORT)

    assert ACCESS not in in_channel(world)
    assert "Access" not in in_channel(world)
    assert ACCESS not in tech.card().text, "nor on the screen of a locked phone"


@pytest.mark.parametrize("who", [SUPPORT, THE_LEAD, "U0RELINK", "U0GUEST"])
async def test_who_is_no_technician_is_refused_on_the_field(world: World, who: str) -> None:
    workspace = world.town.slack.workspace
    workspace.users["U0GUEST"] = User("U0GUEST", "Guest", workspace.team_id, is_restricted=True)
    workspace.groups["S0TECH"].members.append("U0GUEST")
    await needed(world)
    await world.press(SUPPORT, "Choose technician")

    await world.fill(SUPPORT, technician=who)

    assert world.wrong(SUPPORT) == {
        "technician": "This person is no technician right now. TECHNICIAN_GROUP says who is."
    }
    assert world.town.slack.im(who) is None or Direct(world, who).all() == []
    await world.fill(SUPPORT, technician=TECHNICIAN)
    assert "was asked for a visit" in world.state()


# Saying yes


async def test_accepted_is_on_the_card_and_rings_nobody(world: World) -> None:
    tech = await asked(world)
    before = len(world.rung())

    await tech.press("Accept")

    assert world.state() == f"No contact since 02:58 · @{TECHNICIAN} has accepted the visit"
    assert world.thread()[-1] == "Tech 1: Accepts the visit."
    assert f"Owner: @{SUPPORT}" in world.shown(), "a technician has the visit, not the incident"
    assert tech.state() == "Your visit, accepted"
    assert tech.buttons()[:2] == ["I come at...", "Cannot"]
    await world.later(hours=5)
    assert world.rung()[before:] == [], "neither at minute 15 nor in the morning"


async def test_a_time_is_on_both_cards(world: World) -> None:
    tech = await asked(world)

    await tech.press("I come at...")
    await world.fill(TECHNICIAN, at=int((world.clock.now() + timedelta(hours=5, minutes=31)).timestamp()))

    assert world.state() == f"No contact since 02:58 · @{TECHNICIAN} comes 09:00"
    assert world.thread()[-1] == "Tech 1: Comes 09:00."
    assert tech.state() == "Your visit, 09:00"
    assert len(tech.all()) == 1, "one message, edited in place"
    before = len(world.rung())
    await world.later(minutes=20)
    assert world.rung()[before:] == [], "a time is a yes"


async def test_the_time_can_be_changed(world: World) -> None:
    tech = await accepted(world)
    for hours in (2, 3):
        await tech.press("I come at...")
        await world.fill(TECHNICIAN, at=int((world.clock.now() + timedelta(hours=hours)).timestamp()))

    assert tech.state() == "Your visit, 06:29"


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [(-1, "This is over. When will you come?"), (61 * 24, "This is more than 60 days ahead.")],
)
async def test_a_time_that_cannot_be_is_refused_on_its_field(world: World, hours: int, sentence: str) -> None:
    tech = await asked(world)
    await tech.press("I come at...")

    await world.fill(TECHNICIAN, at=int((world.clock.now() + timedelta(hours=hours)).timestamp()))

    assert world.wrong(TECHNICIAN) == {"at": sentence}
    assert tech.state() == "A visit for you. Can you go?"


# Saying no, or nothing


async def test_cannot_calls_the_owner_with_the_reason_and_the_visit_is_free_again(world: World) -> None:
    tech = await asked(world)
    before = len(world.rung())
    await tech.press("Cannot")
    await world.fill(TECHNICIAN, reason="Van is at the garage")

    assert world.rung()[before:] == [("03:29", SUPPORT)]
    assert world.thread()[-1] == (
        f"@{SUPPORT} CT4G-20117, Pier 9: Tech 1 cannot go (Van is at the garage). Who goes?"
    )
    assert "visit needed" in world.state()
    assert "Choose technician" in world.buttons()
    assert tech.state() == "Not your visit any more"
    assert tech.buttons() == []
    assert tech.lines() == [], "who said it need not be told"


async def test_cannot_after_yes_is_possible_too(world: World) -> None:
    tech = await accepted(world)

    await tech.press("Cannot")
    await world.fill(TECHNICIAN, reason="Sick")

    assert "Tech 1 cannot go (Sick). Who goes?" in world.pushed(SUPPORT)[-1]


async def test_cannot_of_an_incident_that_is_nobodys_calls_the_group_and_then_the_leads(world: World) -> None:
    tech = await asked(world)
    await world.type(SUPPORT, "/charger release")
    before = len(world.rung())

    await tech.press("Cannot")
    await world.fill(TECHNICIAN, reason="Sick")
    assert world.thread()[-1].startswith(f"@{THE_GROUP} ")
    await world.later(minutes=10)

    assert [who for _, who in world.rung()[before:]] == [SUPPORT, OTHER_SUPPORT, THE_LEAD]


async def test_not_accepted_within_15_minutes_goes_back_to_support(world: World) -> None:
    tech = await asked(world)
    before = len(world.rung())

    await world.until("03:43")
    assert world.rung()[before:] == []
    await world.until("03:44")

    assert sorted(world.rung()[before:]) == [("03:44", SUPPORT), ("03:44", TECHNICIAN)]
    assert "nobody accepted the visit within 15 min. Who goes?" in world.pushed(SUPPORT)[-1]
    assert tech.lines() == [
        f"@{TECHNICIAN} CT4G-20117, Pier 9: the visit is not yours any more. Do not drive for it."
    ]
    assert tech.state() == "Not your visit any more"
    assert "visit needed" in world.state()

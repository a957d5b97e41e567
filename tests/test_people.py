"""Who may do what, from what Slack says about somebody."""

import pytest

from bot.errors import NotAllowed
from bot.people import Membership, Person, RoleTable
from bot.runbook.model import Role

HOME = "T0HOME"
TABLE = RoleTable(support=("S0SUPPORT", "U0NAMED"), technician=("S0TECH", "U0GUEST"), lead=("S0LEAD",))


def member(user_id: str = "U0ONE", *groups: str, **changes: object) -> Membership:
    """Somebody of the home workspace."""
    given: dict[str, object] = {"team_id": HOME, "guest": False, "deleted": False, "name": "One"}
    return Membership(user_id=user_id, groups=frozenset(groups), **(given | changes))  # type: ignore[arg-type]  # plain keywords


@pytest.mark.parametrize(
    ("who", "roles"),
    [
        (member(), set()),
        (member("U0ONE", "S0SUPPORT"), {Role.SUPPORT}),
        (member("U0ONE", "S0TECH"), {Role.TECHNICIAN}),
        (member("U0ONE", "S0LEAD"), {Role.LEAD}),
        (member("U0NAMED"), {Role.SUPPORT}),
        (member("U0NAMED", "S0TECH", "S0LEAD"), {Role.SUPPORT, Role.TECHNICIAN, Role.LEAD}),
        (member("U0ONE", "S0OTHER"), set()),
    ],
)
def test_roles_add_up_from_groups_and_ids(who: Membership, roles: set[Role]) -> None:
    assert TABLE.roles(who, HOME) == roles


@pytest.mark.parametrize("groups", [(), ("S0SUPPORT", "S0TECH", "S0LEAD")])
def test_a_guest_is_a_technician_only_and_only_if_named_by_id(groups: tuple[str, ...]) -> None:
    assert TABLE.roles(member("U0GUEST", *groups, guest=True), HOME) == {Role.TECHNICIAN}
    assert TABLE.roles(member("U0OTHER", *groups, guest=True), HOME) == set()
    assert TABLE.roles(member("U0NAMED", *groups, guest=True), HOME) == set()


def test_a_guest_acts_nowhere_but_on_their_own_visit() -> None:
    with pytest.raises(NotAllowed, match="own visits"):
        Person("U0GUEST", frozenset({Role.TECHNICIAN}), guest=True).must_not_be_a_guest()
    Person("U0ONE", frozenset({Role.TECHNICIAN})).must_not_be_a_guest()


@pytest.mark.parametrize("changes", [{"team_id": "T0ELSEWHERE"}, {"deleted": True}])
def test_strangers_and_the_deleted_have_no_role_whatever_groups_say(changes: dict[str, object]) -> None:
    assert TABLE.roles(member("U0NAMED", "S0SUPPORT", "S0LEAD", **changes), HOME) == set()
    assert TABLE.roles(member("U0GUEST", "S0TECH", guest=True, **changes), HOME) == set()


def test_an_empty_technician_group_means_nobody() -> None:
    table = RoleTable(support=("S0SUPPORT",), technician=(), lead=())
    assert Role.TECHNICIAN not in table.roles(member("U0ONE", "S0SUPPORT", "S0TECH"), HOME)


def test_only_groups_are_asked_about_and_each_once() -> None:
    table = RoleTable(support=("S0ONE", "U0ONE", "W0TWO"), technician=("S0TWO",), lead=("S0ONE",))
    assert table.groups() == {"S0ONE", "S0TWO"}


@pytest.mark.parametrize(
    ("roles", "allowed"),
    [
        ({Role.SUPPORT}, True),
        ({Role.LEAD}, True),
        ({Role.LEAD, Role.TECHNICIAN}, True),
        ({Role.TECHNICIAN}, False),
        (set(), False),
    ],
)
def test_support_and_leads_own_incidents_and_nobody_else(roles: set[Role], allowed: bool) -> None:
    person = Person("U0ONE", frozenset(roles))
    assert person.may_own is allowed
    if allowed:
        person.must_own()
    else:
        with pytest.raises(NotAllowed):
            person.must_own()

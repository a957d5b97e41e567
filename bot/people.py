"""Who may do what. Roles are looked up at the click, never when the card was posted, and add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.errors import NotAllowed
from bot.runbook.model import Role

SUPPORT_DESK = frozenset({Role.SUPPORT, Role.LEAD})
"""Who may own an incident, take it, note on it and be told about it: a lead may do what support may."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in Slack and the roles they have right now. No roles: may look, may do nothing."""

    user_id: str
    roles: frozenset[Role]
    name: str = ""
    """What they are called in Slack; from outside."""
    guest: bool = False
    """They act on visits of their own only, and nowhere else."""

    @property
    def may_own(self) -> bool:
        """May this person own an incident (support or lead)?"""
        return bool(self.roles & SUPPORT_DESK)

    def must_not_be_a_guest(self) -> None:
        """Raise NotAllowed for a guest, where it is not their visit; one who may do nothing at all is told that."""
        if self.guest and self.roles:
            raise NotAllowed("As a guest you act on your own visits only.")

    def must_own(self) -> None:
        """Raise NotAllowed unless this person belongs to the support desk."""
        if not self.may_own:
            raise NotAllowed("Only support may do this. Ask whoever is on call.")


RELINK = Person("relink", frozenset())
"""The actor of everything nobody clicked."""


@dataclass(frozen=True, slots=True)
class Membership:
    """What Slack says about a user: `groups` are the user groups they are in."""

    user_id: str
    team_id: str
    guest: bool
    deleted: bool
    name: str
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class RoleTable:
    """Which Slack user groups (S...) and users (U..., W...) have which role."""

    support: tuple[str, ...]
    technician: tuple[str, ...]
    lead: tuple[str, ...]

    def roles(self, member: Membership, home_team: str) -> frozenset[Role]:
        """The roles of this member. Other workspaces: none. Guests: technician only, and only if named by id."""
        if member.deleted or member.team_id != home_team:
            return frozenset()
        if member.guest:
            return frozenset({Role.TECHNICIAN}) if member.user_id in self.technician else frozenset()
        claims = {member.user_id, *member.groups}
        table = {Role.SUPPORT: self.support, Role.TECHNICIAN: self.technician, Role.LEAD: self.lead}
        return frozenset(role for role, names in table.items() if claims & set(names))

    def groups(self) -> frozenset[str]:
        """All user groups that matter."""
        return frozenset(
            name for name in (*self.support, *self.technician, *self.lead) if name.startswith("S")
        )


class Directory(Protocol):
    """Knows people. Answers from memory where it can; Slack is asked at most once a minute for a group."""

    async def person(self, user_id: str, team_id: str) -> Person:
        """This user with the roles of this moment. Raises Refused when Slack cannot say who they are."""
        ...

    async def member(self, user_id: str) -> Membership | None:
        """What Slack says about a user of this workspace, their groups left out; None while it does not say."""
        ...

    async def people(self, names: Sequence[str]) -> frozenset[str]:
        """The user ids behind these user groups and user ids. Raises Refused when Slack cannot say."""
        ...

"""The modals that are open and the Home tabs that were published."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from bot.demo.slack.api_error import ApiError
from bot.demo.slack.changes import Changes
from bot.demo.slack.workspace import Json, Workspace
from bot.messages import limits


@dataclass
class View:
    """One view one person sees. `body` is what the app sent, with a block id on every block."""

    id: str
    user: str
    body: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    """Sentences beside the fields, by block id; under "" what concerns the whole view."""


class ViewBook:
    """Stacks of modals and Home tabs, by person."""

    def __init__(
        self,
        workspace: Workspace,
        changes: Changes,
        keep_blocks: Callable[[list[Json]], list[Json]],
    ) -> None:
        self._workspace = workspace
        self._changes = changes
        self._keep_blocks = keep_blocks
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}
        self._ids = count(1)
        self._hashes = count(1)

    def open(self, user: str, body: Json) -> View:
        """A new modal in front of this user, in the place of whatever was open."""
        self._stacks[user] = []
        return self.push(user, body)

    def push(self, user: str, body: Json) -> View:
        """One more view above the open one; raises ApiError above three."""
        stack = self._stacks.setdefault(user, [])
        if len(stack) >= limits.VIEW_STACK:
            raise ApiError("push_limit_reached")
        id_ = f"V{next(self._ids):05d}"
        view = View(id_, user, {}, "", stack[0].id if stack else id_, stack[-1].id if stack else None)
        stack.append(view)
        self.update(view, body)
        return view

    def update(self, view: View, body: Json) -> None:
        """New content for a view that stands; errors beside its fields are gone."""
        view.body = {**body, "blocks": self._keep_blocks(body["blocks"])}
        view.hash = f"h{next(self._hashes):06d}"
        view.errors = {}
        self._changes.note()

    def publish(self, user: str, body: Json) -> View:
        """The Home tab of this user, whole."""
        view = self._homes.get(user)
        if view is None:
            id_ = f"V{next(self._ids):05d}"
            view = self._homes[user] = View(id_, user, {}, "", id_)
        self.update(view, body)
        return view

    def show_errors(self, view: View, errors: dict[str, str]) -> None:
        """Show sentences beside the fields of a modal."""
        view.errors = dict(errors)
        self._changes.note()

    def close(self, view: View) -> None:
        """Take this view and what stands above it away."""
        stack = self._stacks.get(view.user, [])
        del stack[stack.index(view) :]
        self._changes.note()

    def clear(self, user: str) -> None:
        """Close every modal of this user."""
        self._stacks[user] = []
        self._changes.note()

    def top(self, user: str) -> View | None:
        """The modal this user looks at."""
        stack = self._stacks.get(user)
        return stack[-1] if stack else None

    def home(self, user: str) -> View | None:
        """The Home tab of this user, once published."""
        return self._homes.get(user)

    def find(self, id_: str | None = None, external_id: str | None = None) -> View | None:
        """A view that still stands, by one of its ids."""
        standing = [*self._homes.values(), *(view for stack in self._stacks.values() for view in stack)]
        for view in standing:
            if view.id == id_ or (external_id and view.body.get("external_id") == external_id):
                return view
        return None

    def wire(self, view: View, state: Json | None = None) -> Json:
        """The view as Slack's API and payloads show it; `state` is what the fields hold."""
        workspace = self._workspace
        defaults: Json = {"title": None, "submit": None, "close": None, "callback_id": "", "external_id": ""}
        defaults |= {"private_metadata": "", "clear_on_close": False, "notify_on_close": False}
        return {
            **defaults,
            **view.body,
            "id": view.id,
            "team_id": workspace.team_id,
            "app_id": workspace.app_id,
            "bot_id": workspace.bot_id,
            "app_installed_team_id": workspace.team_id,
            "hash": view.hash,
            "root_view_id": view.root_id,
            "previous_view_id": view.previous_id,
            "state": {"values": state or {}},
        }

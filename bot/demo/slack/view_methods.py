"""views.*: modals and the Home tab."""

from bot.demo.slack.api_error import ApiError
from bot.demo.slack.content import read_view
from bot.demo.slack.method import Arguments, Method
from bot.demo.slack.view_book import View
from bot.demo.slack.workspace import Json
from bot.demo.slack.world import World


def _unique(world: World, body: Json, besides: View | None = None) -> None:
    """An external id belongs to one view only."""
    other = world.views.find(external_id=body.get("external_id"))
    if other is not None and other is not besides:
        raise ApiError("duplicate_external_id")


def _unchanged(view: View | None, arguments: Arguments) -> None:
    """If the app says which state it saw last, it is still so."""
    seen = arguments.maybe("hash")
    if view is not None and seen is not None and seen != view.hash:
        raise ApiError("hash_conflict")


def open_view(world: World, arguments: Arguments) -> Json:
    """A modal in front of the person whose trigger id this is."""
    body = read_view(arguments.values["view"], "modal")
    _unique(world, body)
    user = world.triggers.use(arguments.text("trigger_id"))
    return {"ok": True, "view": world.views.wire(world.views.open(user, body))}


def update_view(world: World, arguments: Arguments) -> Json:
    """New content for a view that is still there."""
    view = world.views.find(arguments.maybe("view_id"), arguments.maybe("external_id"))
    if view is None:
        raise ApiError("not_found")
    body = read_view(arguments.values["view"], view.body["type"])
    _unique(world, body, view)
    _unchanged(view, arguments)
    world.views.update(view, body)
    return {"ok": True, "view": world.views.wire(view)}


def publish_view(world: World, arguments: Arguments) -> Json:
    """The Home tab of one person, whole."""
    user = world.workspace.users.get(arguments.text("user_id"))
    if user is None or user.is_bot or user.deleted:
        raise ApiError("user_not_found")
    body = read_view(arguments.values["view"], "home")
    standing = world.views.home(user.id)
    _unique(world, body, standing)
    _unchanged(standing, arguments)
    return {"ok": True, "view": world.views.wire(world.views.publish(user.id, body))}


METHODS = {
    "views.open": Method(open_view, needs="trigger_id view"),
    "views.update": Method(update_view, needs="view", takes="view_id external_id hash"),
    "views.publish": Method(publish_view, needs="user_id view", takes="hash"),
}

"""auth.*, users.*, usergroups.*: who the app is and who the people are."""

from bot.demo.slack.api_error import ApiError
from bot.demo.slack.method import Arguments, Method
from bot.demo.slack.workspace import HOME_DOMAIN, Json, UserGroup
from bot.demo.slack.world import World


def auth_test(world: World, arguments: Arguments) -> Json:
    """Whose token this is."""
    workspace = world.workspace
    return {
        "ok": True,
        "url": f"https://{HOME_DOMAIN}/",
        "team": workspace.domain,
        "user": workspace.bot.username,
        "team_id": workspace.team_id,
        "user_id": workspace.bot_user_id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def api_test(world: World, arguments: Arguments) -> Json:
    """Whether anybody answers; gives the arguments back."""
    return {"ok": True, "args": arguments.values}


def user_info(world: World, arguments: Arguments) -> Json:
    """One person."""
    user = world.workspace.users.get(arguments.text("user"))
    if user is None:
        raise ApiError("user_not_found")
    stranger = user.team_id != world.workspace.team_id
    return {
        "ok": True,
        "user": {
            "id": user.id,
            "team_id": user.team_id,
            "name": user.username,
            "real_name": user.name,
            "deleted": user.deleted,
            "is_bot": user.is_bot,
            "is_restricted": user.is_restricted,
            "is_ultra_restricted": user.is_ultra_restricted,
            "is_stranger": stranger,
            "profile": {"real_name": user.name, "display_name": user.name, "team": user.team_id},
        },
    }


def _group(world: World, group: UserGroup, *, with_users: bool) -> Json:
    body: Json = {
        "id": group.id,
        "team_id": world.workspace.team_id,
        "is_usergroup": True,
        "name": group.handle,
        "handle": group.handle,
        "date_delete": 1 if group.disabled else 0,
        "user_count": len(group.members),
    }
    return body | ({"users": list(group.members)} if with_users else {})


def list_groups(world: World, arguments: Arguments) -> Json:
    """The user groups."""
    with_users, with_disabled = arguments.flag("include_users"), arguments.flag("include_disabled")
    groups = [each for each in world.workspace.groups.values() if with_disabled or not each.disabled]
    return {"ok": True, "usergroups": [_group(world, each, with_users=with_users) for each in groups]}


def list_group_users(world: World, arguments: Arguments) -> Json:
    """The ids of one group's people."""
    group = world.workspace.groups.get(arguments.text("usergroup"))
    if group is None or (group.disabled and not arguments.flag("include_disabled")):
        raise ApiError("no_such_subteam")
    return {"ok": True, "users": list(group.members)}


METHODS = {
    "auth.test": Method(auth_test),
    "api.test": Method(api_test, takes="error foo"),
    "users.info": Method(user_info, "users:read", needs="user", takes="include_locale"),
    "usergroups.list": Method(
        list_groups, "usergroups:read", takes="include_users include_disabled include_count"
    ),
    "usergroups.users.list": Method(
        list_group_users, "usergroups:read", needs="usergroup", takes="include_disabled"
    ),
}

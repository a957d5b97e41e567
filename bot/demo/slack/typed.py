"""What a person's client makes of typed text before it is sent."""

import re

from bot.demo.slack.workspace import Workspace


def as_sent(workspace: Workspace, text: str, *, labelled: bool = False) -> str:
    """Escape `&`, `<`, `>` and turn "@Name" and "@group" into mentions, as the composer does.

    `labelled` adds the name behind the id, as in slash commands: `<@U1|support.1>`.
    """
    names = {
        f"@{user.name}".lower(): (f"@{user.id}", user.username)
        for user in workspace.users.values()
        if not user.deleted
    }
    names |= {
        f"@{group.handle}".lower(): (f"!subteam^{group.id}", f"@{group.handle}")
        for group in workspace.groups.values()
        if not group.disabled
    }
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    longest_first = sorted(names, key=len, reverse=True)
    pattern = "|".join(re.escape(name) for name in longest_first)

    def mention(found: re.Match[str]) -> str:
        id_, label = names[found.group().lower()]
        return f"<{id_}|{label}>" if labelled else f"<{id_}>"

    return re.sub(rf"(?:{pattern})(?!\w)", mention, escaped, flags=re.IGNORECASE)

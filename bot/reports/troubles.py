"""What stands between Relink and Slack, for those who watch it."""

from typing import Any

from sqlalchemy.orm import Session

from db import troubles
from db.troubles import SLACK


def of_slack(session: Session) -> dict[str, Any]:
    """For the word about Slack: why it is down and since when, lost channels, missing rights.

    Empty if all is well. Times are the procedure's.
    """
    standing = {each.key: each for each in troubles.standing(session)}
    found: dict[str, Any] = {}
    whole = standing.pop(SLACK, None)
    if whole is not None:
        found |= {"state": "down", "reason": whole.reason, "since": whole.since.isoformat()}
    lost = {each.channel: each.reason for each in standing.values() if each.channel}
    missing = [each.key.partition(":")[2] for each in standing.values() if not each.channel]
    return (
        found | ({"lost_channels": lost} if lost else {}) | ({"missing_scopes": missing} if missing else {})
    )

"""Whether Slack tells us what happens: what Relink posts in a channel comes back to it as an event.

Only so a connection shows that it is deaf though it stands and answers pings. Spans are of the machine's monotonic
clock, in seconds.
"""

import time
from collections import deque
from collections.abc import Callable

ECHO_SECONDS = 10.0
"""An echo takes a second or two. What nobody answers Slack sends again after three."""

ECHO_SECONDS_OF_MANY = 40.0
"""With several processes an echo comes to any of them, and they tell each other every 15 seconds."""

FORGOTTEN = 120.0
"""An echo that came neither at once nor again by now does not come; newer ones say more."""

MOST = 200
"""So many posts are remembered, and so many echoes that were quicker than the answer to their post."""

CHANNELS = ("C", "G")
"""How the ids of channels begin; what is said in direct messages is not subscribed to."""


class Echoes:
    """What was posted and has not come back yet."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._waiting: dict[tuple[str, str], float] = {}
        self._early: deque[tuple[str, str]] = deque(maxlen=MOST)
        self._swallowed = 0.0
        self._elsewhere: str | None = None
        self.newest = ""
        """The ts of the newest own message that came back to this process."""
        self.expected = False
        """Whether any echo ever came: an app made from an old manifest hears none."""

    def posted(self, channel: str, ts: str) -> None:
        """Slack has taken a new message of ours."""
        key = (channel, ts)
        if not channel.startswith(CHANNELS) or key in self._early:
            return
        self._waiting[key] = self.seconds()
        if len(self._waiting) > MOST:
            del self._waiting[next(iter(self._waiting))]

    def heard(self, channel: str, ts: str, *, again: bool = False) -> None:
        """A message of ours came as an event. `again`: Slack had sent it before, and nobody answered."""
        key = (channel, ts)
        self.expected = True
        self.newest = max(self.newest, ts)
        self._early.append(key)
        since = self._waiting.pop(key, None)
        if since is not None and again:
            # It came this time. Where it went first, it was swallowed.
            self._swallowed = max(self._swallowed, since)
        old = self.seconds() - FORGOTTEN
        self._waiting = {
            key: since for key, since in self._waiting.items() if since > old or key[1] > self.newest
        }

    def told(self, elsewhere: str | None) -> None:
        """The newest that came back to other processes of Relink; None if there is none beside this one."""
        self._elsewhere = elsewhere
        if elsewhere:
            self.expected = True
            self._waiting = {key: since for key, since in self._waiting.items() if key[1] > elsewhere}

    def proven(self, opened_at: float) -> None:
        """A connection opened then brought something: what was posted before went to one that is gone."""
        self._waiting = {key: since for key, since in self._waiting.items() if since > opened_at}

    def missed(self) -> float:
        """When the newest message was posted that should have come back by now and did not; 0 if none."""
        if not self.expected:
            return 0.0
        due = self.seconds() - self._patience
        return max([since for since in self._waiting.values() if since <= due] + [self._swallowed])

    def silent(self) -> float:
        """For how many seconds nothing has come back that should have; 0 if all is well or not known."""
        if not self.expected:
            return 0.0
        waiting = [since for (_, ts), since in self._waiting.items() if ts > self.newest]
        silent = self.seconds() - min(waiting) if waiting else 0.0
        return silent if silent > self._patience else 0.0

    @property
    def _patience(self) -> float:
        return ECHO_SECONDS if self._elsewhere is None else ECHO_SECONDS_OF_MANY

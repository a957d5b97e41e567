"""Who may call the Web API, with which scope, how often."""

import hmac
import math
from collections import deque
from collections.abc import Callable, Mapping

from bot.demo.slack.api_error import ApiError, RateLimitError
from bot.demo.slack.method import Arguments, Method
from bot.demo.slack.world import World
from bot.messages import limits

MINUTE = 60.0


def _too_fast(seconds: float) -> RateLimitError:
    return RateLimitError(max(1, math.ceil(seconds)))


class Pace:
    """Slack's rate limits, by real time: a tier for each method, and one post a second in each channel."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._calls: dict[str, deque[float]] = {}
        self._posts: dict[str, tuple[float, float]] = {}

    def take(self, method: str, channel: str | None) -> None:
        """Count one call; raises RateLimitError, and counts nothing, when it is one too many."""
        now = self._clock()
        tier = limits.METHOD_TIERS.get(method)
        most = limits.SPECIAL_PER_MINUTE if tier is None else limits.TIER_PER_MINUTE[tier]
        calls = self._calls.setdefault(method, deque())
        while calls and now - calls[0] >= MINUTE:
            calls.popleft()
        if len(calls) >= most:
            raise _too_fast(calls[0] + MINUTE - now)
        if method == "chat.postMessage" and channel is not None:
            self._take_post(channel, now)
        calls.append(now)

    def _take_post(self, channel: str, now: float) -> None:
        """A bucket of a few posts that fills again at one a second."""
        left, since = self._posts.get(channel, (float(limits.POST_BURST), now))
        left = min(float(limits.POST_BURST), left + (now - since) * limits.POSTS_PER_SECOND)
        if left < 1:
            raise _too_fast((1 - left) / limits.POSTS_PER_SECOND)
        self._posts[channel] = (left - 1, now)


class Gate:
    """Stands before every method: token, pace, scope, arguments."""

    def __init__(self, world: World, tokens: Mapping[str, str], pace: Pace | None) -> None:
        """`tokens` holds the app's tokens under the names that `Method.caller` uses."""
        self._world = world
        self._tokens = tokens
        self._pace = pace

    def check(self, name: str, method: Method, token: str | None, arguments: Arguments) -> None:
        """Let the call through, or raise ApiError."""
        if name != "api.test":
            self._check_token(token, method.caller)
        if self._pace is not None:
            self._pace.take(name, arguments.maybe("channel"))
        self._check_scope(method, arguments)
        method.check(arguments)

    def _check_token(self, token: str | None, wanted: str) -> None:
        if token is None:
            raise ApiError("not_authed")
        callers = [
            caller
            for caller, known in self._tokens.items()
            if hmac.compare_digest(token.encode(), known.encode())
        ]
        if not callers:
            raise ApiError("invalid_auth")
        if wanted not in callers:
            raise ApiError("not_allowed_token_type")

    def _check_scope(self, method: Method, arguments: Arguments) -> None:
        needed = method.scope
        if "{kind}" in needed:
            channel = self._world.workspace.channels.get(arguments.maybe("channel") or "")
            needed = needed.format(kind=channel.scope_kind if channel else "channels")
        if needed and needed not in self._world.scopes:
            provided = ",".join(sorted(self._world.scopes))
            raise ApiError("missing_scope", needed=needed, provided=provided)

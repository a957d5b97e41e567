"""The one web server: `/slack/events`, `/alerts`, `/healthz`, `/readyz`, `/metrics`."""

import asyncio
import hmac
import ipaddress
import time
from typing import Any, cast

import structlog
from aiohttp import web
from pydantic import SecretStr

from bot.deps import Deps
from bot.errors import Busy
from bot.metrics import Metrics, Pulse
from bot.reports import health, troubles
from handlers import alerts
from handlers.bodies import LARGEST_BODY
from handlers.doorman import Doorman, Patience
from handlers.gate import Handler
from handlers.problems import NotServed

PROOF_SECONDS = 1.0
"""How long the last trial of the database counts, so that asking often costs nothing."""

TRIAL_SECONDS = 3
"""How long a trial of the database may take before the answer is no."""

IDLE_SECONDS = 75
"""How long a connection may be silent between requests; longer than a proxy keeps one, which would lose a request."""

DRAIN_SECONDS = 5
"""How long running requests may take when the server stops."""

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")

log = structlog.get_logger(__name__)


def web_app(deps: Deps, slack_handler: Handler | None) -> web.Application:
    """The web application; `slack_handler` is None where Slack talks over Socket Mode."""
    app = web.Application(client_max_size=LARGEST_BODY)
    app.on_response_prepare.append(_say_nothing_of_us)
    routes = [
        *alerts.routes(deps),
        web.get("/healthz", _alive),
        web.get("/readyz", _readiness(deps)),
        web.get("/metrics", _metrics(deps)),
    ]
    if slack_handler is not None:
        routes.append(web.post("/slack/events", slack_handler))
    app.add_routes(routes)
    app.add_routes([web.route("*", route.path, _wrong_method(route.method)) for route in routes])
    app.add_routes([web.route("*", "/{path:.*}", _unknown)])
    return app


async def start(
    app: web.Application, host: str, port: int, *, patience: Patience | None = None
) -> tuple[web.AppRunner, int]:
    """Serve `app` and return its runner and the port it got; `port` 0 takes a free one.

    Raises OSError if the address cannot be used. `await runner.cleanup()` stops it and lets requests finish.
    """
    doorman = Doorman(patience or Patience())
    app.middlewares.insert(0, doorman.attend)
    app.on_shutdown.append(doorman.close)
    runner = web.AppRunner(
        app,
        access_log=None,
        auto_decompress=False,
        keepalive_timeout=IDLE_SECONDS,
        shutdown_timeout=DRAIN_SECONDS,
    )
    await runner.setup()
    try:
        # There is a server once it is set up.
        return runner, await doorman.open(cast(web.Server, runner.server), host, port)
    except OSError:
        await runner.cleanup()
        raise


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="ok")


def _readiness(deps: Deps) -> Handler:
    trial = _Trial(deps)

    async def answer(_request: web.Request) -> web.Response:
        commits = await trial.passes()
        vitals = await _vitals(deps)
        found = {
            "database": _in_words(commits),
            "slack": _slack(deps.metrics) | await _troubles(deps),
            "portal": _pulse(deps.metrics.portal) | {"unread_seconds": round(deps.metrics.portal.failing, 1)},
            "timers_late_seconds": round(vitals.timers_late, 1) if vitals else None,
            "outbox_oldest_seconds": round(vitals.outbox_oldest, 1) if vitals else None,
            "clock_off_seconds": round(deps.metrics.clock_off, 1),
            "down": deps.metrics.down,
            "troubles": list(deps.metrics.troubles),
        }
        return web.json_response(found, status=200 if commits else 503)

    return answer


class _Trial:
    """Whether anything can be committed. Those who ask at the same time share one trial."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._one_at_a_time = asyncio.Lock()
        self._passed = False
        self._good_until = 0.0

    async def passes(self) -> bool:
        """The outcome of a trial not older than PROOF_SECONDS."""
        async with self._one_at_a_time:
            if time.monotonic() >= self._good_until:
                self._passed = await self._try()
                self._good_until = time.monotonic() + PROOF_SECONDS
            return self._passed

    async def _try(self) -> bool:
        try:
            async with asyncio.timeout(TRIAL_SECONDS):
                await self._deps.db.write(health.try_commit, self._deps.real.now())
        except (Busy, TimeoutError) as trouble:
            log.warning("database.cannot_commit", trouble=str(trouble) or "no answer")
            return False
        return True


async def _vitals(deps: Deps) -> health.Vitals | None:
    try:
        async with asyncio.timeout(TRIAL_SECONDS):
            return await deps.db.read(health.vitals, deps.clock.now())
    except (Busy, TimeoutError):
        return None


async def _troubles(deps: Deps) -> dict[str, Any]:
    """What is known to stand between us and Slack; the database may not say."""
    try:
        async with asyncio.timeout(TRIAL_SECONDS):
            return await deps.db.read(troubles.of_slack)
    except (Busy, TimeoutError):
        return {}


def _metrics(deps: Deps) -> Handler:
    token = deps.settings.metrics_token

    async def answer(request: web.Request) -> web.Response:
        try:
            _may_read_metrics(request, token)
        except NotServed as refused:
            return refused.as_problem()
        vitals = await _vitals(deps)
        if vitals is not None:
            deps.metrics.incidents_open.set(vitals.incidents_open)
            deps.metrics.outbox_oldest.set(vitals.outbox_oldest)
        headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        return web.Response(body=deps.metrics.text(), headers=headers)

    return answer


def _may_read_metrics(request: web.Request, token: SecretStr | None) -> None:
    """Raise NotServed unless the request has the token or, where there is none, comes from this machine."""
    if token is not None:
        wanted = f"Bearer {token.get_secret_value()}".encode()
        given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
        if not hmac.compare_digest(wanted, given):
            raise NotServed(401, "METRICS_TOKEN is needed.", headers={"WWW-Authenticate": "Bearer"})
        return
    # Behind a proxy on this machine everybody would seem to come from it.
    if any(name in request.headers for name in _FORWARDED) or not _is_loopback(request.remote):
        raise NotServed(403, "Only from this machine, unless METRICS_TOKEN is set.")


def _is_loopback(peer: str | None) -> bool:
    try:
        address = ipaddress.ip_address(peer or "")
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _wrong_method(allowed: str) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return NotServed(405, f"Use {allowed} here.", headers={"Allow": allowed}).as_problem()

    return answer


async def _unknown(_request: web.Request) -> web.Response:
    return NotServed(404, "There is nothing here.").as_problem()


async def _say_nothing_of_us(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.pop("Server", None)


def _slack(metrics: Metrics) -> dict[str, str | float | None]:
    """The last word about Slack; in Socket Mode also how many connections stand, and without one Slack is down."""
    found = _pulse(metrics.slack)
    if metrics.sockets is None:
        return found
    standing = metrics.sockets()
    silent = {"sockets": standing, "silent_seconds": round(metrics.sockets_silent(), 1)}
    return found | silent | ({} if standing else {"state": _in_words(False)})


def _pulse(pulse: Pulse) -> dict[str, str | float | None]:
    age = pulse.age
    return {"state": _in_words(pulse.ok), "age_seconds": None if age is None else round(age, 1)}


def _in_words(ok: bool | None) -> str:
    return "not known" if ok is None else "ok" if ok else "down"

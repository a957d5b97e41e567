"""One HTTP request to a portal and what came of it: where httpx ends and our own words begin.

No exception that leaves this module carries a request, a header or the token: all are raised `from None`.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from bot.errors import ConfigWrong, PortalDown, PortalRefused
from bot.portal.wire import Record, decode, unusable

LARGEST_BODY = 5_000_000
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
WORTH_A_REPEAT = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
NO_RIGHTS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Timings:
    """How long the portal is waited for, in seconds; ours, not the manual's."""

    connect: float = 3.0
    read: float = 8.0
    """One read with all its repeats."""
    whole_list: float = 20.0
    """All pages of one list; well within the lease of a look."""
    restart: float = 30.0
    """A gateway may hold the request until the station has answered."""
    margin: float = 3.0
    """What a command with a deadline may take on the way, beside connecting."""
    pauses: tuple[float, ...] = (0.3, 1.0)
    """Before each repeat of a read; so there are at most three tries."""
    longest_pause: float = 5.0
    """A portal that asks for more patience than this counts as down."""
    capabilities: float = 60.0
    """How long an answer about capabilities is believed."""


class NothingSentError(Exception):
    """The request never left: no connection could be made."""


class NoAnswerError(Exception):
    """The request may have arrived, the answer did not; `late` if we stopped waiting."""

    def __init__(self, *, late: bool) -> None:
        super().__init__("no answer in time" if late else "the connection broke")
        self.late = late


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of any status, its body whole."""

    status: int
    body: bytes
    retry_after: str | None = None

    @property
    def problem(self) -> str | None:
        """The `code` of a problem document, None if there is no usable one."""
        with suppress(PortalDown):
            code = Record("problem", decode(self.body)).maybe_text("code")
            return code if code and re.fullmatch(r"[a-z_]{1,40}", code) else None
        return None

    @property
    def pause(self) -> float:
        """How long the portal asks us to wait, in seconds; 0 if it does not say."""
        asked = self.retry_after or ""
        if re.fullmatch(r"\d{1,9}", asked):
            return float(asked)
        try:
            until = parsedate_to_datetime(asked)
        except ValueError:
            return 0.0
        if until.tzinfo is None:
            return 0.0
        return max(0.0, (until - datetime.now(UTC)).total_seconds())

    def value(self, call: str) -> object:
        """The JSON of a good answer. Raises PortalDown, PortalRefused for every other."""
        if self.status == HTTPStatus.OK:
            return decode(self.body)
        if self.status in NO_RIGHTS:
            raise PortalRefused("The portal does not accept Relink's token for this.")
        if self.status == HTTPStatus.NOT_IMPLEMENTED:
            raise PortalRefused(f"The portal cannot do this by itself: {call}.")
        if HTTPStatus.MULTIPLE_CHOICES <= self.status < HTTPStatus.BAD_REQUEST:
            unusable("it points to another address, which is not followed")
        if HTTPStatus.BAD_REQUEST <= self.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PortalRefused(f"The portal refused {call}: {self.problem or self.status}.")
        return unusable(f"{call} was answered with status {self.status}")


class Bearer(httpx.Auth):
    """Puts the token on a request at the last moment, so that no variable of ours ever holds it in clear."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """One request, one answer."""
        request.headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        yield request


class Exchange:
    """Sends single requests below `base_url` + /v1; follows nothing, repeats only reads."""

    def __init__(
        self,
        base_url: str,
        token: SecretStr,
        client: httpx.AsyncClient | None,
        timings: Timings,
        sleep: Sleep,
    ) -> None:
        host = _checked(base_url, token)
        self._base = base_url.rstrip("/") + "/v1"
        self._auth = Bearer(token)
        self._timings = timings
        self._sleep = sleep
        self._borrowed = client is not None
        # A proxy from the environment would be asked for 127.0.0.1 too.
        self._client = client or httpx.AsyncClient(trust_env=host not in LOOPBACK)

    async def close(self) -> None:
        """Close the connections, unless the client was handed in."""
        if not self._borrowed:
            await self._client.aclose()

    async def get(self, path: str, params: Mapping[str, str]) -> Reply:
        """Read, with repeats after 5xx, 429 and a broken connection.

        Raises PortalDown when out of tries or time.
        """
        try:
            async with asyncio.timeout(self._timings.read):
                return await self._get_patiently(path, params)
        except TimeoutError:
            raise PortalDown(f"The portal did not answer within {self._timings.read:g} seconds.") from None

    async def _get_patiently(self, path: str, params: Mapping[str, str]) -> Reply:
        tries = len(self._timings.pauses) + 1
        for pause in (*self._timings.pauses, None):
            wait = 0.0
            try:
                reply = await self._once("GET", path, params=params)
            except NothingSentError:
                trouble = "could not be reached"
            except NoAnswerError as broken:
                trouble = f"gave no whole answer: {broken}"
            else:
                if not _worth_a_repeat(reply.status):
                    return reply
                trouble, wait = f"answered with status {reply.status}", reply.pause
            if wait > self._timings.longest_pause:
                raise PortalDown(f"The portal {trouble} and asks us to wait {wait:.0f} seconds.")
            if pause is not None:
                await self._sleep(max(pause, wait))
        raise PortalDown(f"The portal {trouble}, {tries} times.")

    async def post(self, path: str, json: Mapping[str, object], key: str, patience: float) -> Reply:
        """Send a command once, waiting `patience` seconds after connecting.

        Raises NothingSentError, NoAnswerError; PortalDown if the answer is too large.
        """
        try:
            async with asyncio.timeout(self._timings.connect + patience):
                return await self._once("POST", path, json=json, headers={"Idempotency-Key": key})
        except TimeoutError:
            raise NoAnswerError(late=True) from None

    async def _once(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        try:
            async with self._client.stream(
                method,
                self._base + path,
                params=params,
                json=json,
                headers=headers,
                auth=self._auth,
                follow_redirects=False,
                timeout=httpx.Timeout(None, connect=self._timings.connect, pool=self._timings.connect),
            ) as response:
                body = await _whole(response)
                return Reply(response.status_code, body, response.headers.get("Retry-After"))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise NothingSentError from None
        except httpx.HTTPError:
            raise NoAnswerError(late=False) from None


async def _whole(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > LARGEST_BODY:
            unusable("it is larger than 5 MB")
    return bytes(body)


def _worth_a_repeat(status: int) -> bool:
    server_trouble = status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NOT_IMPLEMENTED
    return server_trouble or status in WORTH_A_REPEAT


def _checked(base_url: str, token: SecretStr) -> str:
    """The host of the portal. Raises ConfigWrong.

    A token that cannot be a header's value is refused here: the error of sending it would print it.
    """
    problems = []
    try:
        url = httpx.URL(urlsplit(base_url).geturl())
        url.host.encode("idna")
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query or url.fragment:
        problems.append("PORTAL_URL: give http(s)://host[:port][/path], without user, query or #")
    if not re.fullmatch(r"[\x21-\x7e]+", token.get_secret_value()):
        problems.append("PORTAL_TOKEN: give visible ASCII characters only, no blanks or line ends")
    if problems:
        raise ConfigWrong(problems)
    return url.host

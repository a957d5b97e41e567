"""A slash command, a shortcut or its form on the way to its answer, which only the one who asked sees."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot import cards
from bot.deps import Deps
from bot.errors import NotAllowed, RelinkError
from bot.messages import replies
from bot.people import Person
from handlers.refusals import sentence_for
from handlers.typed import Typed
from handlers.who import person_of

Answer = Callable[..., Awaitable[Any]]
"""Takes what Bolt's `respond` takes by name."""


@dataclass(frozen=True, slots=True)
class Directly:
    """Answers somebody by a direct message, where there is no message or command to answer."""

    deps: Deps
    user: str

    async def __call__(self, *, text: str, blocks: Sequence[Any] | None = None, **_only_here: Any) -> Any:
        """Say it; what makes an answer ephemeral means nothing here."""
        opened = await self.deps.slack.conversations_open(users=self.user)
        return await self.deps.slack.chat_postMessage(
            channel=opened["channel"]["id"],
            text=text,
            blocks=blocks,
            unfurl_links=False,
            unfurl_media=False,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked what, and how to answer."""

    deps: Deps
    body: Mapping[str, Any]
    typed: Typed
    respond: Answer

    async def person(self) -> Person:
        """The one who asked, with the roles of this moment. Raises NotAllowed for somebody without any."""
        person = await person_of(self.deps, self.body)
        if not person.roles:
            raise NotAllowed("Only support, technicians and leads may ask for stations.")
        return person

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what waits for a network after the ack; a refusal is told all the same."""
        self.deps.tasks.spawn(self._guarded(work))

    async def say(self, template: str, facts: Mapping[str, Any]) -> None:
        """Answer with a template."""
        message = self.deps.render.message(template, facts)
        await self._send(text=message.text, blocks=message.blocks)

    async def point(self, template: str, facts: Mapping[str, Any], incident: int, whose: str = "") -> None:
        """Answer with a template that gets, besides `facts`, the card's `brief` and a `link` to it.

        `whose`: the person asks for what is theirs to do, and a technician has a card of their own.
        """
        technician = await cards.visitor(self.deps, incident, whose)
        brief = await cards.brief_of(self.deps, incident, technician)
        link = await cards.link_to(self.deps, incident, technician)
        await self.say(template, {**facts, "brief": brief, "link": link})

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except RelinkError as refused:
            await self._send(text=await sentence_for(self.deps, refused, self.body))

    async def _send(self, **content: Any) -> None:
        await replies.tried(self.respond(response_type="ephemeral", replace_original=False, **content))

"""From a template and plain facts to a Slack message. Jinja writes the words, `blocks` builds the blocks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateRuntimeError

from bot.messages import blocks, limits
from bot.messages.blocks import Block, ButtonSpec
from bot.messages.tags import DRAFT, STRUCTURAL_FILTERS, BlockTags, NarrowGenerator
from bot.messages.text import HELPERS, known_markup, literal, printed, tidy, unmarked

SUFFIX: Final = "j2"

Builder = Callable[[str, list[str]], Block]
_BUILDERS: Final[Mapping[str, Builder]] = {
    "title": blocks.title,
    "section": blocks.section,
    "context": blocks.context,
    "plain": blocks.plain,
    "line": blocks.line,
    "header": blocks.header,
}


@dataclass(frozen=True, slots=True)
class Message:
    """What Slack is sent. `text` says what the blocks say; `cuts` names what was too long for Slack."""

    text: str
    blocks: list[Block]
    cuts: tuple[str, ...] = ()


class Renderer:
    """The templates of one folder, compiled once, with the helpers of `text`."""

    def __init__(self, folder: Path) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            autoescape=False,  # noqa: S701 (for HTML; `printed` escapes for Slack)
            finalize=printed,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,  # the last line of an included file stays a line
            auto_reload=False,
            cache_size=-1,
            extensions=[BlockTags],
        )
        self._environment.code_generator_class = NarrowGenerator
        self._environment.filters = dict(STRUCTURAL_FILTERS)
        self._environment.globals = dict(HELPERS)

    def names(self) -> frozenset[str]:
        """The names of all templates, as `steps/restart-station.j2`."""
        return frozenset(self._environment.list_templates(extensions=[SUFFIX]))

    def message(
        self,
        template: str,
        facts: Mapping[str, object],
        *,
        buttons: Sequence[ButtonSpec] = (),
        menu: Sequence[ButtonSpec] = (),
        stamp: int = 0,
    ) -> Message:
        """The message `template` makes of `facts`; `{% choices %}` stands where `buttons` and `menu` go.

        `stamp` (the version shown) is part of every block id: Slack keeps what was typed or selected in a
        block whose id stays. Raises Jinja's TemplateError for what the template does wrong, TypeError or
        ValueError for a fact or a button that cannot be shown.
        """
        draft = _Draft(buttons, menu, stamp)
        rest = self._environment.get_template(template).render({**facts, DRAFT: draft})
        if rest.strip():
            # Not quoted: the words of a gated step must not reach a log.
            raise TemplateRuntimeError(f"{template}: words outside a block")
        try:
            return draft.finished()
        except ValueError as wrong:
            raise TemplateRuntimeError(f"{template}: {wrong}") from wrong

    def words(self, template: str, facts: Mapping[str, object]) -> str:
        """The words of a template without blocks, for plain_text only: confirm dialogs, a form's first lines.

        Raises as `message` does, and for a mention or a date, which plain text cannot show.
        """
        text = self._environment.get_template(template).render(facts)
        try:
            return literal(text)
        except ValueError as wrong:
            raise TemplateRuntimeError(f"{template}: {wrong}") from wrong


class _Draft:
    """A message while its template runs: every tag writes itself here as soon as its body is rendered."""

    def __init__(self, buttons: Sequence[ButtonSpec], menu: Sequence[ButtonSpec], stamp: int) -> None:
        self._buttons = buttons
        self._menu = menu
        self._stamp = stamp
        self._text: str | None = None
        self._blocks: list[Block] = []
        self._cuts: list[str] = []
        self._size = 0
        self._inside: str | None = None
        self._chosen = False

    def write(self, kind: str, body: Callable[[], str] | None) -> None:
        """Take the block `kind` with the words `body` renders; nothing is added for empty words."""
        if self._inside is not None:
            raise ValueError(f"a block inside {self._inside}")
        if body is None:
            self._write_bare(kind)
            return
        self._inside = kind
        words = body()
        self._inside = None
        if kind == "text":
            self._write_text(words)
        elif shown := tidy(unmarked(words)):
            self._size += min(len(shown), limits.TEXT_OBJECT)
            self._add(kind, _BUILDERS[kind](words, self._cuts))

    def _write_bare(self, kind: str) -> None:
        if kind == "divider":
            self._add(kind, blocks.divider())
            return
        if self._chosen:
            raise ValueError("a message has one place for its buttons")
        self._chosen = True
        if self._buttons or self._menu:
            self._add(kind, blocks.actions(self._buttons, self._menu, self._cuts))

    def _write_text(self, words: str) -> None:
        if self._text is not None:
            raise ValueError("a message has one text")
        self._text = blocks.cut(known_markup(tidy(unmarked(words))), limits.UPDATE_TEXT, "text", self._cuts)

    def _add(self, kind: str, block: Block) -> None:
        self._blocks.append({**block, "block_id": f"{kind}-{len(self._blocks)}-{self._stamp}"})

    def finished(self) -> Message:
        """The message; raises ValueError for what is missing, or more than Slack takes in one message."""
        if not self._text:
            raise ValueError("a message needs a text")
        if (self._buttons or self._menu) and not self._chosen:
            raise ValueError("buttons without a place: {% choices %} is missing")
        if len(self._blocks) > limits.MESSAGE_BLOCKS:
            raise ValueError(f"{len(self._blocks)} blocks, {limits.MESSAGE_BLOCKS} fit")
        if self._size > limits.ALL_BLOCKS_TEXT:
            raise ValueError(f"{self._size} characters in all blocks, {limits.ALL_BLOCKS_TEXT} fit")
        return Message(self._text, self._blocks, tuple(self._cuts))

"""From a template and plain facts to a Slack message. Jinja writes the words, `blocks` builds the blocks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateRuntimeError

from bot.messages import blocks, limits
from bot.messages.blocks import Block, ButtonSpec
from bot.messages.tags import DRAFT, STRUCTURAL_FILTERS, WITH_BUTTON, BlockTags, NarrowGenerator
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


@dataclass(frozen=True, slots=True)
class View:
    """What a view shows, such as the Home tab; `cuts` as in `Message`."""

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
        return self._drafted(template, facts, _Draft(buttons, menu, stamp)).finished()

    def view(self, template: str, facts: Mapping[str, object], *, buttons: Sequence[ButtonSpec] = ()) -> View:
        """The blocks of a view, which needs no text and may be longer than a message. Raises as `message` does."""
        return self._drafted(template, facts, _Draft(buttons, (), 0)).as_view()

    def _drafted(self, template: str, facts: Mapping[str, object], draft: "_Draft") -> "_Draft":
        draft.template = template
        rest = self._environment.get_template(template).render({**facts, DRAFT: draft})
        if rest.strip():
            # Not quoted: the words of a gated step must not reach a log.
            raise TemplateRuntimeError(f"{template}: words outside a block")
        return draft

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
        self.template = ""

    def write(self, kind: str, body: Callable[[], str] | None, button: object = None) -> None:
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
            if kind == WITH_BUTTON:
                self._add(kind, blocks.row(words, _button(button), self._cuts))
                return
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
        """The message; raises TemplateRuntimeError for what is missing, or more than Slack takes in one message."""
        if not self._text:
            raise self._wrong("a message needs a text")
        self._must_fit(limits.MESSAGE_BLOCKS)
        if self._size > limits.ALL_BLOCKS_TEXT:
            raise self._wrong(f"{self._size} characters in all blocks, {limits.ALL_BLOCKS_TEXT} fit")
        return Message(self._text, self._blocks, tuple(self._cuts))

    def as_view(self) -> View:
        """The view; raises as `finished` does."""
        if self._text is not None:
            raise self._wrong("a view has no text")
        self._must_fit(limits.VIEW_BLOCKS)
        return View(self._blocks, tuple(self._cuts))

    def _must_fit(self, most: int) -> None:
        if (self._buttons or self._menu) and not self._chosen:
            raise self._wrong("buttons without a place: {% choices %} is missing")
        if len(self._blocks) > most:
            raise self._wrong(f"{len(self._blocks)} blocks, {most} fit")

    def _wrong(self, what: str) -> TemplateRuntimeError:
        return TemplateRuntimeError(f"{self.template}: {what}")


def _button(given: object) -> ButtonSpec | None:
    """What stands beside a row."""
    if given is None or isinstance(given, ButtonSpec):
        return given
    raise ValueError("beside a row stands a button or nothing")

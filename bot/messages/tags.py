"""What a template may do: block tags that hand finished words to Python, and a narrow language around them.

`{% section %}…{% endsection %}` renders its body and gives it to the message being drafted; `{% divider %}`
and `{% choices %}` have no body; `{% row spec %}…{% endrow %}` also gives the button that stands beside it.
What could turn a text from outside into words of ours, or escape a value twice, does not compile.
"""

from collections.abc import Callable
from typing import Any, Final, Protocol

from jinja2 import TemplateRuntimeError, nodes, pass_context
from jinja2.compiler import CodeGenerator
from jinja2.ext import Extension
from jinja2.filters import FILTERS
from jinja2.parser import Parser
from jinja2.runtime import Context

WITH_BODY: Final = frozenset({"text", "title", "section", "context", "plain", "line", "header", "row"})
WITH_BUTTON: Final = "row"
BARE: Final = frozenset({"divider", "choices"})

DRAFT: Final = "the draft"
"""Where the draft stands in a template's context: no template can say a name with a space."""

_STRUCTURAL = (
    "first",
    "groupby",
    "items",
    "last",
    "length",
    "list",
    "map",
    "rejectattr",
    "selectattr",
    "sort",
)
STRUCTURAL_FILTERS: Final = {name: FILTERS[name] for name in _STRUCTURAL}
"""The filters a template may use: they choose and count; none makes a new text."""

# Joining and formatting forget where a text came from; a captured text would be escaped a second time.
_REFUSED: Final[tuple[type[nodes.Node], ...]] = (
    nodes.Concat,
    nodes.Add,
    nodes.Mul,
    nodes.Mod,
    nodes.Macro,
    nodes.AssignBlock,
    nodes.FilterBlock,
    nodes.ScopedEvalContextModifier,
)


class Draft(Protocol):
    """A message while its template runs."""

    def write(self, kind: str, body: Callable[[], str] | None, button: object = None) -> None:
        """Take the block `kind`; `body` renders its words, `button` stands beside a row.

        Raises ValueError for words it cannot hold.
        """
        ...


class BlockTags(Extension):
    """The block tags."""

    tags = set(WITH_BODY | BARE)  # noqa: RUF012 (Jinja declares it as an instance's)

    def parse(self, parser: Parser) -> nodes.Node:
        """One tag, up to its end tag if it has a body."""
        token = next(parser.stream)
        kind, line = token.value, token.lineno
        where = f"{parser.name}:{line}"
        button = parser.parse_expression() if kind == WITH_BUTTON else nodes.Const(None)
        call = self.call_method("_write", [nodes.Const(kind), nodes.Const(where), button], lineno=line)
        if kind in BARE:
            return nodes.ExprStmt(call, lineno=line)
        body = parser.parse_statements((f"name:end{kind}",), drop_needle=True)
        return nodes.CallBlock(call, [], [], body, lineno=line)

    @pass_context
    def _write(
        self,
        context: Context,
        kind: str,
        where: str,
        button: object,
        caller: Callable[[], str] | None = None,
    ) -> str:
        draft: Draft | None = context.get(DRAFT)
        if draft is None:
            raise TemplateRuntimeError(f"{where}: {kind} in a template that is words only")
        try:
            draft.write(kind, caller, button)
        except ValueError as wrong:
            raise TemplateRuntimeError(f"{where}: {kind}: {wrong}") from wrong
        return ""


class NarrowGenerator(CodeGenerator):
    """Jinja's compiler, refusing what a template of words has no use for."""

    def visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> Any:
        """Compile `node`, or fail with the template's name and line."""
        if isinstance(node, _REFUSED):
            self.fail(f"{type(node).__name__} is not for templates: print values side by side", node.lineno)
        call = node.call if isinstance(node, nodes.CallBlock) else node
        if isinstance(call, nodes.Call) and not self._may_call(call.node):
            self.fail("only the helpers may be called: facts are plain values", node.lineno)
        return super().visit(node, *args, **kwargs)

    def _may_call(self, called: nodes.Node) -> bool:
        if isinstance(called, nodes.Name):
            return called.name in self.environment.globals
        return isinstance(called, nodes.ExtensionAttribute)

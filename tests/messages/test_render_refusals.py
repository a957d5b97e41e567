"""What a template must not do does not compile or does not render, and says where."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from jinja2 import TemplateError, TemplateRuntimeError, TemplateSyntaxError, UndefinedError

from bot.messages.blocks import ButtonSpec
from bot.messages.render import Message, Renderer
from bot.messages.text import Outside

THREE_AM = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)
GO = ButtonSpec("press:go", "I-2026-0117:1:go", "Go", style="primary")
TEXT = "{% text %}Words{% endtext %}\n"


def write(folder: Path, **templates: str) -> Renderer:
    """A renderer of these templates."""
    for name, words in templates.items():
        (folder / f"{name}.j2").write_text(words, "utf-8")
    return Renderer(folder)


def card(folder: Path, words: str, **facts: object) -> Message:
    """The message of one template that already has its text."""
    return write(folder, card=TEXT + words).message("card.j2", facts)


@pytest.mark.parametrize("tag", ["section", "context"])
def test_text_from_outside_in_mrkdwn_is_refused_with_file_and_line(tmp_path: Path, tag: str) -> None:
    with pytest.raises(TemplateRuntimeError, match=f"card.j2:2: {tag}: text from outside"):
        card(tmp_path, f"{{% {tag} %}}at {{{{ site }}}}{{% end{tag} %}}", site=Outside("Pier 9"))


@pytest.mark.parametrize(
    "expression",
    [
        "name",
        "name[0]",
        "name[1:3]",
        "name|first",
        "name|last",
        "(name|list)[0]",
        "name or 'x'",
        "names|first",
    ],
)
def test_no_template_launders_text_from_outside(tmp_path: Path, expression: str) -> None:
    name = Outside("Pier 9")
    with pytest.raises(TemplateRuntimeError, match="text from outside"):
        card(tmp_path, f"{{% section %}}{{{{ {expression} }}}}{{% endsection %}}", name=name, names=[name])


@pytest.mark.parametrize(
    "words",
    [
        "{{ name ~ 'x' }}",
        "{{ name + 'x' }}",
        "{{ name * 2 }}",
        "{{ '%s' % name }}",
        "{{ name.upper() }}",
        "{{ ''.join([name]) }}",
        "{{ name|upper }}",
        "{{ [name]|join }}",
        "{% set x %}{{ name }}{% endset %}{{ x }}",
        "{% filter upper %}{{ name }}{% endfilter %}",
        "{% macro m() %}{{ name }}{% endmacro %}{{ m() }}",
        "{% macro whom() %}{{ name }}{% endmacro %}{{ whom() }}",
        "{% filter first %}{{ name }}{% endfilter %}",
        "{% call name.upper() %}{% endcall %}",
        "{% autoescape true %}{{ name }}{% endautoescape %}",
        "{% block b %}{{ name }}{% endblock %}{{ self.b() }}",
        "{{ range(3) }}",
    ],
)
def test_what_forgets_an_origin_or_escapes_twice_does_not_compile(tmp_path: Path, words: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        card(tmp_path, f"{{% line %}}{words}{{% endline %}}", name=Outside("Pier 9"))


def test_a_fact_is_never_called(tmp_path: Path) -> None:
    with pytest.raises(TemplateSyntaxError, match="only the helpers"):
        card(tmp_path, "{% line %}{{ fact() }}{% endline %}", fact=lambda: "boo")


def test_a_missing_fact_is_named(tmp_path: Path) -> None:
    with pytest.raises(UndefinedError, match="'carrier' is undefined"):
        card(tmp_path, "{% section %}{{ carrier }}{% endsection %}")
    with pytest.raises(UndefinedError, match="'carrier' is undefined"):
        card(tmp_path, "{% section %}{% if carrier %}a{% endif %}{% endsection %}")


@pytest.mark.parametrize("value", [None, True, False, THREE_AM, []])
def test_a_value_that_is_no_word_and_no_number_is_refused(tmp_path: Path, value: object) -> None:
    with pytest.raises(TypeError, match=f"cannot print a {type(value).__name__}"):
        card(tmp_path, "{% section %}{{ value }}{% endsection %}", value=value)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("{% section %}a{% endsection %} lost words", "card.j2: words outside a block"),
        ("{% section %}{% divider %}{% endsection %}", "card.j2:2: divider: a block inside section"),
        (
            "{% line %}{% section %}a{% endsection %}{% endline %}",
            "card.j2:2: section: a block inside line",
        ),
        ("{% text %}again{% endtext %}", "card.j2:2: text: a message has one text"),
        ("{% section %}<!channel>{% endsection %}", "card.j2:2: section: unknown markup"),
        ("{% line %}<!here>{% endline %}", "card.j2:2: line: unknown markup"),
        ("{% plain %}{{ person('U1') }}{% endplain %}", "card.j2:2: plain: plain text shows no mention"),
        ("{% line %}{{ person('channel') }}{% endline %}", "card.j2:2: line: not a Slack user id"),
        ("{% divider %}" * 51, "card.j2: 51 blocks, 50 fit"),
        (("{% line %}" + "y" * 3000 + "{% endline %}") * 5, "card.j2: 15000 characters in all blocks"),
    ],
)
def test_what_a_template_does_wrong_is_told_with_its_place(
    tmp_path: Path, words: str, why: str | None
) -> None:
    with pytest.raises(TemplateRuntimeError, match=why):
        card(tmp_path, words)


def test_words_outside_a_block_are_not_quoted(tmp_path: Path) -> None:
    """The words of a gated step must not reach a log through an error."""
    with pytest.raises(TemplateRuntimeError) as wrong:
        card(tmp_path, "Open the panel.")
    assert "panel" not in str(wrong.value)


@pytest.mark.parametrize("words", ["", "{% text %} \n {% endtext %}", "{% section %}a{% endsection %}"])
def test_a_message_without_a_text_is_refused(tmp_path: Path, words: str) -> None:
    with pytest.raises(TemplateRuntimeError, match="needs a text"):
        write(tmp_path, card=words).message("card.j2", {})


def test_buttons_must_have_one_place(tmp_path: Path) -> None:
    renderer = write(tmp_path, none=TEXT, two=TEXT + "{% choices %}{% choices %}")
    with pytest.raises(TemplateRuntimeError, match=r"none\.j2: buttons without a place"):
        renderer.message("none.j2", {}, buttons=[GO])
    with pytest.raises(TemplateRuntimeError, match=r"two\.j2:2: choices: a message has one place"):
        renderer.message("two.j2", {}, buttons=[GO])


def test_an_unknown_tag_or_template_is_a_template_error(tmp_path: Path) -> None:
    renderer = write(tmp_path, card="{% blink %}a{% endblink %}")
    for name in ("card.j2", "nowhere.j2"):
        with pytest.raises(TemplateError):
            renderer.message(name, {})


def test_a_fact_cannot_take_the_drafts_place(tmp_path: Path) -> None:
    renderer = write(tmp_path, card=TEXT)
    assert renderer.message("card.j2", {"the draft": None}).text == "Words"

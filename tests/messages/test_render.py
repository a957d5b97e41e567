"""Templates become messages: the tags, the includes, and where the words come to stand."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from jinja2 import TemplateRuntimeError

from bot.messages import limits
from bot.messages.blocks import Block, ButtonSpec
from bot.messages.render import Message, Renderer
from bot.messages.text import Outside

THREE_AM = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)
GO = ButtonSpec("press:go", "I-2026-0117:1:go", "Go", style="primary")
TEXT = "{% text %}Words{% endtext %}\n"


def write(folder: Path, **templates: str) -> Renderer:
    """A renderer of these templates; `parts__name` is the file parts/name.j2."""
    for name, words in templates.items():
        path = folder / f"{name.replace('__', '/')}.j2"
        path.parent.mkdir(exist_ok=True)
        path.write_text(words, "utf-8")
    return Renderer(folder)


def card(folder: Path, words: str, **facts: object) -> Message:
    """The message of one template that already has its text."""
    return write(folder, card=TEXT + words).message("card.j2", facts)


def words_of(block: Block) -> str:
    """The words of a block, without its looks."""
    match block["type"]:
        case "rich_text":
            return "".join(element.get("text", "@") for element in block["elements"][0]["elements"])
        case "context":
            return str(block["elements"][0]["text"])
        case _:
            return str(block["text"]["text"])


def test_every_tag_becomes_its_block_in_the_templates_order(tmp_path: Path) -> None:
    renderer = write(
        tmp_path,
        card="""
{% text %}{{ serial }}: no contact.{% endtext %}
{% header %}{{ site }}{% endheader %}
{% title %}
  {{ serial }} · {{ site }}
  No contact since {{ clock_time(at) }}
{% endtitle %}
{% section %}*{{ serial }}* last spoke {{ ago(at) }}{% endsection %}
{% divider %}
{% plain %}Note: {{ site }}{% endplain %}
{% line %}{{ person("U1") }} look at {{ site }}{% endline %}
{% choices %}
{% context %}
  small
  grey
{% endcontext %}
""",
    )
    facts = {"serial": "CT4G-20117", "site": Outside("Pier 9 & <Co>"), "at": THREE_AM}
    message = renderer.message("card.j2", facts, buttons=[GO])
    assert message.text == "CT4G-20117: no contact."
    assert [block["type"] for block in message.blocks] == [
        "header",
        "rich_text",
        "section",
        "divider",
        "section",
        "rich_text",
        "actions",
        "context",
    ]
    header, title, section, _, plain, line, choices, context = message.blocks
    assert words_of(header) == "Pier 9 & <Co>"
    assert words_of(title) == "CT4G-20117 · Pier 9 & <Co>\nNo contact since @"
    assert words_of(section) == "*CT4G-20117* last spoke <!date^1795317000^{ago}|2026-11-22 03:10 UTC>"
    assert words_of(plain) == "Note: Pier 9 & <Co>"
    assert line["elements"][0]["elements"][0] == {"type": "user", "user_id": "U1"}
    assert choices["elements"][0]["action_id"] == "press:go"
    assert words_of(context) == "small\ngrey"
    assert message.cuts == ()


def test_the_top_level_text_escapes_what_came_from_outside(tmp_path: Path) -> None:
    renderer = write(tmp_path, line="{% text %}{{ whom(ids) }} {{ site }} is down{% endtext %}")
    message = renderer.message("line.j2", {"site": Outside("<!channel> & Co"), "ids": ["S1"]})
    assert message == Message("<!subteam^S1> &lt;!channel&gt; &amp; Co is down", [])


def test_block_ids_change_with_the_stamp_and_only_with_it(tmp_path: Path) -> None:
    renderer = write(
        tmp_path, card=TEXT + "{% section %}a{% endsection %}{% section %}b{% endsection %}{% choices %}"
    )

    def ids(stamp: int) -> list[str]:
        message = renderer.message("card.j2", {}, buttons=[GO], stamp=stamp)
        return [block["block_id"] for block in message.blocks]

    assert ids(7) == ids(7) == ["section-0-7", "section-1-7", "choices-2-7"]
    assert not set(ids(7)) & set(ids(8))


def test_an_empty_block_is_left_out(tmp_path: Path) -> None:
    message = card(
        tmp_path, "{% section %}\n  {% if late %}late{% endif %}\n\n{% endsection %}{% choices %}", late=False
    )
    assert message.blocks == []


def test_includes_work_inside_a_block_inside_a_loop_and_escape_once(tmp_path: Path) -> None:
    renderer = write(
        tmp_path,
        card=TEXT
        + """
{% for station in stations %}
{% line %}
{% include "parts/station.j2" %}
{{ loop.index }} of {{ stations|length }}
{% endline %}
{% endfor %}
""",
        parts__station='{{ station.name }}: {{ reason }}\n{% include "parts/deep.j2" %}\n',
        parts__deep="still {{ station.name }}\n",
    )
    stations = [{"name": Outside("A & B")}, {"name": Outside("<C>")}]
    message = renderer.message("card.j2", {"stations": stations, "reason": "a < b"})
    assert [words_of(block) for block in message.blocks] == [
        "A & B: a < b\nstill A & B\n1 of 2",
        "<C>: a < b\nstill <C>\n2 of 2",
    ]


def test_an_included_file_may_bring_whole_blocks(tmp_path: Path) -> None:
    renderer = write(
        tmp_path,
        card=TEXT + "{% for word in ['one', 'two'] %}{% include says %}{% endfor %}",
        steps__wait="{% section %}{{ word }} & more{% endsection %}",
    )
    message = renderer.message("card.j2", {"says": "steps/wait.j2"})
    assert [words_of(block) for block in message.blocks] == ["one & more", "two & more"]


def test_a_template_may_extend_another(tmp_path: Path) -> None:
    renderer = write(
        tmp_path,
        base=TEXT
        + "{% section %}{% block state %}quiet{% endblock %}{% endsection %}{% block more %}{% endblock %}",
        card='{% extends "base.j2" %}{% block state %}{{ state }}{% endblock %}'
        "{% block more %}{% context %}small{% endcontext %}{% endblock %}",
    )
    message = renderer.message("card.j2", {"state": "a & b"})
    assert [words_of(block) for block in message.blocks] == ["a &amp; b", "small"]


def test_names_are_all_templates_of_the_folder(tmp_path: Path) -> None:
    renderer = write(tmp_path, card="a", steps__restart="b")
    (tmp_path / "page.html").write_text("no template of a message", "utf-8")
    assert renderer.names() == {"card.j2", "steps/restart.j2"}


def test_words_are_literal_for_plain_text(tmp_path: Path) -> None:
    renderer = write(
        tmp_path, confirm="Restart {{ serial }} at {{ site }}?\n\n\n  Sent once & never again.\n"
    )
    shown = renderer.words("confirm.j2", {"serial": "CT4G-20117", "site": Outside("<Pier> & 9")})
    assert shown == "Restart CT4G-20117 at <Pier> & 9?\n\nSent once & never again."


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (
            "{% section %}no block here{% endsection %}",
            r"confirm.j2:1: section in a template that is words only",
        ),
        ("since {{ ago(at) }}", "confirm.j2: plain text shows no mention"),
    ],
)
def test_words_hold_no_blocks_and_no_dates(tmp_path: Path, words: str, why: str) -> None:
    with pytest.raises(TemplateRuntimeError, match=why):
        write(tmp_path, confirm=words).words("confirm.j2", {"at": THREE_AM})


def test_a_cut_is_noted_in_the_message(tmp_path: Path) -> None:
    message = card(tmp_path, "{% header %}{{ site }}{% endheader %}", site=Outside("x" * 200))
    assert message.cuts == (f"header over {limits.HEADER_TEXT} characters",)

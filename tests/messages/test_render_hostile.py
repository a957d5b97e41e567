"""Whatever somebody wrote outside stays words: no mention, link, date or block, no mark of ours."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block as SdkBlock

from bot.messages.render import Message, Renderer
from bot.messages.text import TOKEN, Outside, clean, unescaped

THREE_AM = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)
HOSTILE = [
    "<!channel>",
    "<!here|here>",
    "<@U0123>",
    "<!subteam^S01>",
    "<!date^0^{time}|soon>",
    "<https://a.example|Pier 9>",
    "&lt;!channel&gt;",
    "&amp;lt;@U1&amp;gt;",
    "\ue000safe\ue001",
    "\ue001<@U1>\ue000",
    "\u202e9 reiP\u202c",
    "\x00\x1b[2J",
    "\ud800",
    "x" * 10_000,
    "*bold* _it_ ~no~ `code` ```more``` > quote",
    "\n\n{% section %}{{ 7 * 7 }}{% endsection %}",
    '"}],"blocks":[{"type":"divider"}]',
]
ANY_TEXT = st.lists(
    st.sampled_from(HOSTILE)
    | st.text(st.characters(exclude_categories=()))
    | st.sampled_from("<>&|^!@#*`\n"),
    max_size=6,
).map("".join)


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    """One template that shows the same text everywhere it may stand."""
    folder: Path = tmp_path_factory.mktemp("templates")
    (folder / "part.j2").write_text("At {{ site }}", "utf-8")
    (folder / "card.j2").write_text(
        """
{% text %}At {{ site }} {{ ago(at) }}{% endtext %}
{% header %}At {{ short }}{% endheader %}
{% title %}At {{ site }}{% endtitle %}
{% line %}{{ person("U1") }}{% include "part.j2" %}{{ ago(at) }}{% endline %}
{% plain %}{% include "part.j2" %}{% endplain %}
{% section %}Serial {{ serial }}{% endsection %}
{% context %}Serial {{ serial }} {{ ago(at) }}{% endcontext %}
""",
        "utf-8",
    )
    return Renderer(folder)


def shown(renderer: Renderer, text: str) -> Message:
    """The card with `text` as a name from outside and as a word of ours."""
    facts = {"site": Outside(text), "short": Outside(clean(text)[:20]), "serial": text[:200], "at": THREE_AM}
    return renderer.message("card.j2", facts)


def kinds(message: Message) -> list[object]:
    """The kinds of all blocks, and of the elements inside rich text."""
    return [
        [element["type"] for element in block["elements"][0]["elements"]]
        if block["type"] == "rich_text"
        else block["type"]
        for block in message.blocks
    ]


@given(ANY_TEXT)
def test_no_text_makes_a_mention_a_link_a_date_or_a_block(renderer: Renderer, text: str) -> None:
    message = shown(renderer, text)
    assert kinds(message) == ["header", ["text"], ["user", "text", "date"], "section", "section", "context"]
    ours, context = message.blocks[4]["text"]["text"], message.blocks[5]["elements"][0]["text"]
    for markup, tokens in ((message.text, 1), (ours, 0), (context, 1)):
        assert len(TOKEN.findall(markup)) == tokens
        assert not {"<", ">"} & set(TOKEN.sub("", markup))


@given(ANY_TEXT)
def test_every_text_reads_as_it_was_written_wherever_it_stands(renderer: Renderer, text: str) -> None:
    """Escaped exactly once, through an include too."""
    message = shown(renderer, text)
    expected = f"At {clean(text)}".strip()
    _, title, line, plain, *_ = message.blocks
    assert title["elements"][0]["elements"][0]["text"] == expected
    assert line["elements"][0]["elements"][1]["text"].strip() == expected
    assert plain["text"]["text"] == expected
    assert unescaped(TOKEN.sub("", message.text)).strip() == expected
    assert message.cuts == ()


@given(ANY_TEXT)
def test_no_mark_of_ours_and_nothing_unsendable_leaves(renderer: Renderer, text: str) -> None:
    message = shown(renderer, text)
    sent = json.dumps([message.text, message.blocks], ensure_ascii=False)
    assert not {"\ue000", "\ue001", "\x00"} & set(sent)
    sent.encode()


@pytest.mark.parametrize("text", HOSTILE)
def test_slacks_own_models_take_the_card(renderer: Renderer, text: str) -> None:
    for block in shown(renderer, text).blocks:
        parsed = SdkBlock.parse(block)
        assert parsed is not None
        assert parsed.to_dict() == block

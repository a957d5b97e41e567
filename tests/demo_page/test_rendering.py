"""What the page makes of messages: every kind of block, mrkdwn, and text that would like to be markup."""

from playwright.async_api import Browser, Page, expect

from tests.demo_page.browser import DESK, PHONE, window
from tests.demo_page.cards import EVERY_BLOCK
from tests.demo_page.checks import check
from tests.demo_page.slack_stub import SlackStub, said, served

MRKDWN = {
    "plain & simple": "plain &amp; simple",
    "*bold* _it_ ~gone~ `code`": "<strong>bold</strong> <em>it</em> <s>gone</s> <code>code</code>",
    "*_both_*": "<strong><em>both</em></strong>",
    "2*3*4 and snake_case_name": "2*3*4 and snake_case_name",
    "* not bold *": "* not bold *",
    "*open": "*open",
    "`*raw* &lt;b&gt;`": "<code>*raw* &lt;b&gt;</code>",
    "one\ntwo": "one<br>two",
    "&gt; quoted\nafter": "<blockquote>quoted</blockquote>after",
    "```a\n*b*```": "<pre>a\n*b*</pre>",
    "&lt;b&gt; &amp;amp;": "&lt;b&gt; &amp;amp;",
    "<b>no</b>": "<span>b</span>no<span>/b</span>",
    "<@U3> <@U9|nina>": '<span class="mention">@Tech 1</span> <span class="mention">@nina</span>',
    "<!subteam^S1> <!subteam^S9|@night>": (
        '<span class="mention">@support</span> <span class="mention">@night</span>'
    ),
    "<!here> <#C1>": '<span class="mention">@here</span> <span class="mention">#charger-alerts</span>',
    "<https://a.example/?x=1&amp;y=2|list &amp; more>": (
        '<a href="https://a.example/?x=1&amp;y=2" target="_blank" rel="noopener noreferrer">list &amp; more</a>'
    ),
    "<javascript:alert(1)|press>": "<span>press</span>",
    "*<https://a.example|a*b>*": (
        '<strong><a href="https://a.example" target="_blank" rel="noopener noreferrer">a*b</a></strong>'
    ),
}

# The clock stands at Tuesday 24 November 2026, 03:10:30 in New York.
NOW = 1795507830
DATES = {
    (NOW, "{time} {time_secs}"): "03:10 03:10:30",
    (NOW - 720, "{ago}"): "12 minutes ago",
    (NOW + 180, "{ago}"): "in 3 minutes",
    (NOW - 2, "{ago}"): "just now",
    (NOW - 7300, "{ago}"): "2 hours ago",
    (NOW, "{date_num} {date_short}"): "2026-11-24 Nov 24, 2026",
    (NOW, "{date} / {date_long}"): "November 24th, 2026 / Tuesday, November 24th, 2026",
    (NOW - 4 * 3600, "{date_short_pretty} {time}"): "yesterday 23:10",
    (NOW + 24 * 3600, "{date_pretty}"): "tomorrow",
    (NOW - 9 * 86400, "{date_short_pretty}"): "Nov 15, 2026",
    (NOW, "{moon}"): "fallback",
}


async def render(page: Page, text: str) -> str:
    """The markup that the page's own mrkdwn module makes."""
    markup: str = await page.evaluate(
        """async (text) => {
            const [{ mrkdwn }, { names }] = await Promise.all(
                [import("/static/mrkdwn.js"), import("/static/state.js")]);
            const holder = document.createElement("div");
            holder.append(...mrkdwn(text, names));
            return holder.innerHTML;
        }""",
        text,
    )
    return markup


async def test_mrkdwn_means_what_it_means_in_slack(browser: Browser) -> None:
    async with served(SlackStub(messages=[said("hello")])) as demo, window(browser, demo.url) as opened:
        await expect(opened.page.get_by_text("hello")).to_be_visible()
        assert {text: await render(opened.page, text) for text in MRKDWN} == MRKDWN


async def test_dates_are_told_in_the_viewers_zone_against_the_demos_clock(browser: Browser) -> None:
    async with served(SlackStub(messages=[said("hello")])) as demo, window(browser, demo.url) as opened:
        page = opened.page
        await expect(page.get_by_text("hello")).to_be_visible()
        told = {
            key: await page.evaluate(
                "async ([at, form, now]) => (await import('/static/dates.js'))"
                ".formatDate(at, form, 'fallback', new Date(now * 1000))",
                [*key, NOW],
            )
            for key in DATES
        }
        assert told == DATES


async def test_text_from_outside_never_becomes_markup(browser: Browser) -> None:
    bait = "<img src=x onerror=alert(1)> </p><script>document.title = 'gone'</script>"
    everywhere = [
        {"type": "section", "block_id": "a", "text": {"type": "mrkdwn", "text": bait}},
        {"type": "section", "block_id": "b", "text": {"type": "plain_text", "text": bait}},
        {"type": "header", "block_id": "c", "text": {"type": "plain_text", "text": bait}},
    ]
    stub = SlackStub(messages=[said(bait, name=bait), said(bait, *everywhere, minutes=1)])
    async with served(stub) as demo, window(browser, demo.url) as opened:
        messages = opened.page.locator("#messages")
        await expect(messages.get_by_role("article")).to_have_count(2)
        await expect(messages.get_by_role("heading")).to_have_text(bait)
        assert await messages.locator("img, script").count() == 0
        assert await opened.page.title() == "Relink demo"


async def test_every_kind_of_block_is_shown_on_a_desk_and_on_a_phone(browser: Browser) -> None:
    stub = SlackStub(messages=[said("a log", *EVERY_BLOCK)])
    async with served(stub) as demo:
        for size in (DESK, PHONE):
            async with window(browser, demo.url, size=size) as opened:
                await see_every_block(opened.page)


async def test_a_shared_image_is_shown_with_its_description_and_anything_else_is_a_link(
    browser: Browser,
) -> None:
    chart = {"id": "F1", "name": "chart.png", "title": "Chart", "alt": "Chart of 14 days", "size": 9_000}
    table = {"id": "F2", "name": "a.csv", "title": "Closed <b>incidents</b>", "alt": "A table", "size": 2_048}
    files = [
        chart | {"is_image": True, "url": "/static/icon.svg"},
        table | {"is_image": False, "url": "/demo/files/F2?user=U1"},
    ]
    digest = said("digest", minutes=-1, reply_count=1)
    digest["thread"] = [said("", thread_ts=digest["ts"], files=files[:1])]
    stub = SlackStub(messages=[digest, said("", files=files)])
    async with served(stub) as demo, window(browser, demo.url, size=PHONE) as opened:
        card = opened.page.get_by_role("article").last
        picture = card.get_by_role("img", name="Chart of 14 days")
        await expect(picture).to_have_js_property("complete", True)
        link = card.get_by_role("link", name="Closed <b>incidents</b>")
        await expect(link).to_have_attribute("href", "/demo/files/F2?user=U1")
        await expect(link).to_have_attribute("download", "a.csv")
        await expect(card).to_contain_text("a.csv, 2 kB")
        await check(opened.page)
        await opened.page.get_by_role("button", name="1 reply").click()
        await expect(opened.page.locator("#thread").get_by_role("img", name="Chart")).to_be_visible()


async def see_every_block(page: Page) -> None:
    """The message of EVERY_BLOCK is there as a person would read it."""
    card = page.get_by_role("article")
    await expect(card.get_by_role("heading", name="Repair log & proof")).to_be_visible()
    await expect(card).to_contain_text("CT4G-20117 at 03:10 (30 seconds ago)")
    await expect(card).to_contain_text("none <i>")
    await expect(card.get_by_role("separator")).to_be_attached()
    await expect(card).to_contain_text("Bold <b>Typed@Tech 1@supportPortal03:10\u26a1")
    await expect(card.get_by_role("link", name="Portal")).to_have_attribute(
        "href", "https://portal.example/x"
    )
    await expect(card.locator("ol li")).to_have_text("online 10:02")
    await expect(card.locator("pre")).to_have_text("840 ms")
    await expect(card.locator("blockquote")).to_have_text("It was off.")
    picture = card.get_by_role("img", name="Chart of 14 days")
    await picture.scroll_into_view_if_needed()
    await expect(picture).to_have_js_property("complete", True)
    await expect(card.get_by_role("button", name="Restart station")).to_have_class("primary")
    await expect(card.get_by_role("button", name="Not zero")).to_have_class("danger")
    await expect(card.get_by_role("button", name="More actions")).to_be_visible()
    await expect(card.get_by_role("combobox", name="Why?")).to_be_visible()
    await expect(card.get_by_label("Day of the visit")).to_have_value("2026-11-25")
    await expect(card).to_contain_text("portal, 20 s old")
    await expect(card).to_contain_text("(carousel is not shown here)")

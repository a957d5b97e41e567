"""A person at the real demo's page, on a desk or a phone: three incidents from the first silence on, by hand.

Every walk shows each new screen to `look`; tests check it there, the README's pictures are taken there.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from playwright.async_api import Locator, Page, ViewportSize, expect

from tests.demo_page.real_demo import RealDemo

STATION = "CT4G-20117"
SOON_MS = 30_000
NARROW = 759
"""Up to this width the controls lie over the messages."""
NOTHING_WRONG = {
    "SIM active?": "yes",
    "Data cap exceeded?": "no",
    "Carrier issue reported?": "no",
    "SIM defective?": "no",
}

Look = Callable[[str, Page], Awaitable[None]]


@dataclass(frozen=True)
class Walk:
    """Somebody at `page`; `look` is told the name of each screen."""

    demo: RealDemo
    page: Page
    size: ViewportSize
    look: Look

    @property
    def channel(self) -> Locator:
        """What stands in the middle."""
        return self.page.locator("#messages")

    @property
    def dialog(self) -> Locator:
        """The form or question in front."""
        return self.page.get_by_role("dialog")

    @property
    def rings(self) -> Locator:
        """The phones that rang for this person."""
        return self.page.get_by_role("region", name="Rings").get_by_role("listitem")

    def button(self, label: str) -> Locator:
        """A button of the station's card."""
        return self.channel.get_by_role("button", name=f"{label}: {STATION}").or_(
            self.channel.get_by_role("button", name=label, exact=True)
        )

    async def shows(self, words: str) -> None:
        """Wait until the card says so."""
        await expect(self.channel).to_contain_text(words, timeout=SOON_MS)

    async def press(self, label: str) -> None:
        """Press a button of the card."""
        await self.button(label).last.click(timeout=SOON_MS)

    async def become(self, name: str) -> None:
        """Look as somebody else."""
        await self.page.get_by_role("radio", name=name).check()

    # Breaking, and time

    async def breaks(self, menu_entry: str) -> None:
        """Break the station by hand, under Stations."""
        await self._open_controls()
        await self.page.get_by_role("tab", name="Stations").click()
        await self.page.get_by_role("button", name=f"Break {STATION}").click()
        await self.page.get_by_role("menuitem", name=menu_entry).click()
        await self._close_controls()

    async def carrier(self, name: str, *, down: bool) -> None:
        """A carrier of an area fails, or is back."""
        await self._open_controls()
        await self.page.get_by_role("tab", name="Stations").click()
        toggle = self.page.get_by_role("button", name=name)
        await toggle.click()
        await expect(toggle).to_have_attribute("aria-pressed", "true" if down else "false")
        await self.look("stations", self.page)
        await self._close_controls()

    async def later(self, *jumps: int) -> None:
        """Move the clock on with its buttons (minutes)."""
        await self._open_controls()
        for minutes in jumps:
            async with self.page.expect_response("**/demo/clock"):
                await self.page.get_by_role("button", name=f"on by {minutes} min").click()
            await expect(self.page.locator("#jumps")).not_to_have_attribute("aria-busy", "true")
        await self._close_controls()

    async def to_seven(self) -> None:
        """Move the clock on to 07:00."""
        await self._open_controls()
        await self.page.get_by_role("button", name="Move the clock on to 07:00").click()
        await self._close_controls()

    async def _open_controls(self) -> None:
        if self.size["width"] <= NARROW:
            await self.page.locator("#controls-open").click()

    async def _close_controls(self) -> None:
        if self.size["width"] <= NARROW:
            await self.page.get_by_role("button", name="Close the controls").click()

    async def silent_for_30_minutes(self, menu_entry: str) -> None:
        """The station breaks, the alert comes in, support is rung at minute 30 and not before."""
        await self.breaks(menu_entry)
        await self.later(10)
        await self.shows("Watching until")
        await expect(self.rings).to_have_count(0)
        await self.look("watching", self.page)
        await self.later(10, 10)
        await self.shows("needs you")
        await expect(self.rings).to_contain_text("still silent after 30 minutes", timeout=SOON_MS)

    # Forms

    async def fill(self, answers: dict[str, str], send: str) -> None:
        """Answer the open form's questions with side-by-side choices, and send it."""
        for question, answer in answers.items():
            group = self.dialog.get_by_role("radiogroup", name=question)
            await group.get_by_label(answer, exact=True).check()
        await self.dialog.get_by_role("button", name=send).click()
        await expect(self.dialog).to_have_count(0)

    async def tomorrow_at_nine(self) -> str:
        """As the field for day and time holds it."""
        now = datetime.fromisoformat((await self.demo.get("world"))["clock"])
        return f"{now + timedelta(days=1):%Y-%m-%d}T09:00"


async def restart_helps(walk: Walk) -> None:
    """Modem hang: one ring, one restart after a question, the proof, the log."""
    await walk.silent_for_30_minutes("Modem hang")
    await walk.look("rung", walk.page)
    await walk.press("Restart station")
    await expect(walk.dialog).to_contain_text("Ends any charging session")
    await walk.look("asked first", walk.page)
    await walk.dialog.get_by_role("button", name="Restart").click()
    await walk.shows("Restart taken")
    await expect(walk.rings).to_have_count(0)
    await walk.later(3)
    await walk.shows("verifying")
    await walk.look("proof", walk.page)
    await walk.press("Waive: nobody on site")
    await walk.shows("log the repair")
    await walk.press("Log the repair")
    await expect(walk.dialog).to_be_visible(timeout=SOON_MS)
    await walk.look("log form", walk.page)
    await walk.dialog.locator("button[type=submit]").click()
    await walk.shows("Closed")
    await walk.page.get_by_role("button", name="replies").click()
    thread = walk.page.get_by_role("region", name="Thread #")
    await expect(thread).to_contain_text("Fix: modem power cycle", timeout=SOON_MS)
    await walk.look("thread", walk.page)


async def to_the_visit(walk: Walk) -> None:
    """Not delivered: the call, the choice of a technician, their direct message, and when they come."""
    page = walk.page
    await walk.silent_for_30_minutes("Restart not deliverable")
    await walk.press("Restart station")
    await walk.dialog.get_by_role("button", name="Restart").click()
    await expect(walk.rings.last).to_contain_text("Nothing was restarted", timeout=SOON_MS)
    await walk.press("Enter answers")
    await expect(walk.dialog).to_contain_text("SIM defective?", timeout=SOON_MS)
    await walk.look("SIM form", page)
    await walk.fill(NOTHING_WRONG, "Save")
    await walk.shows("visit needed")
    await walk.press("Choose technician")
    await walk.dialog.get_by_label("Who shall go?").select_option("Tech 1", timeout=SOON_MS)
    await walk.look("who goes", page)
    await walk.dialog.get_by_role("button", name="Ask").click()
    await walk.shows("was asked for a visit")
    direct = page.get_by_role("navigation").get_by_role("button", name="Relink")
    await expect(direct).to_have_count(0)

    await walk.become("Tech 1")
    await expect(direct).to_have_accessible_name("Relink 1 unread", timeout=SOON_MS)
    await expect(walk.rings).to_contain_text("a visit for you")
    await walk.look("technician rung", page)
    await walk.rings.get_by_role("button", name="Open").click()
    await expect(direct).to_have_accessible_name("Relink")
    await expect(walk.rings).to_have_count(0)
    await expect(walk.channel.get_by_text("A visit for you. Can you go?")).to_be_in_viewport()
    await walk.look("direct message", page)
    await walk.press("I come at...")
    await walk.dialog.get_by_label("Day and time").fill(await walk.tomorrow_at_nine(), timeout=SOON_MS)
    await walk.look("when", page)
    await walk.dialog.get_by_role("button", name="Save").click()
    await walk.shows("Your visit, tomorrow 09:00")
    await expect(walk.rings).to_have_count(0)
    await walk.look("visit planned", page)

    await walk.become("Tech 2")
    await expect(direct).to_have_count(0)
    await walk.become("Support 1")
    await walk.shows("comes tomorrow 09:00")


async def carrier_outage(walk: Walk) -> None:
    """A carrier fails: a card for each station, one press says what it is, a note, and back again."""
    page = walk.page
    await walk.carrier("T-Mobile, north", down=True)
    await walk.later(10, 1)
    await expect(page.get_by_role("article")).to_have_count(5, timeout=SOON_MS)
    await expect(walk.button("Others down: outage").first).to_be_visible(timeout=SOON_MS)
    await walk.look("many cards", page)
    await expect(walk.rings).to_have_count(0)
    card = page.get_by_role("article").filter(has_text=STATION)
    await card.get_by_role("button", name="Others down: outage").click(timeout=SOON_MS)
    await expect(card).to_contain_text("Likely a carrier outage", timeout=SOON_MS)
    await card.get_by_role("button", name="More actions").click()
    await expect(page.get_by_role("menuitem")).to_have_text(
        ["Add note", "Correct an answer", "Hand over", "Call for help", "More"]
    )
    await walk.look("menu", page)
    await page.get_by_role("menuitem", name="Add note").click()
    await walk.dialog.get_by_role("textbox").fill("Status page: 30 minutes.", timeout=SOON_MS)
    await walk.look("note", page)
    await walk.dialog.get_by_role("button", name="Add note").click()
    await expect(walk.dialog).to_have_count(0)
    await walk.carrier("T-Mobile, north", down=False)
    await walk.later(10, 10)
    await expect(card).to_contain_text("Back ", timeout=SOON_MS)
    await walk.look("back", page)


async def behind_two_gates(walk: Walk) -> None:
    """The demo's own story of the work on site, watched on the technician's phone up to the shut gates."""
    await walk.demo.post("play", story="behind-two-gates")
    await expect(walk.channel).to_contain_text("Lock out before opening", timeout=4 * SOON_MS)
    await walk.look("gate shut", walk.page)


async def the_morning(walk: Walk) -> None:
    """A station goes down in the night; at 07:00 the digest tells of it, with the chart in its thread."""
    page = walk.page
    await walk.silent_for_30_minutes("Modem hang")
    await walk.to_seven()
    digest = page.get_by_role("article").filter(has_text="07:00 UTC")
    await expect(digest).to_contain_text("Needs a decision today", timeout=2 * SOON_MS)
    await digest.get_by_role("button", name="1 reply").click(timeout=2 * SOON_MS)
    chart = page.get_by_role("region", name="Thread #").get_by_role("img", name="Incidents by cause:")
    await expect(chart).to_be_visible(timeout=2 * SOON_MS)
    await chart.scroll_into_view_if_needed()
    await walk.look("morning", page)

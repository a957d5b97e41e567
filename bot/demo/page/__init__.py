"""The demo's web page: a small chat client, the demo's clock and the simulated stations."""

from bot.demo.page.app import page_app
from bot.demo.page.portal_pages import PORTAL_PAGES
from bot.demo.page.world import World

__all__ = ["PORTAL_PAGES", "World", "page_app"]

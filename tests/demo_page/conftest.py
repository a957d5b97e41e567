"""Fixtures of the page's tests."""

from tests.demo_page.browser import browser

__all__ = ["browser"]

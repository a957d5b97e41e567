"""Which connector a setting names."""

from pydantic import SecretStr

from bot.portal.contract import Portal
from bot.portal.http import HttpPortal
from bot.portal.manual import ManualPortal


def choose_portal(kind: str, url: str | None, token: SecretStr | None) -> Portal:
    """The portal that PORTAL names. Raises ConfigWrong for an address or a token it cannot use."""
    if kind == "http" and url and token:
        return HttpPortal(url, token)
    return ManualPortal()

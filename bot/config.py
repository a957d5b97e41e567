"""Settings from the environment, `.env` and an optional TOML file. Every wrong name is reported at once."""

import tomllib
from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from sqlalchemy import make_url

from bot.errors import ConfigWrong
from bot.schedule import DigestPlace
from bot.shapes import (
    ApiAddress,
    AppToken,
    BotToken,
    Channel,
    CommandName,
    DatabaseAddress,
    DigestPlaces,
    NamedTokens,
    People,
    PortalKind,
    Secret,
    Secrets,
    SerialRule,
    Span,
    TimeOfDay,
    WebAddress,
    WebhookSecrets,
    Zone,
)


class Timings(BaseModel):
    """The times that are Relink's own and not the manual's; the manual's stand in the runbook.

    `[timings]` in the CONFIG_FILE overrides them. docs/operating.md lists them for the people who run Relink.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    look: Span = timedelta(minutes=3)
    """How often a silent station is looked at again."""
    verify: Span = timedelta(minutes=15)
    """How long verification looks by itself before it calls a person."""
    verify_look: Span = timedelta(minutes=1)
    """How often it looks whether the alert has cleared."""
    retry: Span = timedelta(seconds=10)
    """When Get Configuration is asked a second time."""
    take: Span = timedelta(minutes=10)
    """How long a called person has to take the incident before the leads are called."""
    watch: Span = timedelta(minutes=30)
    """How long a station that came back untouched must stay up before its incident closes by itself."""
    watch_flapping: Span = timedelta(hours=2)
    """The same for a station that came back for the third time within `reopen`."""
    reopen: Span = timedelta(hours=24)
    """Down again within this time after closing: the same incident."""
    restart_cool_down: Span = timedelta(minutes=30)
    """How long after a restart a further one of the same station needs a reason."""
    look_seldom: Span = timedelta(hours=1)
    """How often a station is looked at that waits for its provider or its SIM."""
    provider: Span = timedelta(hours=24)
    """How long the provider may take before the owner is reminded."""
    outage_look: Span = timedelta(minutes=15)
    """How often a carrier outage is looked at."""
    outage: Span = timedelta(hours=4)
    """How long a carrier outage may last before a lead is asked."""
    restart_expiry: Span = timedelta(minutes=10)
    """How long a restart may wait to be sent, here or in the portal's queue."""

    restart_wait: Span = timedelta(hours=12)
    """How long a restart waits for a charging session to end."""
    again: Span = timedelta(minutes=30)
    """When somebody is called again who could not get into the portal, or not make the call, just now."""
    accept: Span = timedelta(minutes=15)
    """How long a technician has to accept a visit before it goes back to support."""
    boot_look: Span = timedelta(seconds=20)
    """How often a station is looked at that has just got its power back."""
    gate: Span = timedelta(hours=12)
    """How long 0 V that was proved holds; then the cabinet's text is withdrawn and it is measured anew."""
    drill: Span = timedelta(hours=24)
    """After how long a drill that nobody ended closes itself."""
    silence: Span = timedelta(hours=1)
    """How long a technician may be silent while a lock is on before a lead is told to phone."""
    park_at: TimeOfDay = time(7)
    """When what was parked or muted calls again, in the sites' zone."""
    remind_at: TimeOfDay = time(9)
    """When somebody is reminded on a day something was promised for, in the sites' zone."""

    def by_name(self) -> Mapping[str, timedelta]:
        """The lengths under the names the runbook uses (`verify-look`)."""
        values = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name.replace("_", "-"): value for name, value in values if isinstance(value, timedelta)}


class Settings(BaseSettings):
    """All names the outside may set. Secrets are SecretStr: they print as stars.

    Built by `load_settings`; a wrong value raises ConfigWrong, never a ValidationError.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", case_sensitive=False, validate_default=True
    )

    slack_bot_token: BotToken
    slack_app_token: AppToken | None = None
    slack_signing_secret: Secrets = ()
    slack_api_url: ApiAddress = "https://slack.com/api/"
    slack_command: CommandName = "/charger"
    # Not a secret as a whole, but it may hold a password.
    database_url: DatabaseAddress = Field("sqlite:///relink.db", repr=False)
    portal: PortalKind = "manual"
    portal_url: WebAddress | None = None
    portal_token: Secret | None = None
    alert_secrets: WebhookSecrets = ()
    alert_tokens: NamedTokens = Field(default_factory=dict)
    alert_channel: Channel
    alert_rate: float = Field(0, ge=0, allow_inf_nan=False)
    digest_channels: DigestPlaces = ()
    """Empty: see `digest_places`."""
    site_timezone: Zone = ZoneInfo("UTC")
    gen_1_serial: SerialRule = r"CT4G-1[0-9]{4}"
    gen_2_serial: SerialRule = r"CT4G-[2-9][0-9]{4}"
    support_group: Annotated[People, Field(min_length=1)]
    technician_group: People = ()
    lead_group: People = ()
    host: str = Field("127.0.0.1", min_length=1)
    port: int = Field(8080, ge=0, le=65535)
    metrics_token: Secret | None = None
    demo_dir: Path | None = None
    log_format: Literal["text", "json"] = "text"
    timings: Annotated[Timings, NoDecode] = Timings()
    config_file: Path | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _all_at_once(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        # A validator "after" is skipped while a field is wrong, and the person would need a second round.
        problems = _together(values)
        try:
            settings = handler(values)
        except ValidationError as wrong:
            lines = [_line(error) for error in wrong.errors(include_input=False, include_url=False)]
            raise ConfigWrong([*dict.fromkeys(lines), *problems]) from None
        if problems:
            raise ConfigWrong(problems)
        return settings

    def digest_places(self) -> tuple[DigestPlace, ...]:
        """Where and when the morning digest goes; unless it is said, the alert channel at 07:00 of the sites."""
        return self.digest_channels or (DigestPlace(self.alert_channel, time(7), self.site_timezone),)

    def secret_values(self) -> tuple[str, ...]:
        """Every secret in plain text, for the one who takes them out of log lines."""
        secrets = [
            self.slack_bot_token,
            self.slack_app_token,
            *self.slack_signing_secret,
            self.portal_token,
            *self.alert_secrets,
            *(token for tokens in self.alert_tokens.values() for token in tokens),
            self.metrics_token,
        ]
        # As the driver gets it, and as it is written in the address.
        passwords = (make_url(self.database_url).password, urlsplit(self.database_url).password)
        plain = [secret.get_secret_value() for secret in secrets if secret is not None]
        return (*plain, *{password for password in passwords if password})

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """First what the caller gives, then the environment, then `.env`, last the CONFIG_FILE they name."""
        sources = (init_settings, env_settings, dotenv_settings)
        named = [path for source in sources if (path := source().get("config_file"))]
        in_file = read_toml(Path(named[0])) if named else {}
        return (*sources, InitSettingsSource(settings_cls, init_kwargs=dict(in_file)))


def load_settings(**given: Any) -> Settings:
    """Settings from everywhere; `given` goes first.

    Raises ConfigWrong with one line `NAME: what is wrong` for each wrong name; no value is repeated in it.
    """
    try:
        return Settings(**given)
    except UnicodeDecodeError:
        raise ConfigWrong([".env: not UTF-8 text"]) from None
    except OSError as wrong:
        raise ConfigWrong([f".env: {wrong.strerror}"]) from None


def read_toml(path: Path) -> Mapping[str, Any]:
    """The CONFIG_FILE; what is empty in it counts as not there. Raises ConfigWrong if it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
        return {name: value for name, value in tomllib.loads(text).items() if value != ""}
    except tomllib.TOMLDecodeError as wrong:
        raise ConfigWrong([f"CONFIG_FILE: {wrong}"]) from None
    except OSError as wrong:
        raise ConfigWrong([f"CONFIG_FILE: {wrong.strerror}"]) from None
    except ValueError:
        raise ConfigWrong(["CONFIG_FILE: not UTF-8 text, or not a file name"]) from None


def _together(values: Mapping[str, Any]) -> list[str]:
    """What is wrong with the names as a whole, one line each."""
    problems = []
    if not values.get("slack_app_token") and not values.get("slack_signing_secret"):
        problems.append("SLACK_SIGNING_SECRET: missing; only with SLACK_APP_TOKEN it is not needed")
    if values.get("portal") == "http":
        needed = ("portal_url", "portal_token")
        problems += [
            f"{name.upper()}: missing; PORTAL=http needs it" for name in needed if not values.get(name)
        ]
    if not values.get("alert_secrets") and not values.get("alert_tokens"):
        problems.append("ALERT_SECRETS: missing, as is ALERT_TOKENS; nobody could send an alert")
    return problems


def _line(error: Any) -> str:
    field, *inside = error["loc"]
    name = ".".join([field, *(map(str, inside) if field == "timings" else ())]).upper()
    if error["type"] == "missing":
        return f"{name}: missing"
    if error["type"] == "extra_forbidden":
        return f"{name}: there is no such name"
    return f"{name}: {str(error['msg']).removeprefix('Value error, ')}"

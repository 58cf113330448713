"""The settings: read once from the environment, validated and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kindlechat import setting_values as values
from kindlechat.errors import SettingsError
from kindlechat.mail.server import SmtpServer
from kindlechat.rate_limit import RateLimit
from kindlechat.setting_values import Variables
from kindlechat.site_settings import WORKERS, NewsletterSettings, read_base_url, read_newsletter

GEMINI_BASE_URL = "https://generativelanguage.googleapis.com"
KEEP_NOTHING_S = 3600
"""With KINDLECHAT_KEEP_DAYS=0 a reader still has an hour to read, and to come back after a break."""

DAILY_LIMIT = 2000
"""Questions a day where each costs money. It bounds the cost of a day, far above what a class asks."""


NEWSLETTER_NEEDS = (
    "the newsletter needs KINDLECHAT_SMTP_URL, KINDLECHAT_MAIL_FROM, KINDLECHAT_MAIL_ADDRESS and a"
    " KINDLECHAT_BASE_URL that begins with https"
)


@dataclass(frozen=True)
class Settings:
    """Everything that an operator can set. `repr` shows no secret."""

    gemini_api_key: str | None
    gemini_base_url: str | None
    gemini_model: str
    gemini_max_output_tokens: int
    gemini_temperature: float | None
    gemini_thinking_level: str | None
    follow_ups: bool
    bind_address: str
    port: int
    web_concurrency: int
    redis_url: str | None
    redis_connections: int
    data: Path
    presets: Path | None
    secret_key: str | None
    passcode: str | None
    rate_limits: tuple[RateLimit, ...]
    concurrency_limit: int | None
    daily_limit: int | None
    trusted_proxies: int
    keep_days: int
    grace_s: float
    force_https: bool
    cache_mib: int
    connection_limit: int | None
    hosts: tuple[str, ...]
    root: str
    smtp: SmtpServer | None
    mail_from: str | None
    newsletter: NewsletterSettings | None
    log_level: str
    log_format: str
    log_requests: bool

    def __repr__(self) -> str:
        return f"Settings(model={self.gemini_model!r}, port={self.port}, demo={self.demo})"

    @property
    def demo(self) -> bool:
        """Whether the built-in demonstration upstream answers."""
        return self.gemini_api_key is None and self.gemini_base_url is None

    @property
    def sends_mail(self) -> bool:
        """Whether there is a mail server."""
        return self.smtp is not None

    @property
    def keep_s(self) -> int:
        """How many seconds conversations stay after the end of their last reply."""
        return self.keep_days * 86_400 or KEEP_NOTHING_S

    @property
    def upstream_url(self) -> str:
        """The base URL of the upstream, unless the demonstration answers."""
        return self.gemini_base_url or GEMINI_BASE_URL

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the settings from an environment. An empty value counts as none.

        Raises SettingsError with one line: the variable, what was expected, what came.
        """
        read = Variables(env)
        api_key = read.get("GEMINI_API_KEY", None, values.header_value, secret=True)
        weak = read.get("KINDLECHAT_PASSCODE_WEAK", False, values.allow)
        trusted_proxies = read.get("KINDLECHAT_TRUSTED_PROXIES", 0, values.whole(0, 10))
        settings = cls(
            gemini_api_key=api_key,
            **_read_gemini(read),
            bind_address=read.get("BIND_ADDRESS", "0.0.0.0", values.bind_address),  # noqa: S104
            port=read.get("PORT", 8000, values.port),
            web_concurrency=read.get("WEB_CONCURRENCY", 1, WORKERS),
            redis_url=_read_redis_url(read, env),
            redis_connections=read.get("KINDLECHAT_REDIS_CONNECTIONS", 16, values.whole(2, 10_000)),
            log_format=read.get("KINDLECHAT_LOG_FORMAT", "TEXT", values.one_of(values.LOG_FORMATS)),
            log_requests=read.get("KINDLECHAT_LOG_REQUESTS", False, values.on_or_off),
            log_level=read.get("KINDLECHAT_LOG_LEVEL", "INFO", values.one_of(values.LOG_LEVELS)),
            data=read.get("KINDLECHAT_DATA", Path("data"), Path),
            presets=read.get("KINDLECHAT_PRESETS", None, Path),
            secret_key=read.get("SECRET_KEY", None, values.secret_key, secret=True),
            passcode=read.get(
                "KINDLECHAT_PASSCODE", None, str if weak else values.strong_passcode, secret=True
            ),
            rate_limits=read.get(
                "KINDLECHAT_RATE_LIMIT", values.rate_limits("20/minute;300/day"), values.rate_limits
            ),
            concurrency_limit=read.get(
                "KINDLECHAT_REPLIES_AT_ONCE", 4, values.or_off(values.whole(1, 1_000_000))
            ),
            daily_limit=read.get(
                "KINDLECHAT_DAILY_LIMIT",
                DAILY_LIMIT if api_key else None,
                values.or_off(values.whole(1, 100_000_000)),
            ),
            trusted_proxies=trusted_proxies,
            keep_days=read.get("KINDLECHAT_KEEP_DAYS", 30, values.whole(0, 36500)),
            grace_s=read.get("KINDLECHAT_GRACE_S", 20.0, values.number(0, 3600)),
            force_https=_read_force_https(read, trusted_proxies),
            cache_mib=read.get("KINDLECHAT_CACHE_MB", 32, values.whole(1, 100_000)),
            connection_limit=read.get(
                "KINDLECHAT_CONNECTIONS", 300, values.or_off(values.whole(1, 1_000_000))
            ),
            root=(root := read.get("KINDLECHAT_ROOT", "", values.root)),
            hosts=read.get("KINDLECHAT_HOSTS", (), values.hosts),
            smtp=(smtp := read.get("KINDLECHAT_SMTP_URL", None, values.smtp_url, secret=True)),
            mail_from=_read_mail_from(read, smtp),
            newsletter=read_newsletter(read, read_base_url(read, env, root)),
        )
        read.refuse_unknown()
        return settings


def _read_gemini(read: Variables) -> dict[str, Any]:
    """What the model is asked for, and where."""
    return {
        "gemini_base_url": read.get("GEMINI_BASE_URL", None, values.base_url),
        "gemini_model": read.get("GEMINI_MODEL", "gemini-flash-latest", values.model),
        "gemini_max_output_tokens": read.get(
            "GEMINI_MAX_OUTPUT_TOKENS", 8192, values.whole(1, 1_000_000)
        ),
        "gemini_temperature": read.get("GEMINI_TEMPERATURE", None, values.number(0, 2)),
        "gemini_thinking_level": read.get(
            "GEMINI_THINKING_LEVEL", None, values.one_of(values.THINKING_LEVELS)
        ),
        "follow_ups": read.get("KINDLECHAT_FOLLOW_UPS", True, values.on_or_off),
    }


def _read_redis_url(read: Variables, env: Mapping[str, str]) -> str | None:
    url = read.get("REDIS_URL", None, values.redis_url, secret=True)
    if url and not env.get("SECRET_KEY"):
        raise SettingsError(
            "SECRET_KEY: expected a long random value when REDIS_URL is set (every machine must"
            " share it), got nothing"
        )
    return url


def _read_mail_from(read: Variables, smtp: SmtpServer | None) -> str | None:
    address = read.get("KINDLECHAT_MAIL_FROM", None, values.sender)
    if smtp and not address:
        raise SettingsError(
            "KINDLECHAT_MAIL_FROM: expected the address that mail comes from when KINDLECHAT_SMTP_URL is"
            " set, got nothing"
        )
    return address


def _read_force_https(read: Variables, trusted_proxies: int) -> bool:
    force = read.get("KINDLECHAT_HTTPS", False, values.https)
    if force and not trusted_proxies:
        raise SettingsError(
            "KINDLECHAT_TRUSTED_PROXIES: expected 1 or more with KINDLECHAT_HTTPS=force (HTTPS ends at a"
            " router, and only its word tells that it was used), got 0"
        )
    return force

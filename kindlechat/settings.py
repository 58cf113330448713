"""The settings: read once from the environment, validated and frozen."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from kindlechat.errors import SettingsError

if TYPE_CHECKING:
    from limits import RateLimitItem

D = TypeVar("D")
T = TypeVar("T")

GEMINI_BASE_URL = "https://generativelanguage.googleapis.com"
KEEP_NOTHING_S = 3600
"""With KINDLECHAT_KEEP_DAYS=0 a reader still has an hour to read, and to come back after a break."""

DAILY_LIMIT = 2000
"""Questions a day where each costs money. It bounds the cost of a day, far above what a class asks."""

MIN_PASSCODE_CHARS = 8
"""Whoever has enough addresses finds a PIN of four digits in minutes."""

MIN_SECRET_CHARS = 32

THINKING_LEVELS = ("MINIMAL", "LOW", "MEDIUM", "HIGH")


@dataclass(frozen=True)
class Settings:
    """Everything that an operator can set. `repr` shows no secret."""

    gemini_api_key: str | None
    gemini_base_url: str | None
    gemini_model: str
    gemini_max_output_tokens: int
    gemini_temperature: float | None
    gemini_thinking_level: str | None
    port: int
    web_concurrency: int
    redis_url: str | None
    data: Path
    secret_key: str | None
    passcode: str | None
    rate_limits: "tuple[RateLimitItem, ...]"
    concurrency_limit: int | None
    daily_limit: int | None
    trusted_proxies: int
    keep_days: int
    grace_s: float
    force_https: bool
    cache_mib: int
    connection_limit: int | None
    hosts: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Settings(model={self.gemini_model!r}, port={self.port}, demo={self.demo})"

    @property
    def demo(self) -> bool:
        """Whether the built-in demonstration upstream answers."""
        return self.gemini_api_key is None and self.gemini_base_url is None

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
        read = _Reader(env)
        api_key = read.get("GEMINI_API_KEY", None, _header_value, secret=True)
        weak = read.get("KINDLECHAT_PASSCODE_WEAK", False, _allow)
        redis_url = read.get("REDIS_URL", None, _redis_url, secret=True)
        if redis_url and not env.get("SECRET_KEY"):
            raise SettingsError(
                "SECRET_KEY: expected a long random value when REDIS_URL is set (every machine must"
                " share it), got nothing"
            )
        trusted_proxies = read.get("KINDLECHAT_TRUSTED_PROXIES", 0, _whole(0, 10))
        force_https = read.get("KINDLECHAT_HTTPS", False, _https)
        if force_https and not trusted_proxies:
            raise SettingsError(
                "KINDLECHAT_TRUSTED_PROXIES: expected 1 or more with KINDLECHAT_HTTPS=force (HTTPS ends at a"
                " router, and only its word tells that it was used), got 0"
            )
        return cls(
            gemini_api_key=api_key,
            gemini_base_url=read.get("GEMINI_BASE_URL", None, _base_url),
            gemini_model=read.get("GEMINI_MODEL", "gemini-flash-latest", _model),
            gemini_max_output_tokens=read.get(
                "GEMINI_MAX_OUTPUT_TOKENS", 8192, _whole(1, 1_000_000)
            ),
            gemini_temperature=read.get("GEMINI_TEMPERATURE", None, _number(0, 2)),
            gemini_thinking_level=read.get("GEMINI_THINKING_LEVEL", None, _thinking_level),
            port=read.get("PORT", 8000, _port),
            web_concurrency=read.get("WEB_CONCURRENCY", 1, _whole(1, 64)),
            redis_url=redis_url,
            data=read.get("KINDLECHAT_DATA", Path("data"), Path),
            secret_key=read.get("SECRET_KEY", None, _secret_key, secret=True),
            passcode=read.get(
                "KINDLECHAT_PASSCODE", None, str if weak else _strong_passcode, secret=True
            ),
            rate_limits=read.get(
                "KINDLECHAT_RATE_LIMIT", _rate_limits("20/minute;300/day"), _rate_limits
            ),
            concurrency_limit=read.get(
                "KINDLECHAT_REPLIES_AT_ONCE", 4, _or_off(_whole(1, 1_000_000))
            ),
            daily_limit=read.get(
                "KINDLECHAT_DAILY_LIMIT",
                DAILY_LIMIT if api_key else None,
                _or_off(_whole(1, 100_000_000)),
            ),
            trusted_proxies=trusted_proxies,
            keep_days=read.get("KINDLECHAT_KEEP_DAYS", 30, _whole(0, 36500)),
            grace_s=read.get("KINDLECHAT_GRACE_S", 20.0, _number(0, 3600)),
            force_https=force_https,
            cache_mib=read.get("KINDLECHAT_CACHE_MB", 32, _whole(1, 100_000)),
            connection_limit=read.get("KINDLECHAT_CONNECTIONS", 300, _or_off(_whole(1, 1_000_000))),
            hosts=read.get("KINDLECHAT_HOSTS", (), _hosts),
        )


PLATFORM_ADDRESSES = {
    "RENDER_EXTERNAL_URL": "{}",
    "RAILWAY_PUBLIC_DOMAIN": "https://{}",
    "HEROKU_APP_DEFAULT_DOMAIN_NAME": "https://{}",
    "KOYEB_PUBLIC_DOMAIN": "https://{}",
    "FLY_APP_NAME": "https://{}.fly.dev",
}
"""The variables in which platforms tell an application its address (their documentation, 2026)."""


@dataclass(frozen=True)
class SiteSettings:
    """The settings of the generator: whether the demonstration answers, and the site's own address.

    `base_url` is "" where neither the operator nor the platform gives one.
    """

    demo: bool
    base_url: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "SiteSettings":
        """Read them from an environment. Raises SettingsError as `Settings.from_env` does."""
        read = _Reader(env)
        upstream = read.get("GEMINI_API_KEY", None, str) or read.get("GEMINI_BASE_URL", None, str)
        told = read.get("KINDLECHAT_BASE_URL", "", own_url)
        return cls(demo=upstream is None, base_url=told or _platform_address(env))


def _platform_address(env: Mapping[str, str]) -> str:
    """The address that the platform gives the application, or ""."""
    for name, pattern in PLATFORM_ADDRESSES.items():
        value = env.get(name, "").strip()
        if value:
            with suppress(ValueError):  # a platform's mistake must not stop the start
                return own_url(pattern.format(value))
    return ""


class _Reader:
    """Reads variables. Turns a parser's error into one line for the operator."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def get(
        self, name: str, default: D, parse: Callable[[str], T], *, secret: bool = False
    ) -> D | T:
        value = self._env.get(name, "").strip()
        if not value:
            return default
        try:
            return parse(value)
        except ValueError as error:
            came = "another value (not shown)" if secret else repr(without_password(value))
            raise SettingsError(f"{name}: expected {error}, got {came}") from None


def without_password(value: str) -> str:
    """A value without the user name and password of an address."""
    return re.sub(r"^(.*?//)?.*@", r"\1…@", value, flags=re.DOTALL)


# Each parser below raises ValueError whose text completes "expected …".


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(value)

    return parse


def _number(low: float, high: float) -> Callable[[str], float]:
    def parse(value: str) -> float:
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value) or not low <= float(value) <= high:
            raise ValueError(f"a number from {low} to {high}")
        return float(value)

    return parse


def _or_off(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    def parse_or_off(value: str) -> T | None:
        if value.lower() == "off":
            return None
        try:
            return parse(value)
        except ValueError as error:
            raise ValueError(f"{error}, or 'off'") from None

    return parse_or_off


_port = _whole(1, 65535)


def _rate_limits(value: str) -> "tuple[RateLimitItem, ...]":
    from limits import parse_many  # takes a tenth of a second, which the generator saves

    if value.lower() == "off":
        return ()
    try:
        items = parse_many(value)
    except ValueError:
        items = []
    if not items or any(item.amount < 1 for item in items):
        raise ValueError("limits such as '20/minute;300/day', or 'off'")
    return tuple(items)


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("an http or https address without a query")
    return value.rstrip("/")


def own_url(value: str) -> str:
    """The address of this site on the web, without a slash at its end.

    Raises ValueError whose text completes "expected …".
    """
    if not re.fullmatch(r"https?://[^/\s?#@]+/?", value):
        raise ValueError("an address such as https://chat.example, without a path")
    return value.rstrip("/")


def _redis_url(value: str) -> str:
    if urlsplit(value).scheme not in ("redis", "rediss", "unix"):
        raise ValueError("an address redis://… or rediss://…")
    return value


def _model(value: str) -> str:
    name = value.removeprefix("models/")
    if not re.fullmatch(r"[A-Za-z0-9._-]+", name):
        raise ValueError("a model's name such as gemini-flash-latest")
    return name


def _thinking_level(value: str) -> str:
    if value.upper() not in THINKING_LEVELS:
        raise ValueError(f"one of {', '.join(THINKING_LEVELS)}")
    return value.upper()


def _header_value(value: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]+", value):
        raise ValueError("a key of printable ASCII characters with no spaces")
    return value


def _secret_key(value: str) -> str:
    if len(value) < MIN_SECRET_CHARS:
        raise ValueError(
            f"at least {MIN_SECRET_CHARS} random characters, as `openssl rand -hex 32` gives them"
        )
    return value


def _strong_passcode(value: str) -> str:
    if len(value) < MIN_PASSCODE_CHARS:
        raise ValueError(
            f"at least {MIN_PASSCODE_CHARS} characters, or KINDLECHAT_PASSCODE_WEAK=allow"
        )
    return value


def _allow(value: str) -> bool:
    if value != "allow":
        raise ValueError("'allow' or nothing")
    return True


def _hosts(value: str) -> tuple[str, ...]:
    names = re.split(r"[,\s]+", value.lower().strip(", "))
    host = r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|[0-9a-f]*(:[0-9a-f]*){2,}"
    if not all(re.fullmatch(host, name) for name in names):
        raise ValueError("names of hosts without a port, such as 'chat.example 192.168.1.5'")
    return tuple(names)


def _https(value: str) -> bool:
    if value not in ("allow", "force"):
        raise ValueError("'allow' or 'force'")
    return value == "force"

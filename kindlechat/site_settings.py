"""The settings of the generator, which the server has, too: apart, so that a build loads no others."""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from kindlechat import setting_values as values
from kindlechat.setting_values import Variables

if TYPE_CHECKING:
    from kindlechat.mail.server import SmtpServer

WORKERS = values.whole(1, 64)

PLATFORM_ADDRESSES = {
    "RENDER_EXTERNAL_URL": "{}",
    "RAILWAY_PUBLIC_DOMAIN": "https://{}",
    "HEROKU_APP_DEFAULT_DOMAIN_NAME": "https://{}",
    "KOYEB_PUBLIC_DOMAIN": "https://{}",
    "FLY_APP_NAME": "https://{}.fly.dev",
}
"""The variables in which platforms tell an application its address (their documentation, 2026)."""


class NewsletterSettings(NamedTuple):
    """What the newsletter needs: a mail server, the address that letters come from, who sends them, and the
    site's own address, which begins with https."""

    smtp: "SmtpServer"
    sender: str
    imprint: str
    base_url: str


class SiteSettings(NamedTuple):
    """The settings of the generator: the site's own address, "" where neither the operator nor the
    platform gives one, and whether one can subscribe to letters."""

    base_url: str
    newsletter: bool

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "SiteSettings":
        """Read them from an environment. Raises SettingsError as `Settings.from_env` does."""
        read = Variables(env)
        # gunicorn reads this one itself, before any line of ours, and would end in a traceback.
        read.get("WEB_CONCURRENCY", 1, WORKERS)
        base_url = read_base_url(read, env, read.get("KINDLECHAT_ROOT", "", values.root))
        return cls(base_url, newsletter=read_newsletter(read, base_url) is not None)


def read_newsletter(read: Variables, base_url: str) -> NewsletterSettings | None:
    """What the newsletter needs, or None where anything is missing."""
    smtp = read.get("KINDLECHAT_SMTP_URL", None, values.smtp_url, secret=True)
    sender = read.get("KINDLECHAT_MAIL_FROM", None, values.sender)
    imprint = read.get("KINDLECHAT_MAIL_ADDRESS", "", values.imprint)
    if not (smtp and sender and imprint and base_url.startswith("https:")):
        return None
    return NewsletterSettings(smtp, sender, imprint, base_url)


def read_base_url(read: Variables, env: Mapping[str, str], root: str) -> str:
    """The site's own address, with the path that it lies at and no slash at the end."""
    address = read.get("KINDLECHAT_BASE_URL", "", values.own_url) or _platform_address(env)
    return address and address + root


def _platform_address(env: Mapping[str, str]) -> str:
    """The address that the platform gives the application, or ""."""
    for name, pattern in PLATFORM_ADDRESSES.items():
        value = env.get(name, "").strip()
        if value:
            with suppress(ValueError):  # a platform's mistake must not stop the start
                return values.own_url(pattern.format(value))
    return ""

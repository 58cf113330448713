"""Looks over an installation: each finding says what is wrong and what to do about it."""

import os
import resource
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import requests

from kindlechat.errors import MailUnavailable, Reason, StoreUnavailable
from kindlechat.mail.smtp import Mailer
from kindlechat.rendering.ui.assets import load_assets
from kindlechat.setting_values import without_password
from kindlechat.settings import NEWSLETTER_NEEDS, Settings
from kindlechat.stores.factory import open_store
from kindlechat.stores.sqlite.database import FILE_NAME
from kindlechat.timings import Timings
from kindlechat.upstream.google_errors import parse_error
from kindlechat.upstream.quoting import fit_for_log

OK, WARNING, WRONG = "ok", "warning", "WRONG"

LITTLE_DISK_BYTES = 100 * 1024 * 1024
"""With less free, a day of questions may fill the disk."""

FEW_DESCRIPTORS = 4096
"""A reply that is streamed takes two, and a page that is read keeps one for a while."""

MAX_SKEW_S = 60
CALL_TIMEOUT_S = 10

REMEDIES = {
    Reason.BAD_KEY: "make a new key and set GEMINI_API_KEY",
    Reason.BILLING: "see to the billing of the key's project",
    Reason.PERMISSION: "allow the key this model, or set another GEMINI_MODEL",
    Reason.COUNTRY: "run the server in a country that the model is offered in",
    Reason.MODEL_GONE: "set another GEMINI_MODEL",
    Reason.NOT_FOUND: "see whether GEMINI_BASE_URL and GEMINI_MODEL are right",
    Reason.QUOTA_DAY: "wait until tomorrow, or pay for more",
}


@dataclass(frozen=True)
class Finding:
    """What was found about one matter; `remedy` where it is not ok."""

    matter: str
    level: str
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        remedy = f" → {self.remedy}" if self.remedy else ""
        return f"{self.level:8} {self.matter}: {self.found}{remedy}"


def examine(settings: Settings, root: Path) -> Iterator[Finding]:
    """Everything there is to find, one by one; `root` holds `site/` and the built `public/`."""
    yield Finding("settings", OK, "all are understood")
    yield from _asking(settings)
    yield from _model(settings)
    yield from _store(settings)
    yield _site(root)
    if not settings.redis_url:
        yield _disk(settings.data)
    yield _descriptors()
    yield _mail(settings, Timings())
    if settings.smtp:
        yield _letters(settings)


def _asking(settings: Settings) -> Iterator[Finding]:
    if settings.gemini_api_key and not settings.passcode:
        yield Finding(
            "passcode",
            WARNING,
            "anybody may ask at your expense",
            "set KINDLECHAT_PASSCODE, unless that is what you want",
        )


def _model(settings: Settings) -> Iterator[Finding]:
    """The key and the model by one call that costs nothing, and the clock by its answer."""
    if settings.demo:
        yield Finding("key", WARNING, "none: a demonstration answers", "set GEMINI_API_KEY")
        return
    url = f"{settings.upstream_url}/v1beta/models/{settings.gemini_model}"
    headers = {"x-goog-api-key": settings.gemini_api_key} if settings.gemini_api_key else {}
    try:
        answer = requests.get(url, headers=headers, timeout=CALL_TIMEOUT_S, allow_redirects=False)
    except requests.RequestException as error:
        yield Finding(
            "model",
            WRONG,
            f"{without_password(settings.upstream_url)} cannot be reached ({type(error).__name__})",
            "see to the network, a proxy (HTTPS_PROXY) or GEMINI_BASE_URL",
        )
        return
    yield _answer_of_model(settings, answer)
    yield _clock(answer.headers.get("Date", ""), datetime.now(UTC))


def _answer_of_model(settings: Settings, answer: requests.Response) -> Finding:
    if answer.ok:
        return Finding("model", OK, f"the key may use {settings.gemini_model}")
    error = parse_error(answer.status_code, answer.content)
    if settings.gemini_base_url and error.reason is Reason.NOT_FOUND:
        found = f"the upstream does not tell whether it has {settings.gemini_model} (HTTP 404)"
        return Finding("model", WARNING, found, "ask a question to see; " + REMEDIES[error.reason])
    words = fit_for_log(error.words, keys=[settings.gemini_api_key or ""], texts=[])
    said = f"; it says: {words}" if words else ""
    remedy = REMEDIES.get(error.reason, "try again in a few minutes")
    return Finding("model", WRONG, f"{error}{said}", remedy)


def _clock(date: str, now: datetime) -> Finding:
    try:
        skew_s = (now - parsedate_to_datetime(date)).total_seconds()
    except (ValueError, TypeError):
        return Finding("clock", OK, "not compared, as the upstream tells no time")
    if abs(skew_s) <= MAX_SKEW_S:
        return Finding("clock", OK, "right to the minute")
    found = f"{abs(skew_s):.0f} s {'ahead of' if skew_s > 0 else 'behind'} the upstream's"
    return Finding("clock", WARNING, found, "have it set by NTP (timedatectl set-ntp true)")


def _store(settings: Settings) -> Iterator[Finding]:
    if not settings.redis_url and not (settings.data / FILE_NAME).exists():
        yield _folder(settings.data)
        return
    try:
        store = open_store(settings, Timings())
        try:
            store.check()
            size_mib = store.size_bytes() / 1024**2
            remarks = store.remarks()
        finally:
            store.close()
    except StoreUnavailable as error:
        yield Finding("store", WRONG, str(error), _remedy_of_store(settings))
        return
    yield Finding("store", OK, f"can be read and written, {size_mib:.1f} MiB")
    for remark in remarks:
        yield Finding("store", WARNING, *remark)


def _remedy_of_store(settings: Settings) -> str:
    if settings.redis_url:
        return "see whether Redis runs and REDIS_URL is right"
    return "let the server's user write there, or set KINDLECHAT_DATA"


def _folder(data: Path) -> Finding:
    """Whether the store can be made. It is not made here, where another user than the server's may run."""
    place = _nearest(data)
    if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
        return Finding("store", OK, f"none yet; the server will make it in {data}")
    found = f"none yet, and this user may not make it in {data}"
    return Finding(
        "store", WRONG, found, "make the folder for the server's user, or set KINDLECHAT_DATA"
    )


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())


def _site(root: Path) -> Finding:
    try:
        assets = load_assets(root / "site/assets").values()
    except OSError as error:
        return Finding("site", WRONG, f"its sources cannot be read: {error}", "check it out again")
    built = root / "public"
    pages = [built / "index.html", *(built / asset.address[1:] for asset in assets)]
    if all(page.is_file() for page in pages):
        return Finding("site", OK, "built")
    return Finding("site", WRONG, "not built, or built from other sources", "run build_site.py")


def _disk(data: Path) -> Finding:
    place = _nearest(data)
    free = shutil.disk_usage(place).free
    found = f"{free / 1024**3:.1f} GiB free at {place}"
    if free >= LITTLE_DISK_BYTES:
        return Finding("disk", OK, found)
    return Finding("disk", WRONG, found, "make room, or set KINDLECHAT_KEEP_DAYS lower")


def _descriptors() -> Finding:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most == resource.RLIM_INFINITY or most >= FEW_DESCRIPTORS:
        return Finding("descriptors", OK, "enough")
    found = f"a process may have only {most} open files"
    return Finding(
        "descriptors", WARNING, found, f"raise the hard limit to {FEW_DESCRIPTORS} or more"
    )


def _mail(settings: Settings, timings: Timings) -> Finding:
    if not settings.smtp or not settings.mail_from:
        return Finding("mail", OK, "none is sent, as KINDLECHAT_SMTP_URL is not set")
    try:
        with Mailer(
            settings.smtp, settings.mail_from, timeout_s=timings.smtp_timeout_s
        ).connected():
            return Finding("mail", OK, f"{settings.smtp.host} lets us in")
    except MailUnavailable as error:
        return Finding(
            "mail",
            WRONG,
            f"{settings.smtp.host}: {error}",
            "see whether KINDLECHAT_SMTP_URL is right",
        )


def _letters(settings: Settings) -> Finding:
    if settings.newsletter:
        return Finding("letters", OK, f"readers can subscribe at {settings.newsletter.base_url}")
    return Finding("letters", OK, f"no page has a form to subscribe, as {NEWSLETTER_NEEDS}")


def report(findings: Iterator[Finding], tell: Callable[[str], None]) -> int:
    """Tell each finding as it comes; returns the exit status, 1 where anything is wrong."""
    status = 0
    for finding in findings:
        tell(str(finding))
        status = 1 if finding.level == WRONG else status
    return status

"""The operator's commands of the newsletter: `python -m kindlechat newsletter send` and others."""

import argparse
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path

from kindlechat.errors import MailNotTaken, NewsletterError
from kindlechat.mail.addresses import mail_address
from kindlechat.mail.smtp import Mailer
from kindlechat.newsletter.bounces import bounced_mailboxes
from kindlechat.newsletter.keys import NewsletterKeys
from kindlechat.newsletter.letters import LetterWriter, Post
from kindlechat.newsletter.sending import BEGUN, Report, SendingRun
from kindlechat.rendering.ui.templates import Templates
from kindlechat.settings import NEWSLETTER_NEEDS, Settings
from kindlechat.stores.contract import Newsletter, Standing, Store, Subscriber
from kindlechat.stores.factory import open_store
from kindlechat.timings import Timings

ROOT = Path(__file__).resolve().parents[2]

RATE = 5.0
"""Letters a second, if the operator says nothing else: what most mail servers take from a stranger."""

LEAST_RATE = 0.1

NOTHING_NEW = "there is no new post"


def add_newsletter_commands(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    """Add the commands to the parser of all commands."""
    newsletter = commands.add_parser("newsletter", help="send letters, and look after subscribers")
    parts = newsletter.add_subparsers(dest="part", required=True, metavar="PART")
    send = parts.add_parser("send", help="send a letter for each new post")
    send.add_argument("--dry-run", action="store_true", help="only say what would be sent")
    send.add_argument(
        "--rate", type=_rate, default=RATE, help=f"letters a second; default: {RATE:g}"
    )
    send.set_defaults(run=_send)
    parts.add_parser("list", help="count subscribers").set_defaults(run=_list)
    export = parts.add_parser("export", help="print the mailboxes of those who get letters")
    export.set_defaults(run=_export)
    forget = parts.add_parser("forget", help="delete all that is known of a mailbox")
    forget.add_argument("mailbox", type=_mailbox)
    forget.set_defaults(run=_forget)
    bounces = parts.add_parser("bounces", help="stop letters to mailboxes that returned one")
    bounces.add_argument("--maildir", type=Path, required=True, help="where returned mail arrives")
    bounces.set_defaults(run=_bounces)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0
    if not LEAST_RATE <= rate <= 1000:
        raise argparse.ArgumentTypeError(
            f"expected {LEAST_RATE} to 1000 letters a second, got {text}"
        )
    return rate


def _mailbox(text: str) -> str:
    try:
        return mail_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected {error}") from error


def _send(settings: Settings, parsed: argparse.Namespace) -> int:
    about = settings.newsletter
    if about is None:
        raise NewsletterError(NEWSLETTER_NEEDS)
    # With all of the generator, which the other commands need not load.
    from kindlechat.site.posts import published_posts

    public = ROOT / "public"
    published = published_posts(ROOT / "site", _today(), public)
    posts = []
    for each in published:
        if is_built(each.address, public):
            posts.append(Post(**asdict(each)))
        else:
            print(f"{each.key}: waits until its page is built")
    with _opened(settings) as (store, keys):
        run = SendingRun(
            store=store,
            mailer=Mailer(about.smtp, about.sender, timeout_s=Timings().smtp_timeout_s),
            letters=LetterWriter(
                base_url=about.base_url,
                sender=about.sender,
                imprint=about.imprint,
                templates=Templates.load(ROOT / "site"),
                keys=keys,
            ),
            rate=parsed.rate,
            token=secrets.token_hex(8),
            sleep=_pause,
        )
        if parsed.dry_run:
            return _preview(store, posts)
        return _send_new(run, posts)


def _pause(seconds: float) -> None:
    """Wait, and say so where it is not only for the rate."""
    if seconds > 1 / LEAST_RATE:
        print(f"not everybody was reached; the next try is in {seconds:g} s", flush=True)
    time.sleep(seconds)


def is_built(address: str, public: Path) -> bool:
    """Whether the site that was built here has the page: on its day a post is due before its page is there.

    Where no site was built, as on a one-off dyno, it is elsewhere, and has it.
    """
    page = address.lstrip("/") + ("index.html" if address.endswith("/") else "")
    return not public.is_dir() or (public / page).is_file()


def _preview(store: Newsletter, posts: list[Post]) -> int:
    """Say what a run would do."""
    known = store.issues()
    if BEGUN not in known:
        print(f"the first run: it would mark {len(posts)} posts as old and send nothing")
        return 0
    new = [post for post in posts if not known.get(post.key, False)]
    for post in new:
        print(f"{post.key}: {post.title!r} would go to {_count_due(store, post)}")
    if not new:
        print(NOTHING_NEW)
    return 0


def _count_due(store: Newsletter, post: Post) -> int:
    due = _in_parts(lambda after: store.due(post.key, post.language, after=after))
    return sum(1 for _ in due)


def _send_new(run: SendingRun, posts: list[Post]) -> int:
    """Send what is new; the exit status is 1 where somebody could not be reached."""
    run.hold()
    try:
        new = run.begin(posts)
        if new is None:
            print(f"the first run: {len(posts)} posts are marked as old, and nothing was sent")
            return 0
        reports = [_told(run.send(post)) for post in new]
        if not new:
            print(NOTHING_NEW)
        return 0 if all(report.finished for report in reports) else 1
    except MailNotTaken as error:
        raise NewsletterError(f"the mail server refuses the letter itself: {error}") from error
    finally:
        run.release()


def _told(report: Report) -> Report:
    rest = "" if report.finished else "; the others are tried again in the next run"
    refused = f", {report.refused} refused by the mail server" if report.refused else ""
    print(f"{report.post.key}: {report.sent} sent, {report.bounced} bounced{refused}{rest}")
    return report


def _list(settings: Settings, _: argparse.Namespace) -> int:
    with _opened(settings) as (store, _keys):
        counts = Counter((each.language, each.standing) for each in _everybody(store))
    for (language, standing), count in sorted(counts.items()):
        print(f"{language:8} {standing:8} {count:8}")
    return 0


def _export(settings: Settings, _: argparse.Namespace) -> int:
    with _opened(settings) as (store, _keys):
        for each in _everybody(store):
            if each.standing is Standing.ACTIVE:
                since = datetime.fromtimestamp(each.since, UTC).date()
                print(f"{each.mailbox}\t{each.language}\t{since}")
    return 0


def _forget(settings: Settings, parsed: argparse.Namespace) -> int:
    with _opened(settings) as (store, keys):
        found = store.forget_subscriber(keys.mailbox_hash(parsed.mailbox))
    print("all that was known of it is deleted" if found else "nothing was known of it")
    return 0


def _bounces(settings: Settings, parsed: argparse.Namespace) -> int:
    stopped = 0
    # It logs a traceback where one of its ways to read a message stumbles, and goes on with the next.
    logging.getLogger("flufl.bounce").addHandler(logging.NullHandler())
    with _opened(settings) as (store, keys):
        by_hash = {each.mailbox_hash: each.id for each in _everybody(store)}
        try:
            for mailbox in bounced_mailboxes(parsed.maildir):
                known = by_hash.get(keys.mailbox_hash(mailbox))
                stopped += bool(known and store.change_standing(known, Standing.BOUNCED))
        except OSError as error:
            raise NewsletterError(str(error)) from error
    print(f"{stopped} mailboxes get no more letters")
    return 0


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Store, NewsletterKeys]]:
    """The store, and the keys that the server uses, too."""
    store = open_store(settings, Timings())
    try:
        secret = settings.secret_key or store.secret()
        if secret is None:
            raise NewsletterError("SECRET_KEY: expected the server's value, got nothing")
        yield store, NewsletterKeys(secret)
    finally:
        store.close()


def _everybody(store: Newsletter) -> Iterator[Subscriber]:
    return _in_parts(lambda after: store.subscribers(after=after))


def _in_parts(part: Callable[[str], list[Subscriber]]) -> Iterator[Subscriber]:
    after = ""
    while found := part(after):
        yield from found
        after = found[-1].id


def _today() -> date:
    return datetime.now(UTC).date()

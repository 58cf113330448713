"""A real mail server, and what the newsletter needs around it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.mailbox import Mailbox
from kindlechat.mail.server import Security, SmtpServer
from kindlechat.mail.smtp import Mailer
from kindlechat.newsletter.keys import NewsletterKeys
from kindlechat.newsletter.letters import LetterWriter, Post
from kindlechat.rendering.ui.templates import Templates
from kindlechat.stores.contract import Standing, Subscriber
from kindlechat.stores.sqlite import SqliteStore
from tests.stores.values import existing

BASE_URL = "https://chat.example.org"
SENDER = "letters@chat.example.org"
IMPRINT = "Kindlechat, 1 Reading Street, Bookham"
SECRET = "s" * 32


@pytest.fixture
def mailer(mailbox: Mailbox) -> Mailer:
    return Mailer(SmtpServer("127.0.0.1", mailbox.port, Security.NONE), SENDER, timeout_s=10)


@pytest.fixture(scope="session")
def templates() -> Templates:
    return Templates.load(Path("site"))


@pytest.fixture
def letters(templates: Templates) -> LetterWriter:
    return LetterWriter(BASE_URL, SENDER, IMPRINT, templates, NewsletterKeys(SECRET))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "data")
    yield store
    store.close()


@pytest.fixture
def subscribe(store: SqliteStore, letters: LetterWriter) -> Callable[..., Subscriber]:
    """Make an active subscriber, and return it."""

    def one(mailbox: str, language: str = "en") -> Subscriber:
        hashed = letters.keys.mailbox_hash(mailbox)
        pending = store.subscribe(f"id-{mailbox.partition('@')[0]}", mailbox, hashed, language)
        assert store.change_standing(pending.id, Standing.ACTIVE)
        return existing(store.subscriber(pending.id))

    return one


@pytest.fixture
def post() -> Post:
    return Post("en/blog/new", "en", "A new post", "What it says.", "/blog/new/")

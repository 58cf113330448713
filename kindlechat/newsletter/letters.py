"""Writes letters: what they say, and the headers that mailing lists have (pure)."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from urllib.parse import urlsplit

from kindlechat.mail.message import AUTOMATIC, compose
from kindlechat.newsletter.keys import NewsletterKeys, Purpose
from kindlechat.rendering.ui.templates import LocalizedTemplates, Templates
from kindlechat.stores.contract import Standing, Subscriber


@dataclass(frozen=True)
class Post:
    """A post that subscribers hear of. `key` names it for ever; `address` begins with a slash."""

    key: str
    language: str
    title: str
    summary: str
    address: str


@dataclass(frozen=True)
class LetterWriter:
    """Writes letters for one site.

    `base_url` is its address with no slash at the end, `sender` the address that letters come from,
    `imprint` who sends them and from where, in one line.
    """

    base_url: str
    sender: str
    imprint: str
    templates: Templates
    keys: NewsletterKeys

    def confirmation(self, subscriber: Subscriber, written: datetime, unique: str) -> EmailMessage:
        """The letter to whoever asked to subscribe.

        Somebody active is told so; the form does not say which of the two was sent.
        """
        known = subscriber.standing is Standing.ACTIVE
        kind, purpose = ("known", Purpose.LEAVE) if known else ("confirm", Purpose.CONFIRM)
        words = self._words(subscriber)
        link = self._link(words, purpose, subscriber)
        name = words.sentence("ui.name")
        said = {"site": self.base_url, "name": name}
        text = (
            f"{words.sentence(f'letter.{kind}_text', **said)}\n\n{link}\n\n"
            f"{words.sentence('letter.not_you')}\n\n-- \n{self.imprint}\n"
        )
        return compose(
            sender=self.sender,
            sender_name=name,
            recipient=subscriber.mailbox,
            subject=words.sentence(f"letter.{kind}_subject", **said),
            text=text,
            written=written,
            message_id=unique,
            headers=AUTOMATIC,
        )

    def of_post(self, post: Post, subscriber: Subscriber, written: datetime) -> EmailMessage:
        """The letter that tells a subscriber of a post. Two letters of one post to one have one id."""
        words = self._words(subscriber)
        name, url = words.sentence("ui.name"), self.base_url + post.address
        leave = self._link(words, Purpose.LEAVE, subscriber)
        reason = words.sentence("letter.reason", site=self.base_url)
        text = (
            f"{post.title}\n\n{post.summary}\n\n{words.sentence('letter.read')}\n{url}\n\n"
            f"-- \n{reason}\n{words.sentence('letter.to_leave')}\n{leave}\n{self.imprint}\n"
        )
        html = words.render(
            "letter.html", post=post, url=url, reason=reason, leave=leave, imprint=self.imprint
        )
        host = urlsplit(self.base_url).hostname
        return compose(
            sender=self.sender,
            sender_name=name,
            recipient=subscriber.mailbox,
            subject=post.title,
            text=text,
            html=html,
            written=written,
            message_id=f"{self.keys.mailbox_hash(post.key)}.{subscriber.id}",
            headers={
                "List-Id": f"<{post.language}.newsletter.{host}>",
                "List-Unsubscribe": f"<{leave}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )

    def _words(self, subscriber: Subscriber) -> LocalizedTemplates:
        return self.templates.localized(subscriber.language)

    def _link(self, words: LocalizedTemplates, purpose: Purpose, subscriber: Subscriber) -> str:
        token = self.keys.token(purpose, subscriber.id)
        return f"{self.base_url}{words.language.root}/newsletter/{purpose}/{token}"

"""A conversation: its turns, who may write it, and the part of it that the model is shown (pure)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from kindlechat.errors import Reason
from kindlechat.reply import Message, Reply, State
from kindlechat.sound_text import sound_text

MAX_HISTORY_MESSAGES = 40
"""20 questions and answers. Each message that is sent along costs money again."""

MAX_HISTORY_CHARS = 60_000

TITLE_CHARS = 80
"""Where a title is made of a question."""

MAX_TITLE_CHARS = 200
"""Of a title that an owner gives."""

REORDERING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""With these the words around a title would read in another order, too."""


@dataclass(frozen=True)
class Rights:
    """Who may write a conversation: the reader whose id has the hash `owner_hash`, and whoever brings
    the key whose hash is `key_hash`.

    Either may be missing. Where both are missing, nobody has claimed the conversation yet. The caller makes
    the hashes with its own secret; the store compares nothing.
    """

    owner_hash: str | None = None
    key_hash: str | None = None

    @property
    def claimed(self) -> bool:
        """Whether somebody may write."""
        return bool(self.owner_hash or self.key_hash)


UNCLAIMED = Rights()


@dataclass(frozen=True)
class ReplyOutline:
    """A question and the state of its reply, whose text has `chars` characters.

    `versions` are the ids of all the replies that this turn has had, oldest first, where it is more than
    this one: the last question can be asked again, or edited. The outline's own is the one that counts,
    the `current` one, unless it is made to show another. `prompt` and `picture` are as in `Reply`.
    """

    id: str
    question: str
    chars: int
    state: State
    reason: Reason | None
    versions: tuple[str, ...] = ()
    current: bool = True
    prompt: str = ""
    picture: str = ""

    @property
    def version(self) -> int:
        """Which of its turn's versions it is. The first one has the number 1."""
        return self.versions.index(self.id) + 1 if self.versions else 1

    def showing(self, reply: Reply) -> "ReplyOutline":
        """The same turn with another of its versions."""
        return replace(
            self,
            id=reply.id,
            question=reply.question,
            prompt=reply.prompt,
            picture=reply.picture,
            chars=len(reply.text),
            state=reply.state,
            reason=reply.reason,
            current=reply.id == self.id,
        )


@dataclass(frozen=True)
class Owned:
    """A conversation in its owner's list: its first question, how many turns it has, and when it was last
    written, in seconds since the epoch.

    `title` is the one that its owner gave it, if any; `share` is the id by which it is shared, if it is.
    """

    id: str
    question: str
    turns: int
    written: float
    title: str = ""
    starred: bool = False
    share: str | None = None

    @property
    def name(self) -> str:
        """Its title, of which it always has one: that of its first question where it has no other."""
        return self.title or title_of(self.question)


@dataclass(frozen=True)
class Outline:
    """A conversation without its texts: its turns, oldest first, and who may write it.

    `title`, `starred` and `share` are as in `Owned`.
    """

    id: str
    replies: tuple[ReplyOutline, ...]
    rights: Rights = UNCLAIMED
    title: str = ""
    starred: bool = False
    share: str | None = None

    @property
    def name(self) -> str:
        """Its title, as `Owned.name`."""
        return self.title or title_of(self.replies[0].question)

    def showing(self, number: int, reply: Reply) -> "Outline":
        """The same conversation with another version of a turn. The first turn has the number 1."""
        turns = list(self.replies)
        turns[number - 1] = turns[number - 1].showing(reply)
        return replace(self, replies=tuple(turns))

    def said_before(self, reply_id: str | None = None) -> list[ReplyOutline]:
        """The replies before the given one, or all; without those that have no text."""
        before = takewhile(lambda reply: reply.id != reply_id, self.replies)
        return [reply for reply in before if reply.chars]


@dataclass(frozen=True)
class Excerpt:
    """A conversation and those of its replies that were read with their texts, by id."""

    outline: Outline
    replies: Mapping[str, Reply]

    @property
    def id(self) -> str:
        """The id of the conversation."""
        return self.outline.id

    @property
    def total(self) -> int:
        """The number of turns."""
        return len(self.outline.replies)

    def question(self, number: int) -> str:
        """The question of a turn. The first turn has the number 1."""
        return self.turn(number).question

    def turn(self, number: int) -> ReplyOutline:
        """A turn without its text. The first turn has the number 1."""
        return self.outline.replies[number - 1]

    def has(self, number: int) -> bool:
        """Whether the reply of a turn was read."""
        return self.turn(number).id in self.replies

    def reply(self, number: int) -> Reply:
        """The reply of a turn. Raises KeyError where it was not read."""
        return self.replies[self.turn(number).id]


def title_of(question: str) -> str:
    """A question as a title: its first line that says something, cut after a word where it is long."""
    lines = (" ".join(line.split()) for line in REORDERING.sub("", question).splitlines())
    title = next(filter(None, lines), "")
    if len(title) <= TITLE_CHARS:
        return title
    cut = title[:TITLE_CHARS]
    words = cut.rpartition(" ")[0]
    return (words if len(words) > TITLE_CHARS // 2 else cut).rstrip(" ,;:.–—-") + "…"


def checked_title(text: str) -> str | None:
    """What an owner typed as a title, in one line; None where it is too long."""
    title = " ".join(REORDERING.sub("", sound_text(text)).split())
    return title if len(title) <= MAX_TITLE_CHARS else None


def newest_within(
    said: Sequence[ReplyOutline],
    max_messages: int = MAX_HISTORY_MESSAGES,
    max_chars: int = MAX_HISTORY_CHARS,
) -> list[ReplyOutline]:
    """The newest of these replies that fit, with their questions, into the bounds of a history."""
    kept: list[ReplyOutline] = []
    chars = 0
    for reply in reversed(said[-(max_messages // 2) :]):
        chars += len(reply.prompt or reply.question) + reply.chars
        if chars > max_chars:
            break
        kept.append(reply)
    return kept[::-1]


def messages_of(replies: Iterable[Reply], pictures: Mapping[str, bytes]) -> list[Message]:
    """Questions and answers in the form that the model is shown, with the pictures of these names."""
    return [
        message
        for reply in replies
        for message in (reply.message(pictures), Message("model", reply.text))
    ]


def bound_history(
    history: Sequence[Message],
    max_messages: int = MAX_HISTORY_MESSAGES,
    max_chars: int = MAX_HISTORY_CHARS,
) -> list[Message]:
    """The newest part of a history that fits into the bounds and begins with a question.

    It leaves out whole messages, the oldest first.
    """
    kept: list[Message] = []
    chars = 0
    for message in reversed(history[-max_messages:] if max_messages else []):
        chars += len(message.text)
        if chars > max_chars:
            break
        kept.append(message)
    while kept and kept[-1].role == "model":
        kept.pop()
    return kept[::-1]

"""Where conversations live: one contract, and the one function that picks an engine.

A store holds conversations. Each is a row of turns; a turn is a question and the reply to it. A
reply under way has one *owner*, the producer that writes it, known by a random token: only the
owner's writes are taken. An owner that gives no sign of life leaves an *orphan*, which whoever reads
it marks interrupted. It may still come back (a paused process, a store that was out of reach): its
writes are taken again, unless the reply was resumed by another owner meanwhile.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from limits import RateLimitItem

from kindlechat.errors import Reason
from kindlechat.reply import Message, Progress, Reply, State
from kindlechat.settings import Settings
from kindlechat.timings import Timings

FORGET_AT_ONCE = 200
"""How many conversations one call of `forget` looks at or removes, as a store does nothing else
meanwhile."""


@dataclass(frozen=True)
class NewReply:
    """A question to be answered.

    `conversation` names an existing conversation, or a new one where `seed` is not None (the history
    that an API client brought along, possibly empty). `address` is an opaque mark of who asks.
    `replaces` is the reply whose place this one takes (ask again, edited question). Questions with
    one `fingerprint` are the same press of a button: see `Store.create_reply`.
    """

    id: str
    conversation: str
    question: str
    owner: str
    address: str
    seed: tuple[Message, ...] | None = None
    replaces: str | None = None
    fingerprint: str | None = None
    repeat_within_s: float = 0.0


@dataclass(frozen=True)
class Write:
    """What an owner has to say of its reply: text from character `start` on, and how it stands.

    Text may overlap what is there already (a write repeated after a fault): it is taken once.
    """

    id: str
    owner: str
    start: int
    text: str
    state: State
    reason: Reason | None


@dataclass(frozen=True)
class Written:
    """What an owner learns when it writes; what is named here was not taken.

    `lost` are replies whose owner is another. A store that fell back to an earlier state may not have
    all that was written: `behind` tells how many characters it has of a reply whose write began
    beyond them, so that its owner can write from there, and `gone` are replies that it does not know.
    """

    lost: frozenset[str] = field(default_factory=frozenset)
    behind: Mapping[str, int] = field(default_factory=dict)
    gone: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Conversation:
    """A conversation as a reader sees it: what was brought along, then its turns, oldest first."""

    id: str
    seed: tuple[Message, ...]
    replies: tuple[Reply, ...]

    def messages_before(self, reply_id: str | None = None) -> list[Message]:
        """What the model is shown as history: all before a reply (or all there is), in order.

        A question whose reply has no text is left out with it: nothing was said to it.
        """
        messages = list(self.seed)
        for reply in self.replies:
            if reply.id == reply_id:
                break
            if reply.text:
                messages += [Message("user", reply.question), Message("model", reply.text)]
        return messages


@dataclass(frozen=True)
class Signs:
    """What an owner learns when it gives a sign of life: what it is to stop, and whose owner is another.

    A reply that the store does not know is neither.
    """

    stop: frozenset[str] = field(default_factory=frozenset)
    lost: frozenset[str] = field(default_factory=frozenset)


class Store(ABC):
    """The contract. Every method may raise StoreUnavailable; all are atomic and may run at once in
    any number of greenlets, processes and (for a store that is shared so) machines.
    """

    @abstractmethod
    def create_reply(self, new: NewReply, at_once: int | None = None) -> str:
        """Add a reply in state waiting, atomically with its conversation where that is new.

        Returns the reply's id: `new.id`, or the id of an earlier reply with the same fingerprint
        that is still under way or began less than `new.repeat_within_s` ago: nothing is added then.
        Raises TooManyReplies where `new.address` has `at_once` replies under way already, the one
        that is replaced not counted; UnknownConversation; ReplacedMeanwhile where `new.replaces` has
        been replaced already.
        """

    @abstractmethod
    def reply(self, reply_id: str) -> Reply | None:
        """The reply with all its text so far, or None when there is none.

        An orphan is marked interrupted first, once: whoever reads it, it reads so from then on.
        """

    @abstractmethod
    def conversation(self, conversation_id: str) -> Conversation | None:
        """The conversation with its replies (as `reply` gives them), or None when there is none."""

    @abstractmethod
    def write(self, writes: Sequence[Write]) -> Written:
        """Append text and set states, each reply atomically; returns what was not taken, and why.

        When it returns, what was taken survives this process.
        """

    @abstractmethod
    def read_after(self, cursors: Mapping[str, int], wait_s: float) -> dict[str, Progress]:
        """For each reply id that has news after its cursor, or has ended, the progress.

        May wait up to `wait_s` seconds for news; ids that do not exist (any more) read as
        interrupted orphans. Marks orphans as `reply` does.
        """

    @abstractmethod
    def resume(self, reply_id: str, owner: str, address: str, at_once: int | None = None) -> Reply:
        """Make an ended reply waiting again, with a new owner; returns it with its text.

        Raises UnknownReply, NotContinuable (of two at once, one gets this) and TooManyReplies.
        """

    @abstractmethod
    def ask_stop(self, reply_id: str) -> None:
        """Leave word for the owner that the reader wants the reply to stop; unknown ids are ignored."""

    @abstractmethod
    def give_signs(self, owned: Mapping[str, str], *, alive: bool) -> Signs:
        """Learn of wishes for the replies in `owned` (id → owner token); with `alive`, sign for them."""

    @abstractmethod
    def forget(self, older_than_s: float) -> int:
        """Remove conversations whose last reply began longer ago and none of whose replies is under
        way, with their replies, at most FORGET_AT_ONCE; returns how many, 0 when none is left."""

    @abstractmethod
    def count(
        self, limits: Sequence[RateLimitItem], address: str, *, cost: int = 1
    ) -> float | None:
        """Count one question of `address` against all of `limits`; with `cost` 0 only look.

        Returns None when it may be asked, else the seconds until it may, and counts nothing.
        """

    @abstractmethod
    def secret(self) -> str | None:
        """A signing secret kept with the data, made at the first call; None where none can be kept."""

    @abstractmethod
    def check(self) -> None:
        """Return when the store can be read and written; raises StoreUnavailable."""

    @abstractmethod
    def close(self) -> None:
        """Let go of connections; the store is not used again."""


def open_store(settings: Settings, timings: Timings) -> Store:
    """The store that the settings ask for: Redis where there is an address, else SQLite."""
    if settings.redis_url:
        from kindlechat.stores.redis import RedisStore

        return RedisStore(settings.redis_url, settings.keep_s, timings=timings)
    from kindlechat.stores.sqlite import SqliteStore

    return SqliteStore(settings.data, timings=timings)

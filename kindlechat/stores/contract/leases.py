"""The part of the contract that keeps a reply under way in the hands of one producer."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from kindlechat.errors import Reason
from kindlechat.reply import Numbers, Reply, State
from kindlechat.stores.contract.rate_limits import Quota


@dataclass(frozen=True)
class Write:
    """What the holder of a lease adds to its reply: text from character `start` on, and the reply's state.

    `numbers` and `follow_ups` come with an end; the numbers of a reply that is continued add up. Text may
    overlap what is stored already (a write repeated after a fault): it is taken once.
    """

    id: str
    lease: str
    start: int
    text: str
    state: State
    reason: Reason | None
    numbers: Numbers | None = None
    follow_ups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """Which writes were not taken, and why.

    `lost` are replies of which another lease is held now. A store that fell back to an earlier state may
    not have all that was written: `behind` tells how many characters it has of a reply whose write began
    beyond them, so that the holder can write from there, and `gone` are replies that it does not know.
    """

    lost: frozenset[str] = field(default_factory=frozenset)
    behind: Mapping[str, int] = field(default_factory=dict)
    gone: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class LeaseStatus:
    """The answer to a heartbeat: replies that the holder is to stop, and replies that another holds now.

    A reply that the store does not know is in neither.
    """

    stop: frozenset[str] = field(default_factory=frozenset)
    lost: frozenset[str] = field(default_factory=frozenset)


class Leases(ABC):
    """The hold that a producer has on a reply under way."""

    written_together: ClassVar[int]
    """How many texts that can wait are best written at once; the next first word waits for them."""

    @abstractmethod
    def write(self, writes: Sequence[Write]) -> Written:
        """Append text and set states, each reply atomically; returns what was not taken, and why.

        A write is a heartbeat, too. When `write` returns, what was taken survives this process.
        """

    @abstractmethod
    def heartbeat(self, leases: Mapping[str, str], *, renew: bool = True) -> LeaseStatus:
        """Renew the leases of these replies (id → token), and learn their status.

        Without `renew` the leases run on as they were.
        """

    @abstractmethod
    def request_stop(self, reply_id: str) -> None:
        """Tell the holder of a reply's lease, at its next heartbeat, that the reader wants it to stop.

        A reply that has ended, or an unknown id, is ignored.
        """

    @abstractmethod
    def resume(
        self,
        reply_id: str,
        lease: str,
        client_hash: str,
        *,
        concurrency_limit: int | None = None,
        quotas: Sequence[Quota] = (),
    ) -> Reply:
        """Make an ended reply waiting again, with a new lease, and count it; returns it as it was.

        What is refused changes and counts nothing. Raises UnknownReply, NotContinuable (of two calls at
        once, one gets this; a text of full length always does), TooManyReplies and RateLimited.
        """

"""The part of the contract that keeps a reply under way in the hands of one producer."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kindlechat.errors import Reason
from kindlechat.reply import Reply, State
from kindlechat.stores.contract.rate_limits import Quota


@dataclass(frozen=True)
class Write:
    """What an owner adds to its reply: text from character `start` on, and the reply's state.

    Text may overlap what is stored already (a write repeated after a fault): it is taken once.
    """

    id: str
    owner: str
    start: int
    text: str
    state: State
    reason: Reason | None


@dataclass(frozen=True)
class Written:
    """Which writes were not taken, and why.

    `lost` are replies that another owner holds. A store that fell back to an earlier state may not have
    all that was written: `behind` tells how many characters it has of a reply whose write began
    beyond them, so that its owner can write from there, and `gone` are replies that it does not know.
    """

    lost: frozenset[str] = field(default_factory=frozenset)
    behind: Mapping[str, int] = field(default_factory=dict)
    gone: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class LeaseStatus:
    """What an owner learns by a heartbeat: which replies it is to stop, and which another owner holds.

    A reply that the store does not know is in neither.
    """

    stop: frozenset[str] = field(default_factory=frozenset)
    lost: frozenset[str] = field(default_factory=frozenset)


class Leases(ABC):
    """The hold that an owner has on a reply under way."""

    @abstractmethod
    def write(self, writes: Sequence[Write]) -> Written:
        """Append text and set states, each reply atomically; returns what was not taken, and why.

        A write is a heartbeat, too. When `write` returns, what was taken survives this process.
        """

    @abstractmethod
    def heartbeat(self, owned: Mapping[str, str], *, renew: bool = True) -> LeaseStatus:
        """Renew the leases of the replies in `owned` (id → owner's token), and learn their status.

        Without `renew` the leases run on as they were.
        """

    @abstractmethod
    def request_stop(self, reply_id: str) -> None:
        """Tell a reply's owner, at its next heartbeat, that the reader wants it to stop.

        A reply that has ended, or an unknown id, is ignored.
        """

    @abstractmethod
    def resume(
        self,
        reply_id: str,
        owner: str,
        client_hash: str,
        *,
        concurrency_limit: int | None = None,
        quotas: Sequence[Quota] = (),
    ) -> Reply:
        """Make an ended reply waiting again, with a new owner, and count it; returns it as it was.

        What is refused changes and counts nothing. Raises UnknownReply, NotContinuable (of two calls at
        once, one gets this; a text of full length always does), TooManyReplies and RateLimited.
        """

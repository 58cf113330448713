"""The contract of a store: what the rest of the project may expect of either engine.

A store holds **conversations**. A conversation is a row of turns; a turn is a question and the reply
to it. While a reply is under way, its producer holds a **lease** of it, a random token, and only writes
with this token are taken. A reply whose holder sends no heartbeat is an orphan: the next read marks it
interrupted. The holder may still come back (a paused process, a store that was out of reach). Its writes are
taken again, unless the reply was resumed with another lease meanwhile.

A conversation may have **rights**: who may write it. Its owner has it in a **library**, may **share** it, and
may **discard** it; the words that were looked up in it are its **vocabulary**, and questions may have
**pictures**. **Readers** may have keys by which they come back, and a phone that is paired with theirs.
**Rate limits** and the **newsletter** are kept beside.
"""

from abc import abstractmethod

from kindlechat.stores.contract.conversations import (
    Conversations,
    Fingerprint,
    NewReply,
)
from kindlechat.stores.contract.discards import UNDO_S, Discards
from kindlechat.stores.contract.facts import Fact, Facts
from kindlechat.stores.contract.leases import Leases, LeaseStatus, Write, Written
from kindlechat.stores.contract.library import Findings, Libraries
from kindlechat.stores.contract.newsletter import BEFORE, Newsletter, Standing, Subscriber
from kindlechat.stores.contract.pairing import OFFER_S, PAIR_S, Offer, Pair, Pairs
from kindlechat.stores.contract.pictures import SentPictures
from kindlechat.stores.contract.rate_limits import Quota, RateLimits, quotas_for
from kindlechat.stores.contract.readers import (
    Answered,
    KeyKind,
    KeyOwner,
    ReaderKey,
    ReaderRecord,
    Readers,
)
from kindlechat.stores.contract.rights import ConversationRights
from kindlechat.stores.contract.shares import Shares
from kindlechat.stores.contract.vocabulary import LookedUp, Vocabulary

MET_S = 60
"""For so long a process that told its mark counts as one that uses the store."""

__all__ = [
    "BEFORE",
    "MET_S",
    "OFFER_S",
    "PAIR_S",
    "UNDO_S",
    "Answered",
    "ConversationRights",
    "Conversations",
    "Discards",
    "Fact",
    "Facts",
    "Findings",
    "Fingerprint",
    "KeyKind",
    "KeyOwner",
    "LeaseStatus",
    "Leases",
    "Libraries",
    "LookedUp",
    "NewReply",
    "Newsletter",
    "Offer",
    "Pair",
    "Pairs",
    "Quota",
    "RateLimits",
    "ReaderKey",
    "ReaderRecord",
    "Readers",
    "SentPictures",
    "Shares",
    "Standing",
    "Store",
    "Subscriber",
    "Vocabulary",
    "Write",
    "Written",
    "quotas_for",
]


class Store(
    Conversations,
    ConversationRights,
    Libraries,
    Shares,
    Discards,
    Leases,
    RateLimits,
    Facts,
    Newsletter,
    Readers,
    Pairs,
    Vocabulary,
    SentPictures,
):
    """All of the contract.

    Every method may raise StoreUnavailable. Every method may run at the same time in any number of greenlets,
    processes and, where machines share a store, machines. What it does to one conversation is atomic. An
    engine may count against limits before, and bring lists in line before and after: whoever is cut off in
    between leaves a limit that has counted too much, and never a list that shows what is another's.
    """

    @abstractmethod
    def secret(self) -> str | None:
        """A signing secret kept with the data, made at the first call; None where none can be kept."""

    @abstractmethod
    def check(self) -> None:
        """Return when the store can be read and written; raises StoreUnavailable otherwise."""

    @abstractmethod
    def meet(self, mark: str) -> bool:
        """Tell that a process with this mark uses the store, to be called again every few seconds.

        Returns whether all who did so in the last minute, and have not left, have the same mark.
        """

    @abstractmethod
    def leave(self, mark: str) -> None:
        """Tell that a process with this mark ends. Others with the same mark go on saying so."""

    @abstractmethod
    def close(self) -> None:
        """Close the connections; the store is not used again."""

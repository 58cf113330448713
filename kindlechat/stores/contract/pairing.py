"""The part of the contract that pairs a reader's device with a phone."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

OFFER_S = 600
"""So long a phone can pair by a code."""

PAIR_S = 86_400
"""So long a pair lasts, unless either side ends it."""


@dataclass(frozen=True)
class Offer:
    """What a reader shows to a phone: a code and a secret, of which the store knows the hashes alone.

    The caller makes both of `salt`. `reader_hash` is that of the secret by which the reader's own page finds
    the pair. What the phone asks goes on in `conversation`, if one is named.
    """

    owner_hash: str
    salt: str
    reader_hash: str
    code_hash: str
    secret_hash: str
    conversation: str = ""


@dataclass(frozen=True)
class Pair:
    """A reader and a phone; while not `joined`, a reader who waits for one.

    `age_s` is how many seconds ago that began. `conversation` is the one in which the phone asks, and `reply`
    the last reply that it asked for, if any.
    """

    owner_hash: str
    salt: str
    joined: bool
    age_s: float
    conversation: str = ""
    reply: str = ""


class Pairs(ABC):
    """Readers' offers and pairs: one a reader, as one phone types at a time. None is there for longer than
    OFFER_S or PAIR_S."""

    @abstractmethod
    def offer(self, offer: Offer) -> bool:
        """Let a phone pair with a reader, whose earlier offer or pair ends.

        Returns False, and changes nothing, where another reader's live offer has the same code.
        """

    @abstractmethod
    def join(self, offered_hash: str, phone_hash: str) -> Pair | None:
        """Pair the phone with the reader whose offer's code or secret has the hash `offered_hash`.

        Of two calls at once, one gets None, as for what is unknown, used or too old: an offer works once.
        """

    @abstractmethod
    def pair_of(self, owner_hash: str) -> Pair | None:
        """A reader's offer or pair."""

    @abstractmethod
    def pair_known_by(self, side_hash: str) -> Pair | None:
        """The pair whose reader or phone has this hash."""

    @abstractmethod
    def note_asked(self, pair: Pair, conversation: str, reply: str) -> None:
        """Note what the phone has asked, unless the pair has ended."""

    @abstractmethod
    def end_pair(self, pair: Pair) -> None:
        """End a pair, or take back an offer. One that has taken its place stays."""

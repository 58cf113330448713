"""The part of the contract that keeps what is known of readers beside their conversations.

A reader is known by the hash of an id. Most readers have no record: it is made with their first key or
mailbox.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class KeyKind(StrEnum):
    """What a reader's key is: a link to come back by, a phrase to come back by, or a shelf's address."""

    LINK = "link"
    PHRASE = "phrase"
    SHELF = "shelf"


@dataclass(frozen=True)
class ReaderKey:
    """A secret by which its reader is found. The store does not know it, only its `hash`.

    The caller makes the secret of the reader's id and the `salt`, and finds the id in `sealed_id` with the
    secret.
    """

    hash: str
    salt: str
    sealed_id: str = ""


@dataclass(frozen=True)
class ReaderRecord:
    """A reader's keys, one of each kind at most, and the mailbox that the reader has confirmed, or ""."""

    keys: Mapping[KeyKind, ReaderKey] = field(default_factory=dict)
    mailbox: str = ""


@dataclass(frozen=True)
class KeyOwner:
    """Whose key was found, and the key."""

    owner_hash: str
    key: ReaderKey


@dataclass(frozen=True)
class Answered:
    """An answer that ended `written` seconds after the epoch, by the id of its reply."""

    id: str
    written: float


class Readers(ABC):
    """Readers' keys, mailboxes and newest answers."""

    @abstractmethod
    def reader_record(self, owner_hash: str) -> ReaderRecord:
        """What is kept of a reader; an empty record where nothing is."""

    @abstractmethod
    def keep_key(self, owner_hash: str, kind: KeyKind, key: ReaderKey) -> None:
        """Give a reader this key, in place of an earlier one of its kind, which finds nobody any more."""

    @abstractmethod
    def withdraw_key(self, owner_hash: str, kind: KeyKind) -> None:
        """Take the key of a kind away from a reader."""

    @abstractmethod
    def owner_of_key(self, kind: KeyKind, key_hash: str) -> KeyOwner | None:
        """Whose key of this kind has this hash; None where there is none (any more)."""

    @abstractmethod
    def set_mailbox(self, owner_hash: str, mailbox: str) -> None:
        """Note the mailbox that a reader has confirmed; "" forgets it."""

    @abstractmethod
    def see_reader(self, owner_hash: str) -> None:
        """Note that a reader was here, if anything is kept of this one."""

    @abstractmethod
    def forget_reader(self, owner_hash: str) -> None:
        """Delete a reader's keys and mailbox. The conversations stay."""

    @abstractmethod
    def delete_readers_unseen_for(self, age_s: float) -> int:
        """Forget readers who were not here for `age_s` seconds: a bounded number. Returns how many."""

    @abstractmethod
    def newest_answers(self, owner_hash: str, limit: int, offset: int = 0) -> list[Answered]:
        """The answers in a reader's conversations that have ended and have text, newest first.

        Of a turn's versions it is the one that counts. The first `offset` are left out.
        """

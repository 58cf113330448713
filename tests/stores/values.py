"""What tests store, and the clock they store it by."""

from collections.abc import Callable
from typing import Any, TypeVar

from kindlechat.conversation import Rights
from kindlechat.errors import Reason
from kindlechat.relay import new_id
from kindlechat.reply import State
from kindlechat.stores.contract import NewReply, Store, Write

T = TypeVar("T")

A, B = "address-a", "address-b"

ME = Rights(owner_hash="me", key_hash="key")
YOU = Rights(owner_hash="you")

OpenStore = Callable[[], Store]
"""Opens one more store on the same data."""


def new_reply(**changes: Any) -> NewReply:
    """A question of client A in a conversation of its own, but for the `changes`."""
    values: dict[str, Any] = {
        "id": new_id(),
        "conversation": new_id(),
        "question": "Why? Почему?",
        "lease": new_id(),
        "client_hash": A,
        "seed": (),
    }
    return NewReply(**{**values, **changes})


def text_of(
    new: NewReply,
    text: str,
    start: int = 0,
    state: State = State.STREAMING,
    reason: Reason | None = None,
    follow_ups: tuple[str, ...] = (),
) -> Write:
    """What the holder of the reply's lease writes."""
    return Write(new.id, new.lease, start, text, state, reason, follow_ups=follow_ups)


def existing(value: T | None) -> T:
    """What a store was asked for and has to have."""
    assert value is not None
    return value


def asked(store: Store, question: str = "Why?", answer: str = "", rights: Rights = ME) -> NewReply:
    """A conversation of one question that has its answer."""
    new = new_reply(question=question, rights=rights)
    store.create_reply(new)
    store.write([text_of(new, answer, state=State.DONE)])
    return new


def listed(store: Store, owner_hash: str = "me") -> set[str]:
    """The conversations in a reader's list."""
    return {each.id for each in store.list_owned(owner_hash, 99)}


def in_bin(store: Store, owner_hash: str = "me") -> set[str]:
    """Those that the reader discarded."""
    return {each.id for each in store.list_discarded(owner_hash, 99)}


class Clock:
    """A clock that the test puts forward; it stands still otherwise."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.25

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        """Let so much time pass."""
        self.now += seconds

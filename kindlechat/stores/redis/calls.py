"""What Redis is asked: scripts and plain commands, several of which go in one round trip (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kindlechat.errors import (
    NotContinuable,
    ReplacedMeanwhile,
    TooManyReplies,
    UnknownConversation,
    UnknownReply,
)
from kindlechat.stores.redis.replies import without_none

REFUSALS = {
    "room": TooManyReplies,
    "conversation": UnknownConversation,
    "reply": UnknownReply,
    "state": NotContinuable,
    "replaced": ReplacedMeanwhile,
}
"""A script's refusals, as errors of the contract."""


@dataclass(frozen=True)
class Call:
    """A plain command by its `words`, or the script `task`, which gets what is `given`."""

    task: str
    words: tuple[str | float, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_script(self) -> bool:
        """Whether it is a script."""
        return not self.words


def lua(name: str, **given: Any) -> Call:
    """Run scripts/NAME.lua; arguments that are None are left out."""
    return Call(name, given=without_none(given))


def command(*words: str | float) -> Call:
    """Do what redis-cli does with these words."""
    return Call(str(words[0]).lower(), words)


def accepted(answer: dict[str, Any]) -> dict[str, Any]:
    """A script's answer. Raises what it refuses by."""
    if "refused" in answer:
        raise REFUSALS[answer["refused"]]
    return answer

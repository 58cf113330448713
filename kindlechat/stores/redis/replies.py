"""Turns what a script found into the contract's values, and back (pure)."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from kindlechat.conversation import ReplyOutline, Rights
from kindlechat.errors import Reason
from kindlechat.reply import Progress, Reply, State
from kindlechat.stores.lines import split_lines

GONE = {"state": State.INTERRUPTED, "reason": Reason.ORPHAN, "chars": 0, "text": ""}
"""What a follower is told of a reply that is not there (any more)."""


def reply_of(found: Mapping[str, Any]) -> Reply:
    """The reply in what was read of it."""
    return Reply(
        found["id"],
        found["conversation"],
        found["question"],
        found["text"],
        State(found["state"]),
        reason_of(found["reason"]),
        found.get("prompt", ""),
        split_lines(found.get("follow_ups", "")),
        found.get("picture", ""),
    )


def outline_of(found: Mapping[str, Any]) -> ReplyOutline:
    """The outline of the reply in what was read of it."""
    return ReplyOutline(
        found["id"],
        found["question"],
        found["chars"],
        State(found["state"]),
        reason_of(found["reason"]),
        tuple(found["versions"]) if len(found["versions"]) > 1 else (),
        prompt=found.get("prompt", ""),
        picture=found.get("picture", ""),
    )


def rights_of(found: Mapping[str, Any]) -> Rights:
    """The rights in what was read of a conversation: Redis has False for what is missing."""
    return Rights(found["owner_hash"] or None, found["key_hash"] or None)


def stored_rights(rights: Rights) -> dict[str, str]:
    """The fields of the rights that are not missing."""
    return without_none(asdict(rights))


def without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    """What scripts get: Lua's JSON has a value of its own for null."""
    return {name: value for name, value in values.items() if value is not None}


def progress_of(found: Mapping[str, Any], cursors: Mapping[str, int]) -> dict[str, Progress]:
    """The progress of each reply in `cursors`; one that was not found is gone."""
    return {id_: _progress(found.get(id_, GONE), cursor) for id_, cursor in cursors.items()}


def _progress(found: Mapping[str, Any], cursor: int) -> Progress:
    """The text that was read begins with the entry in which the cursor stands."""
    news = max(0, found["chars"] - cursor)
    text = found["text"][-news:] if news else ""
    return Progress(
        text,
        cursor + len(text),
        State(found["state"]),
        reason_of(found["reason"]),
        split_lines(found.get("follow_ups", "")),
    )


def reason_of(value: str) -> Reason | None:
    """The reason for a reply's end; Redis has "" for none."""
    return Reason(value) if value else None

"""The lists that conversations are in, each a key with a slot of its own (pure).

All conversations are in `active`, sorted by when they were written. A reader's are in `owned`, sorted
likewise, where a star adds more than any time is; those that are shared are in `shared`, too, and what was
discarded is in `bin`. `share:ID` leads from a link to its conversation.

A list gets a conversation before anything is done to the conversation itself, and loses it afterwards. So
whoever is killed in between leaves an entry too many, and not one too few; and an entry only says where to
look: whatever is read by a list, the conversation itself says whether it is so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kindlechat.stores.redis.calls import Call, command, lua
from kindlechat.stores.redis.keys import PREFIX

STAR = 1e12

ACTIVE = f"{PREFIX}active"


@dataclass(frozen=True)
class Standing:
    """What lists know of a conversation: whose it is, when it was written, and what was made of it."""

    id: str
    at: float
    owner_hash: str | None = None
    starred: bool = False
    share: str | None = None

    @property
    def score(self) -> float:
        """Its place in its owner's list."""
        return self.at + STAR if self.starred else self.at


def standing_of(found: Mapping[str, Any]) -> Standing:
    """How a conversation stands, as a script tells it."""
    return Standing(
        found["id"], found["at"], found.get("owner_hash"), found["starred"], found.get("share")
    )


def looks(ids: Sequence[str], undo_s: int | None = None) -> list[Call]:
    """What tells how conversations stand that exist or, with `undo_s`, that can be restored."""
    times = command("ZMSCORE", ACTIVE, *ids)
    return [times, *(lua("look", id=each, undo_s=undo_s) for each in ids)]


def looked(answers: Sequence[Any]) -> list[dict[str, Any]]:
    """What `looks` was told, refusals too. When a conversation was written, its list knows best."""
    times, *found = answers
    return [
        each if at is None or "refused" in each else {**each, "at": at}
        for each, at in zip(found, times, strict=True)
    ]


def list_key(kind: str, owner_hash: str) -> str:
    """The key of one of a reader's lists."""
    return f"{PREFIX}{kind}:{owner_hash}"


def link_key(share: str) -> str:
    """The key that leads from a link to its conversation."""
    return f"{PREFIX}share:{share}"


def written(score: float) -> float:
    """When a conversation was written that has this place in its owner's list."""
    return score - STAR if score >= STAR else score


def scores_of(flat: Sequence[str]) -> list[tuple[str, float]]:
    """Ids and scores in what Redis says of a sorted set."""
    return [(id_, float(score)) for id_, score in zip(flat[::2], flat[1::2], strict=True)]


def enter_lists(found: Standing, keep_s: int) -> list[Call]:
    """Put a conversation into all lists that it belongs to, each of which then lives for `keep_s` seconds."""
    calls = [command("ZADD", ACTIVE, "GT", found.at, found.id), command("EXPIRE", ACTIVE, keep_s)]
    if found.owner_hash:
        owned = list_key("owned", found.owner_hash)
        calls += [command("ZADD", owned, found.score, found.id), command("EXPIRE", owned, keep_s)]
    if found.share:
        calls.append(command("SET", link_key(found.share), found.id, "EX", keep_s))
    if found.share and found.owner_hash:
        shared = list_key("shared", found.owner_hash)
        calls += [command("SADD", shared, found.id), command("EXPIRE", shared, keep_s)]
    return calls


def enter_bin(found: Standing, now: float, undo_s: int) -> list[Call]:
    """Put a conversation that is discarded `now` into its owner's bin, which then lives for `undo_s`; what
    can no longer be restored leaves it."""
    if not found.owner_hash:
        return []
    name = list_key("bin", found.owner_hash)
    return [
        command("ZADD", name, now, found.id),
        command("ZREMRANGEBYSCORE", name, "-inf", now - undo_s),
        command("EXPIRE", name, undo_s),
    ]


def leave_lists(found: Standing) -> list[Call]:
    """Take a conversation that is discarded or deleted out of its lists."""
    calls = [command("ZREM", ACTIVE, found.id)]
    if found.owner_hash:
        calls.append(command("ZREM", list_key("owned", found.owner_hash), found.id))
        calls.append(command("SREM", list_key("shared", found.owner_hash), found.id))
    return calls


def leave_bin(found: Standing) -> list[Call]:
    """Take a conversation that is restored or deleted out of its owner's bin."""
    return (
        [command("ZREM", list_key("bin", found.owner_hash), found.id)] if found.owner_hash else []
    )

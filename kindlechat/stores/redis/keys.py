"""The names of keys in Redis, as `scripts/shared/values.lua` makes them."""

from kindlechat.stores.ids import SLOT_CHARS

PREFIX = "kindlechat:"


def key_of(kind: str, id_: str) -> str:
    """The key of this kind that a conversation has, or a reply of it: all lie in one slot of a cluster."""
    return f"{PREFIX}{kind}:{{{id_[:SLOT_CHARS]}}}{id_[SLOT_CHARS:]}"

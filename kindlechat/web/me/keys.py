"""The current reader's keys: made, shown, withdrawn, and found by."""

from collections.abc import Mapping

from kindlechat.relay import new_id
from kindlechat.stores.contract import KeyKind, KeyOwner
from kindlechat.web.reader.identity import current_reader_id, owner_hash
from kindlechat.web.refusal import Refusal
from kindlechat.web.services import services


def wanted_reader_id() -> str:
    """The id of the reader who sent the current request. Raises Refusal where nobody is known."""
    reader_id = current_reader_id()
    if reader_id is None:
        raise Refusal(403, "no_reader")
    return reader_id


def own_secrets(reader_id: str) -> Mapping[KeyKind, str]:
    """The secrets of the keys that a reader has."""
    record = services().store.reader_record(owner_hash(reader_id))
    return {
        kind: services().reader_keys.secret(kind, reader_id, key.salt)
        for kind, key in record.keys.items()
    }


def renew(reader_id: str, kind: KeyKind) -> None:
    """Give a reader a new key of this kind; an earlier one finds nobody from now on."""
    key = services().reader_keys.make(kind, reader_id, new_id())
    services().store.keep_key(owner_hash(reader_id), kind, key)


def owner_of(kind: KeyKind, secret: str) -> KeyOwner:
    """Whose key this is. Raises Refusal, after the same work, for one that is unknown or withdrawn.

    What is looked up is a keyed hash, so the time that it takes tells nothing of a secret.
    """
    owner = services().store.owner_of_key(kind, services().reader_keys.hash(kind, secret))
    if owner is None:
        raise Refusal(404, "not_found")
    return owner


def reader_of(kind: KeyKind, secret: str) -> str:
    """The id of the reader whose key this is. Raises Refusal."""
    owner = owner_of(kind, secret)
    reader_id = services().reader_keys.open(kind, secret, owner.key.sealed_id)
    # Under another SECRET_KEY what was sealed opens to anything.
    if reader_id is None or owner_hash(reader_id) != owner.owner_hash:
        raise Refusal(404, "not_found")
    return reader_id

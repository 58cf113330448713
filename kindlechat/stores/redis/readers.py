"""Readers in Redis.

A reader is a hash: `mailbox`, and a key's hash, salt and sealed id in a field of its kind.
`key_owner:KIND:HASH` leads from a key to its reader; `seen` is a set of
readers, sorted by when they were here.
"""

import json
from typing import Any

from kindlechat.stores.contract import Answered, KeyKind, KeyOwner, ReaderKey, ReaderRecord, Readers
from kindlechat.stores.redis.calls import lua
from kindlechat.stores.redis.library import RedisLibrary


class RedisReaders(RedisLibrary, Readers):
    """The contract's readers."""

    def reader_record(self, owner_hash: str) -> ReaderRecord:
        found = self._run("reader_record", owner_hash=owner_hash, kinds=[*KeyKind])
        return ReaderRecord(
            {KeyKind(kind): _key(about) for kind, about in found.get("keys", {}).items()},
            found["mailbox"],
        )

    def keep_key(self, owner_hash: str, kind: KeyKind, key: ReaderKey) -> None:
        about = json.dumps([key.hash, key.salt, key.sealed_id])
        self._run("keep_key", owner_hash=owner_hash, kind=kind, hash=key.hash, about=about)

    def withdraw_key(self, owner_hash: str, kind: KeyKind) -> None:
        self._run("withdraw_key", owner_hash=owner_hash, kind=kind)

    def owner_of_key(self, kind: KeyKind, key_hash: str) -> KeyOwner | None:
        found = self._run("owner_of_key", kind=kind, hash=key_hash)
        return KeyOwner(found["owner_hash"], _key(found["about"])) if found else None

    def set_mailbox(self, owner_hash: str, mailbox: str) -> None:
        self._run("set_mailbox", owner_hash=owner_hash, mailbox=mailbox)

    def see_reader(self, owner_hash: str) -> None:
        self._run("see_reader", owner_hash=owner_hash)

    def forget_reader(self, owner_hash: str) -> None:
        self._run("forget_reader", owner_hash=owner_hash)

    def delete_readers_unseen_for(self, age_s: float) -> int:
        found = self._run("delete_unseen_readers", age_s=age_s, batch=self._delete_batch)
        return int(found["deleted"])

    def newest_answers(self, owner_hash: str, limit: int, offset: int = 0) -> list[Answered]:
        # The newest ones are among those of the conversations that were written last.
        places = self._last_written(owner_hash, 0, offset + limit)
        found = self._send([lua("answers", id=id_, owner_hash=owner_hash) for id_, _ in places])
        answers = [Answered(*each) for part in found for each in part.get("answers", ())]
        answers.sort(key=lambda each: each.written, reverse=True)  # as they were, where alike
        return answers[offset : offset + limit]


def _key(about: Any) -> ReaderKey:
    return ReaderKey(*json.loads(about))

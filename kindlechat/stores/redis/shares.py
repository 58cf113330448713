"""Shares in Redis: a conversation knows its link, and `share:ID` leads from the link to it."""

from dataclasses import replace

from kindlechat.conversation import Owned
from kindlechat.stores.contract import Shares
from kindlechat.stores.redis.calls import command, lua
from kindlechat.stores.redis.keys import key_of
from kindlechat.stores.redis.library import RedisLibrary
from kindlechat.stores.redis.lists import enter_lists, link_key, list_key, standing_of, written

SHARED_BATCH = 20
"""So many conversations that may be shared are looked at in one round trip."""


class RedisShares(RedisLibrary, Shares):
    """The contract's shares."""

    def share(self, conversation_id: str, share_id: str) -> str:
        standing = standing_of(self._look(conversation_id))
        wanted = standing.share or share_id
        lists = enter_lists(replace(standing, share=wanted), self._keep_s)
        # Not by `wanted`: the link that it had may be withdrawn by now.
        sharing = lua("share", id=conversation_id, share_id=share_id)
        share = str(self._run_between(lists, sharing)["share"])
        if share != wanted:  # somebody else was quicker, or withdrew the link
            self._send(
                [
                    command("UNLINK", link_key(wanted)),
                    command("SET", link_key(share), conversation_id, "EX", self._keep_s),
                ]
            )
        return share

    def withdraw(self, conversation_id: str) -> None:
        """Withdraw the link; see the contract. It leads nowhere as soon as the conversation forgets it."""
        standing = standing_of(self._run("withdraw", id=conversation_id))
        calls = [command("UNLINK", link_key(standing.share))] if standing.share else []
        if standing.owner_hash:
            calls.append(command("SREM", list_key("shared", standing.owner_hash), standing.id))
        self._send(calls)

    def shared_as(self, share_id: str) -> str | None:
        (found,) = self._send([command("GET", link_key(share_id))])
        if found is None:
            return None
        exists, share = self._send(
            [
                command("EXISTS", key_of("conversation", found)),
                command("HGET", key_of("about", found), "share"),
            ]
        )
        return str(found) if exists and share == share_id else None

    def list_shared(self, owner_hash: str, limit: int) -> list[Owned]:
        """The conversations that are shared; see the contract. What is shared no more leaves the list."""
        shared = list_key("shared", owner_hash)
        ids = [*self._send([command("SMEMBERS", shared)])[0]]
        if not ids:
            return []
        scores = self._send([command("ZMSCORE", list_key("owned", owner_hash), *ids)])[0]
        places = [(id_, float(score or 0)) for id_, score in zip(ids, scores, strict=True)]
        places.sort(key=lambda place: written(place[1]), reverse=True)
        owned: list[Owned] = []
        for start in range(0, len(places), SHARED_BATCH):
            part = places[start : start + SHARED_BATCH]
            found = [each for each in self._entries(owner_hash, part) if each.share]
            if gone := {id_ for id_, _ in part} - {each.id for each in found}:
                self._send([command("SREM", shared, *gone)])
            owned += found
            if len(owned) >= limit:
                break
        return owned[:limit]

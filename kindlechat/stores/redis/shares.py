"""Shares in Redis: a conversation knows its link, and `share:ID` leads from the link to it."""

from dataclasses import replace

from kindlechat.conversation import Owned
from kindlechat.stores.contract import Shares
from kindlechat.stores.redis.calls import command, lua
from kindlechat.stores.redis.keys import key_of
from kindlechat.stores.redis.library import RedisLibrary
from kindlechat.stores.redis.lists import enter_lists, link_key, list_key, standing_of


class RedisShares(RedisLibrary, Shares):
    """The contract's shares."""

    def share(self, conversation_id: str, share_id: str) -> str:
        standing = standing_of(self._look(conversation_id))
        wanted = standing.share or share_id
        lists = enter_lists(replace(standing, share=wanted), self._keep_s)
        sharing = lua("share", id=conversation_id, share_id=wanted)
        share = str(self._run_between(lists, sharing)["share"])
        if share != wanted:  # somebody else was quicker
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
        places = [(id_, score or 0) for id_, score in zip(ids, scores, strict=True)]
        owned = [each for each in self._entries(owner_hash, places) if each.share]
        if gone := {*ids} - {each.id for each in owned}:
            self._send([command("SREM", shared, *gone)])
        owned.sort(key=lambda each: each.written, reverse=True)
        return owned[:limit]

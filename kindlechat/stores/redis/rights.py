"""Rights in Redis, and copies of conversations."""

from collections.abc import Sequence
from dataclasses import replace

from kindlechat.conversation import Rights
from kindlechat.stores.contract import ConversationRights
from kindlechat.stores.ids import new_reply_id
from kindlechat.stores.redis.calls import Call, accepted, command, lua
from kindlechat.stores.redis.keys import key_of
from kindlechat.stores.redis.lists import Standing, enter_lists, list_key, standing_of
from kindlechat.stores.redis.looks import RedisLooks
from kindlechat.stores.redis.replies import rights_of, stored_rights


class RedisRights(RedisLooks, ConversationRights):
    """The contract's rights of conversations."""

    def rights(self, conversation_id: str) -> Rights:
        return rights_of(self._run("rights", id=conversation_id))

    def claim(self, conversation_id: str, rights: Rights) -> Rights:
        standing = standing_of(self._look(conversation_id))
        lists = enter_lists(replace(standing, owner_hash=rights.owner_hash), self._keep_s)
        claiming = lua("claim", id=conversation_id, rights=stored_rights(rights))
        found = rights_of(self._run_between(lists, claiming))
        if rights.owner_hash and found.owner_hash != rights.owner_hash:  # somebody was quicker
            self._send([command("ZREM", list_key("owned", rights.owner_hash), conversation_id)])
        return found

    def hand_over(self, owner_hash: str, to: str) -> int:
        """Hand over, a part after the other; see the contract."""
        handed, owned = 0, list_key("owned", owner_hash)
        while to != owner_hash:
            ids = self._first_of(owned)
            if not ids:
                break
            handed += self._hand_over(ids, owner_hash, to)
            shared = list_key("shared", owner_hash)
            self._send([command("ZREM", owned, *ids), command("SREM", shared, *ids)])
        return handed

    def _hand_over(self, ids: Sequence[str], owner_hash: str, to: str) -> int:
        mine = [standing_of(each) for each in self._look_at_those_of(owner_hash, ids)]
        lists: list[Call] = []
        for each in mine:
            lists += enter_lists(replace(each, owner_hash=to), self._keep_s)
        handing = [lua("hand_over", id=each.id, owner_hash=owner_hash, to=to) for each in mine]
        answers = self._send([*lists, *handing])
        return sum(bool(each) for each in answers[len(lists) :])

    def copy_conversation(
        self, conversation_id: str, new_id: str, rights: Rights, *, turns: int | None = None
    ) -> None:
        """Copy a conversation; see the contract: its slot tells all of it, and another one takes it."""
        taking_out = lua("copy_out", id=conversation_id, turns=turns)
        exists, found = self._send([command("EXISTS", key_of("conversation", new_id)), taking_out])
        accepted(found)
        if exists:
            return
        copies = [{"id": new_reply_id(new_id), **each} for each in found["replies"] or ()]
        standing = Standing(new_id, found["now"], rights.owner_hash)
        taking_in = lua(
            "copy_in",
            id=new_id,
            seed=found["seed"],
            replies=copies,
            rights=stored_rights(rights),
        )
        lists = enter_lists(standing, self._keep_s)
        # While a long text comes, somebody may look at the list and find that the copy is not there.
        self._run_between(lists, taking_in, lists)

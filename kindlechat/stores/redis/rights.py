"""Rights in Redis, and copies of conversations."""

from kindlechat.conversation import Rights
from kindlechat.stores.contract import ConversationRights
from kindlechat.stores.ids import new_reply_id
from kindlechat.stores.redis.connection import RedisConnection
from kindlechat.stores.redis.replies import rights_of, stored_rights


class RedisRights(RedisConnection, ConversationRights):
    """The contract's rights of conversations."""

    def rights(self, conversation_id: str) -> Rights:
        return rights_of(self._run("rights", id=conversation_id))

    def claim(self, conversation_id: str, rights: Rights) -> Rights:
        return rights_of(self._run("claim", id=conversation_id, rights=stored_rights(rights)))

    def hand_over(self, owner_hash: str, to: str) -> int:
        handed = 0
        while to != owner_hash:
            part = self._run("hand_over", owner_hash=owner_hash, to=to, batch=self._delete_batch)
            handed += int(part["handed"])
            if not part["looked"]:
                break
        return handed

    def copy_conversation(
        self, conversation_id: str, new_id: str, rights: Rights, *, turns: int | None = None
    ) -> None:
        """Copy a conversation; see the contract. A turn that is added meanwhile is left out."""
        found = self._run("outline", id=conversation_id)
        replies = found.get("replies", ())[:turns]
        copies = {reply["id"]: new_reply_id(new_id) for reply in replies}
        self._run(
            "copy_conversation",
            id=conversation_id,
            new_id=new_id,
            copies=copies,
            rights=stored_rights(rights),
        )

"""Conversations in Redis: asking, reading, deleting."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from kindlechat.conversation import Outline
from kindlechat.errors import ReplacedMeanwhile, UnknownConversation
from kindlechat.reply import Message, Progress, Reply
from kindlechat.stores.contract import Conversations, NewReply, Quota
from kindlechat.stores.redis.calls import Call, command, lua
from kindlechat.stores.redis.deleting import RedisDeleting
from kindlechat.stores.redis.holds import Held, RedisHolds, Wanted
from kindlechat.stores.redis.keys import key_of
from kindlechat.stores.redis.lists import ACTIVE, Standing, enter_lists, standing_of
from kindlechat.stores.redis.pictures import stored_picture
from kindlechat.stores.redis.replies import (
    outline_of,
    progress_of,
    reply_of,
    rights_of,
    stored_rights,
)


class RedisConversations(RedisHolds, RedisDeleting, Conversations):
    """The contract's conversations."""

    def create_reply(
        self,
        new: NewReply,
        *,
        concurrency_limit: int | None = None,
        quotas: Sequence[Quota] = (),
    ) -> str:
        """Add a reply; see the contract. It takes three round trips: one for its form's place, one for what
        limits allow, and one that puts the conversation into its lists and stores the question."""
        wanted = Wanted(
            new.id,
            new.lease,
            new.client_hash,
            concurrency_limit,
            quotas,
            new.replaces,
            new.fingerprint,
        )
        look = lua(
            "look_before_asking",
            id=new.conversation,
            reply=new.id,
            replaces=new.replaces,
            is_new=new.seed is not None,
        )
        held = self._hold(wanted, look)
        while new.fingerprint and held.earlier is not None:
            earlier = self._wait_for_press(new.fingerprint)
            if earlier and self._repeats(earlier, new.fingerprint):
                return earlier
            held = self._hold(wanted, look, earlier)
        if not held.found.get("again"):
            self._store(new, held)
        return new.id

    def _store(self, new: NewReply, held: Held) -> None:
        """Store a question that has its places."""
        if new.seed is None:
            standing = standing_of(held.found)
        else:
            standing = Standing(new.conversation, held.found["at"], new.rights.owner_hash)
        lists = enter_lists(standing, self._keep_s)
        try:
            self._run_between(lists, _create(new), self._keep_held(held))
        except (UnknownConversation, ReplacedMeanwhile):  # since it was looked at
            self._leave_held(held)
            raise

    def reply(self, reply_id: str) -> Reply | None:
        found = self._run("reply", id=reply_id)
        return reply_of(found) if found else None

    def outline(self, conversation_id: str) -> Outline | None:
        found = self._run("outline", id=conversation_id)
        if not found:
            return None
        replies, about = tuple(map(outline_of, found["replies"])), found["about"]
        return Outline(
            conversation_id,
            replies,
            rights_of(found["rights"]),
            about["title"],
            about["starred"],
            about["share"] or None,
        )

    def choose(self, reply_id: str) -> None:
        self._run("choose", id=reply_id)

    def replies(self, reply_ids: Sequence[str]) -> dict[str, Reply]:
        found = self._run("replies", ids=list(reply_ids))["replies"]
        return {each["id"]: reply_of(each) for each in found if each}

    def conversation_of(self, reply_id: str) -> str | None:
        found = self._run("conversation_of", id=reply_id)
        return str(found["id"]) if found else None

    def seed(self, conversation_id: str) -> tuple[Message, ...]:
        seed = json.loads(self._run("seed", id=conversation_id)["seed"])
        return tuple(Message(role, text) for role, text in seed)

    def read_after(self, cursors: Mapping[str, int], wait_s: float) -> dict[str, Progress]:
        """The progress of each reply, at once where there is news of any; see the contract.

        However many ids there are, one connection waits, at most `redis_max_block_s`.
        """
        found = self._run("progress", cursors=dict(cursors))
        progress = progress_of(found, cursors)
        if any(each.text or each.state.ended for each in progress.values()):
            return progress
        if not self._wait_for_news(found, wait_s):
            return progress
        return progress_of(self._run("progress", cursors=dict(cursors)), cursors)

    def _wait_for_news(self, found: Mapping[str, Any], wait_s: float) -> bool:
        """Wait until something is put to any reply in `found` after it was read.

        Returns whether it was. Redis looks at its clock ten times a second, so the wait may take 0.1 s
        longer than asked for.
        """
        block_ms = int(min(wait_s, self._timings.redis_max_block_s) * 1000)
        if not found or block_ms <= 0:
            return False
        last = {key_of("text", id_): f"{at['chars']}-{at['seq']}" for id_, at in found.items()}
        with self._connected("news"):
            return bool(self._redis.xread(last, count=1, block=block_ms))  # type: ignore[arg-type]

    def delete_older_than(self, age_s: float) -> int:
        """Delete old conversations; see the contract.

        Those that have expired already count too when their last trace is removed. What an instance of an
        older version has stored meanwhile is renamed.
        """
        self._see_to_older()
        before = self._now() - age_s
        old = self._send(
            [command("ZRANGEBYSCORE", ACTIVE, "-inf", f"({before}", "LIMIT", 0, self._delete_batch)]
        )[0]
        return self._delete(old, before=before)


def _create(new: NewReply) -> Call:
    seed = None if new.seed is None else [[message.role, message.text] for message in new.seed]
    return lua(
        "create_reply",
        id=new.id,
        conversation=new.conversation,
        question=new.question,
        prompt=new.prompt,
        picture=new.picture,
        new_picture=new.new_picture and stored_picture(new.new_picture),
        lease=new.lease,
        client_hash=new.client_hash,
        seed=None if seed is None else json.dumps(seed, ensure_ascii=False),
        rights=stored_rights(new.rights),
        replaces=new.replaces,
    )

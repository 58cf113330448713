"""The newsletter in Redis.

A subscriber is a hash. `subscribers` and `subscribers:LANGUAGE` (the active ones) are sets sorted by id,
`pending` one by time, `mailboxes` leads from a mailbox's hash to an id. Nothing of it expires.
"""

from collections.abc import Mapping, Sequence

from kindlechat.stores.contract import BEFORE, Newsletter, Standing, Subscriber
from kindlechat.stores.redis.connection import RedisConnection
from kindlechat.stores.redis.keys import PREFIX

ISSUES = f"{PREFIX}issues"


class RedisNewsletter(RedisConnection, Newsletter):
    """The contract's newsletter."""

    def subscribe(self, new_id: str, mailbox: str, mailbox_hash: str, language: str) -> Subscriber:
        found = self._run(
            "subscribe", id=new_id, mailbox=mailbox, mailbox_hash=mailbox_hash, language=language
        )
        return _subscriber(found["subscriber"])

    def subscriber(self, subscriber_id: str) -> Subscriber | None:
        found = self._run("subscriber", id=subscriber_id).get("subscriber")
        return _subscriber(found) if found else None

    def change_standing(self, subscriber_id: str, standing: Standing) -> bool:
        before = dict.fromkeys(BEFORE[standing], True)
        return bool(
            self._run("change_standing", id=subscriber_id, standing=standing, before=before)["done"]
        )

    def forget_subscriber(self, mailbox_hash: str) -> bool:
        return bool(self._run("forget_subscriber", mailbox_hash=mailbox_hash)["done"])

    def subscribers(self, *, after: str = "", limit: int = 500) -> list[Subscriber]:
        found = self._run("subscribers", after=after, limit=limit)
        return [_subscriber(each) for each in found["subscribers"]]

    def delete_pending(self, age_s: float) -> int:
        return int(self._run("delete_pending", age_s=age_s)["deleted"])

    def hold_run(self, token: str, for_s: int) -> bool:
        return bool(self._run("hold_run", token=token, for_s=for_s)["done"])

    def end_run(self, token: str) -> None:
        self._run("end_run", token=token)

    def issues(self) -> dict[str, bool]:
        with self._connected("issues"):
            found = self._redis.hgetall(ISSUES)
        return {str(key): finished == "1" for key, finished in found.items()}

    def finish_issues(self, keys: Sequence[str]) -> None:
        self._run("finish_issues", keys=[*keys])

    def due(
        self, issue: str, language: str, *, after: str = "", limit: int = 100
    ) -> list[Subscriber]:
        found = self._run("subscribers", issue=issue, language=language, after=after, limit=limit)
        return [_subscriber(each) for each in found["subscribers"]]

    def record_delivery(self, issue: str, subscriber_id: str) -> None:
        self._run("record_delivery", issue=issue, id=subscriber_id)


def _subscriber(found: Mapping[str, str]) -> Subscriber:
    return Subscriber(
        id=found["id"],
        mailbox=found["mailbox"],
        mailbox_hash=found["mailbox_hash"],
        language=found["language"],
        standing=Standing(found["standing"]),
        since=float(found["since"]),
    )

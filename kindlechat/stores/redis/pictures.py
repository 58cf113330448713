"""Pictures that went with questions, in Redis.

A conversation has a hash of them, in base64, as all that is read from Redis is text: `NAME` is the JPEG, and
`preview:NAME` the small one.
"""

from base64 import b64decode, b64encode
from collections.abc import Collection, Sequence

from kindlechat.picture import KEPT_PICTURES, LOST, SentPicture
from kindlechat.stores.contract import SentPictures
from kindlechat.stores.redis.connection import RedisConnection
from kindlechat.stores.redis.keys import key_of


class RedisPictures(RedisConnection, SentPictures):
    """The contract's pictures."""

    def pictures(self, conversation_id: str, names: Collection[str]) -> dict[str, bytes]:
        return self._found(conversation_id, [*names])

    def preview(self, conversation_id: str, name: str) -> bytes | None:
        field = f"preview:{name}"
        return self._found(conversation_id, [field]).get(field)

    def _found(self, conversation_id: str, fields: Sequence[str]) -> dict[str, bytes]:
        """What a conversation that is not discarded has in these fields."""
        if not fields:
            return {}
        with self._connected("pictures"), self._redis.pipeline() as reading:
            reading.exists(key_of("conversation", conversation_id))
            reading.hmget(key_of("pictures", conversation_id), fields)
            exists, values = reading.execute()
        found = zip(fields, values, strict=True)
        return {field: b64decode(value) for field, value in found if exists and value}


def stored_picture(picture: SentPicture) -> dict[str, str | int]:
    """What `create_reply` gets of a picture."""
    return {
        "jpeg": b64encode(picture.jpeg).decode(),
        "preview": b64encode(picture.preview).decode(),
        "most": KEPT_PICTURES,
        "lost": LOST,
    }

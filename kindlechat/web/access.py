"""What a reader may do with a conversation: whoever owns it writes, others read.

A conversation has two names in addresses: its id, by which anybody reads, and its write key, by which
anybody writes. The owner's browser is known by a cookie, too, if it keeps any. A link that the owner made for
others and can withdraw has a name of its own.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from hmac import compare_digest

from flask import request

from kindlechat.conversation import Outline, Rights
from kindlechat.errors import UnknownConversation
from kindlechat.web.middleware.security import comes_from_here
from kindlechat.web.reader.identity import (
    bearer_token,
    current_reader_id,
    keep_reader_id,
    owner_hash,
    reader_id_or_new,
    reader_in,
)
from kindlechat.web.refusal import Refusal
from kindlechat.web.services import services


@dataclass(frozen=True)
class Access:
    """A conversation as the current request may use it.

    `by_key` says that its address holds the right to write, `owned` that the reader's cookie does,
    `unclaimed` that nobody owns it yet. `link` is the name of the shared link that it is read by, if any.
    """

    outline: Outline
    by_key: bool = False
    owned: bool = False
    unclaimed: bool = False
    link: str = ""

    @property
    def may_write(self) -> bool:
        """Whether pages offer what changes the conversation."""
        return self.by_key or self.owned or self.unclaimed

    @property
    def name(self) -> str:
        """What addresses on the reader's pages call the conversation."""
        writes = self.by_key or self.owned
        return name_to_write(self.outline.id) if writes else self.outline.id

    @property
    def to_save(self) -> Outline:
        """The conversation for a file of it: what its owner calls it is for nobody else."""
        return self.outline if self.may_write else replace(self.outline, title="")


def name_to_write(conversation_id: str) -> str:
    """The conversation's name in the addresses of those who may write it."""
    return services().write_keys.name_of(conversation_id) or conversation_id


def owner_rights(conversation_id: str, reader_id: str) -> Rights:
    """The rights of a conversation that belongs to this reader."""
    return rights_for(conversation_id, owner_hash(reader_id))


def rights_for(conversation_id: str, owner: str) -> Rights:
    """The same for the reader with this hash."""
    return Rights(owner, _key_hash(name_to_write(conversation_id)))


def is_owner(rights: Rights) -> bool:
    """Whether the cookie of the current request is that of the reader with these rights."""
    reader_id = current_reader_id()
    return reader_id is not None and _same(owner_hash(reader_id), rights.owner_hash)


def access_to(name: str) -> Access:
    """The conversation of this name, which may be its id or its write key. Raises UnknownConversation.

    One from before there were owners belongs to whoever writes first; to read claims nothing, as a
    preview of a link does.
    """
    outline = _outline_by_key(name)
    if outline is not None:
        return Access(outline, by_key=True)
    outline = services().store.outline(name)
    if outline is None or not outline.replies:
        raise UnknownConversation
    rights = outline.rights
    return Access(outline, owned=is_owner(rights), unclaimed=not rights.claimed)


def access_to_change(name: str) -> Access:
    """The conversation of this name, for a page on which it can be changed. Raises Refusal."""
    access = access_to(name)
    if not access.may_write:
        raise Refusal(403, "read_only")
    return access


def access_by_link(link: str) -> Access:
    """The conversation that a shared link leads to, for those who read. Raises Refusal.

    What is looked up is not what came but another name of it, the same way for every link: so the time that
    a 404 takes tells nothing.
    """
    conversation_id = services().store.shared_as(services().share_names.id_of(link) or "")
    outline = services().store.outline(conversation_id or "")
    if outline is None or not outline.replies:
        raise Refusal(404, "unknown_link")
    return Access(outline, link=link)


def outline_to_write(name: str) -> Outline:
    """The conversation of this name, for a request that changes it. Raises Refusal where it may not.

    An owner's cookie comes with a request of another site's page, too: it counts only where the
    request is known to come from a page of ours. Forms on our pages address the write key.
    """
    access = access_to(name)
    from_here = (
        comes_from_here()
        or request.mimetype == "application/json"
        or reader_in(bearer_token()) is not None
    )
    if (
        access.by_key
        or (access.owned and from_here)
        or (access.unclaimed and _claim(access.outline))
    ):
        return access.outline
    raise Refusal(403, "read_only")


def discarded_to_restore(name: str) -> str:
    """The id of the discarded conversation of this name, for a request that restores it.

    Raises UnknownConversation and Refusal, as above.
    """
    by_key = services().write_keys.id_of(name) or ""
    with suppress(UnknownConversation):
        if _same(_key_hash(name), services().store.discarded_rights(by_key).key_hash):
            return by_key
    if is_owner(services().store.discarded_rights(name)) and comes_from_here():
        return name
    raise Refusal(403, "read_only")


def _outline_by_key(name: str) -> Outline | None:
    conversation_id = services().write_keys.id_of(name)
    outline = services().store.outline(conversation_id) if conversation_id else None
    has_key = outline is not None and _same(_key_hash(name), outline.rights.key_hash)
    return outline if has_key and outline is not None and outline.replies else None


def _claim(outline: Outline) -> bool:
    """Whether the conversation belongs to the current reader from now on: nobody was quicker."""
    reader_id = reader_id_or_new()
    mine = owner_rights(outline.id, reader_id)
    owned = services().store.claim(outline.id, mine) == mine
    if owned:
        keep_reader_id(reader_id)
    return owned


def _key_hash(key: str) -> str:
    return services().hasher.digest("write key", key)


def _same(one: str, other: str | None) -> bool:
    return other is not None and compare_digest(one, other)

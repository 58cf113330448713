"""Takes questions in, from the API and from forms alike: what repeats another, and what starts.

Every function may raise Refusal.
"""

from dataclasses import dataclass

from kindlechat.conversation import UNCLAIMED, Outline, bound_history, messages_of, newest_within
from kindlechat.errors import ReplacedMeanwhile, UnknownReply
from kindlechat.picture import SentPicture, is_kept, kept_picture
from kindlechat.relay import new_id
from kindlechat.reply import Depth, Message
from kindlechat.stores.contract import Fingerprint, NewReply
from kindlechat.stores.ids import new_reply_id
from kindlechat.web.access import is_owner, owner_rights, rights_for
from kindlechat.web.gate import question_quotas
from kindlechat.web.middleware.language import current_language
from kindlechat.web.reader.identity import keep_reader_id, owner_hash, reader_id_or_new
from kindlechat.web.refusal import rate_limited
from kindlechat.web.request.client import client_hash
from kindlechat.web.request.senders import Sender, senders
from kindlechat.web.services import services

REPEAT_WITHIN_S = 60.0
"""A slow device may send a form again this much later."""

REPEAT_UNKEYED_WITHIN_S = 4.0
"""The same for a form with no key, that of a page which caches keep: an impatient reader presses again
before the page has changed. Later it may be another reader of a school's network with the same device."""


@dataclass(frozen=True)
class Accepted:
    """A question that was accepted: the ids of its reply and of its conversation."""

    reply: str
    conversation: str


def ask(
    message: str,
    *,
    outline: Outline | None = None,
    history: tuple[Message, ...] = (),
    idempotency_key: str | None = None,
    depth: Depth | None = None,
    prompt: str = "",
    owner: str | None = None,
    picture: SentPicture | None = None,
) -> Accepted:
    """Start the reply to a checked message, in a conversation that the reader may write or in a new one.

    With a `prompt` the model is asked that, and pages show the message; a `picture` goes with it. With
    `owner` it is asked in the name of the reader with this hash, whose conversation it becomes.

    The same message sent again by the same reader with the same `idempotency_key` starts nothing, for
    REPEAT_WITHIN_S and as long as the reply is under way. An empty key is that of a form which has none:
    there it starts nothing for REPEAT_UNKEYED_WITHIN_S. None never counts as the same.
    """
    name = picture.name if picture else ""
    # A phone's form does not say where it asks: the first press may have begun a conversation since.
    where = outline if owner is None else None
    fingerprints = _fingerprints(idempotency_key, where, message + name)
    if repeated := _repeated(fingerprints, outline):
        return repeated
    conversation, reader_id = outline.id if outline else new_id(), reader_id_or_new()
    asker = owner or owner_hash(reader_id)
    seed = None if outline else tuple(bound_history(history))
    new = NewReply(
        id=new_reply_id(conversation),
        conversation=conversation,
        question=message,
        lease=new_id(),
        client_hash=client_hash(),
        seed=seed,
        rights=UNCLAIMED if outline else rights_for(conversation, asker),
        fingerprint=fingerprints[0] if fingerprints else None,
        prompt=prompt,
        picture=name,
        new_picture=picture,
    )
    past = _history(outline) if outline else list(seed or ())
    accepted = _start(new, past, depth, picture.jpeg if picture else b"")
    if outline is None and owner is None:
        keep_reader_id(reader_id)
    return accepted


def choose_version(outline: Outline, version: str) -> Outline:
    """Let an earlier version of a turn count: what is asked on its page goes on from there.

    Returns the conversation as it is then. An id that is no version of it changes nothing.
    """
    if any(version in turn.versions and version != turn.id for turn in outline.replies):
        services().store.choose(version)
        return services().store.outline(outline.id) or outline
    return outline


def ask_again(
    outline: Outline, reply: str = "", message: str | None = None, depth: Depth | None = None
) -> Accepted:
    """Replace the last question's reply by a new one, to the same question or an edited one.

    `reply` is the one that the reader wants replaced, where that is known. If it was replaced
    already, or the last one is still being written to this very question, nothing starts. An
    edited question that comes too late for that is refused, for its reader would not see it.

    Raises ReplacedMeanwhile then.
    """
    last = outline.replies[-1]
    question = message or last.question
    replaced = reply not in ("", last.id)
    if replaced and question != last.question:
        raise ReplacedMeanwhile
    if replaced or (question == last.question and not last.state.ended):
        return Accepted(last.id, outline.id)
    new = NewReply(
        id=new_reply_id(outline.id),
        conversation=outline.id,
        question=question,
        lease=new_id(),
        client_hash=client_hash(),
        replaces=last.id,
        prompt=last.prompt if question == last.question else "",
        picture=last.picture,
        fingerprint=Fingerprint(services().hasher.digest(last.id, question), REPEAT_WITHIN_S),
    )
    accepted = _start(new, _history(outline, last.id), depth, _jpeg(outline, last.picture))
    if not last.state.ended:
        services().relay.stop(last.id)  # nobody could reach it any more, and it would go on costing
    return accepted


def go_on(outline: Outline, seen: int | None = None, depth: Depth | None = None) -> Accepted:
    """Continue the last reply from where it ends; one that is being written goes on anyway.

    `seen` is how many characters of it the reader was shown, where that is known: if there are
    more by now, it went on already.
    """
    last = outline.replies[-1]
    if last.state.ended and seen in (None, last.chars):
        services().relay.resume(
            last.id,
            lease=new_id(),
            client_hash=client_hash(),
            history=_history(outline, last.id),
            language=current_language().english_name,
            depth=depth,
            quotas=question_quotas(),
        )
    return Accepted(last.id, outline.id)


def copy(outline: Outline, idempotency_key: str) -> str:
    """Copy a conversation for the current reader; returns the copy's id, the same for the same key.

    Counts as a question.
    """
    return _copy(outline, idempotency_key or new_id())


def branch(
    outline: Outline, number: int, message: str, idempotency_key: str, depth: Depth | None = None
) -> Accepted:
    """Ask a checked message in the place of the question `number`, in a conversation of its own that has the
    turns before; the conversation stays as it is. The question's picture goes with the new one.

    The same for the same key, as `ask` and `copy` are. Counts as one question.
    """
    key = idempotency_key or new_id()
    picture = _picture(outline, outline.replies[number - 1].picture)
    if number == 1:
        history = services().store.seed(outline.id)
        return ask(message, history=history, idempotency_key=key, depth=depth, picture=picture)
    copied = services().store.outline(_copy(outline, key, turns=number - 1))
    return ask(message, outline=copied, idempotency_key=key, depth=depth, picture=picture)


def _picture(outline: Outline, name: str) -> SentPicture | None:
    """The picture of this name that a conversation has, if it has it still."""
    jpeg = _jpeg(outline, name)
    preview = services().store.preview(outline.id, name) if jpeg else None
    return kept_picture(name, jpeg, preview) if preview else None


def _jpeg(outline: Outline, name: str) -> bytes:
    """What the model is shown of it."""
    if not is_kept(name):
        return b""
    return services().store.pictures(outline.id, [name]).get(name, b"")


def _copy(outline: Outline, key: str, turns: int | None = None) -> str:
    """The id of the copy; of some turns only where a question follows, which is the one that counts."""
    purpose = "copy" if turns is None else f"branch {turns}"
    copies = [services().hasher.id_for(purpose, outline.id, key, *each) for each in senders(key)]
    for made in copies:
        found = services().store.outline(made)
        if found and (made == copies[0] or is_owner(found.rights)):
            return made
    wait_s = services().store.count(question_quotas(), cost=1 if turns is None else 0)
    if wait_s is not None:
        raise rate_limited(wait_s)
    reader_id, copy_id = reader_id_or_new(), copies[0]
    rights = owner_rights(copy_id, reader_id)
    services().store.copy_conversation(outline.id, copy_id, rights, turns=turns)
    keep_reader_id(reader_id)
    return copy_id


def _start(new: NewReply, past: list[Message], depth: Depth | None, jpeg: bytes = b"") -> Accepted:
    messages = [*past, Message("user", new.prompt or new.question, jpeg)]
    language = current_language().english_name
    reply_id = services().relay.start(
        new, messages, language, depth=depth, quotas=question_quotas()
    )
    if reply_id == new.id:
        return Accepted(new.id, new.conversation)
    return _accepted(reply_id)  # the same press was quicker


def _accepted(reply_id: str) -> Accepted:
    conversation = services().store.conversation_of(reply_id)
    if conversation is None:
        raise UnknownReply
    return Accepted(reply_id, conversation)


def _history(outline: Outline, before: str | None = None) -> list[Message]:
    """What the model is shown of a conversation, before a reply or of all of it: only that is read."""
    said = outline.said_before(before)
    recent = newest_within(said)
    seed = services().store.seed(outline.id) if len(recent) == len(said) else ()
    found = services().store.replies([reply.id for reply in recent])
    replies = [found[reply.id] for reply in recent if reply.id in found]
    names = {reply.picture for reply in replies if is_kept(reply.picture)}
    pictures = services().store.pictures(outline.id, names) if names else {}
    return bound_history([*seed, *messages_of(replies, pictures)])


def _fingerprints(
    idempotency_key: str | None, outline: Outline | None, message: str
) -> list[Fingerprint]:
    """The fingerprint of this press, and those that it had before an answer gave this reader cookies."""
    if idempotency_key is None:
        return []
    conversation = outline.id if outline else ""
    return [
        _fingerprint(sender, conversation, message, idempotency_key)
        for sender in senders(idempotency_key)
    ]


def _fingerprint(
    sender: Sender, conversation: str, message: str, idempotency_key: str
) -> Fingerprint:
    return Fingerprint(
        services().hasher.digest(*sender, conversation, message, idempotency_key),
        window_s=REPEAT_WITHIN_S if idempotency_key else REPEAT_UNKEYED_WITHIN_S,
        while_under_way=bool(idempotency_key),
    )


def _repeated(fingerprints: list[Fingerprint], outline: Outline | None) -> Accepted | None:
    """The reply that this reader started by an earlier press of the same button, if there is one.

    A new conversation belongs to whom its answer gave a cookie; in an old one whoever writes may see it.
    """
    for fingerprint in fingerprints:
        reply_id = services().store.find_repeat(fingerprint)
        if reply_id is None:
            continue
        accepted = _accepted(reply_id)
        rights = services().store.rights(accepted.conversation)
        if outline or fingerprint == fingerprints[0] or is_owner(rights):
            return accepted
    return None

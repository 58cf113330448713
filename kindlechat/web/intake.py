"""The desk: where questions are taken in, from the API and from forms alike.

It checks what a question may be, who may ask, and how often; then it starts the reply.
"""

import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from limits import parse_many

from kindlechat.errors import ReplacedMeanwhile, UnknownConversation, UnknownReply
from kindlechat.relay import Relay, new_id
from kindlechat.reply import Message, Reply, sound_text
from kindlechat.settings import Settings
from kindlechat.stores.contract import Conversation, Fingerprint, NewReply, Quota, Store, quotas_for
from kindlechat.upstream.gemini import bound_history
from kindlechat.web.middleware.language import current_language
from kindlechat.web.passcode import Passcode
from kindlechat.web.refusal import Refusal, rate_limited

MAX_BODY_BYTES = 64 * 1024
MAX_MESSAGE_CHARS = 8000

GUESSES = tuple(parse_many("10/minute;100/day"))
"""Wrong passcodes that a client may send."""


REPEAT_WITHIN_S = 60.0
"""A slow device may send a form again this much later."""

REPEAT_UNKEYED_WITHIN_S = 4.0
"""The same for the first page's form, which has no key: an impatient reader presses again before the
page has changed, and may mean the same question anew a little later."""

UNGUESSABLE_CHARS = 22
"""A key at least this long is nobody else's, wherever it is sent from: networks change on the way."""


@dataclass(frozen=True)
class Asked:
    """A question that was taken: where its answer is."""

    reply: str
    conversation: str


class Desk:
    """Takes questions in. Every method may raise Refusal."""

    def __init__(
        self, settings: Settings, store: Store, relay: Relay, passcode: Passcode, marker: hmac.HMAC
    ) -> None:
        self._settings = settings
        self._store = store
        self._relay = relay
        self._passcode = passcode
        self._marker = marker

    def check_allowed(self) -> None:
        """Refuse the present request where a passcode is wanted and it brings none."""
        if self._passcode.allows_cookie():
            return
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            self.check_guess(given.strip())
        else:
            raise Refusal(401, "passcode_wanted")

    def check_guess(self, given: str) -> None:
        """Refuse a wrong passcode, and after too many of them any, or guessing on would pay."""
        right = self._passcode.accepts(given)
        quotas = quotas_for(GUESSES, self._client_hash() + ":guess")
        wait_s = self._store.count(quotas, cost=0 if right else 1)
        if wait_s is not None:
            raise rate_limited(wait_s)
        if not right:
            raise Refusal(401, "passcode_wrong")

    def ask(
        self,
        message: str,
        *,
        conversation: str = "",
        history: tuple[Message, ...] = (),
        once: str | None = None,
    ) -> Asked:
        """Start the reply to a checked message, in an existing conversation or a new one.

        `once` is the key of a press of a button: the same message sent again with it starts
        nothing, for REPEAT_WITHIN_S and as long as the reply is under way. The first page's form has
        none: the same browser at the same address counts as the same reader then, for
        REPEAT_UNKEYED_WITHIN_S and as long.
        """
        fingerprint = self._fingerprint(conversation, message, once)
        if repeated := fingerprint and self._store.find_repeat(fingerprint):
            return Asked(repeated.id, repeated.conversation)
        found = self._conversation(conversation) if conversation else None
        seed = tuple(bound_history(history)) if found is None else None
        past = found.messages_before() if found else list(seed or ())
        return self._start(
            NewReply(
                id=new_id(),
                conversation=conversation or new_id(),
                question=message,
                owner=new_id(),
                client_hash=self._client_hash(),
                seed=seed,
                fingerprint=fingerprint,
            ),
            past,
        )

    def _fingerprint(self, conversation: str, message: str, once: str | None) -> Fingerprint | None:
        if once is None:
            return None
        return Fingerprint(
            self._mark(_asker(once), conversation, message, once),
            window_s=REPEAT_WITHIN_S if once else REPEAT_UNKEYED_WITHIN_S,
        )

    def ask_again(self, conversation: str, reply: str = "", message: str | None = None) -> Asked:
        """Replace the last question's reply by a new one, to the same question or an edited one.

        `reply` is the one that the reader wants replaced, where that is known: if it was replaced
        already, or the last one is still being written to this very question, nothing starts. An
        edited question that comes too late for that is refused, for its reader would not see it.

        Raises ReplacedMeanwhile then.
        """
        found = self._conversation(conversation)
        last = _last(found)
        question = message or last.question
        replaced = reply not in ("", last.id)
        if replaced and question != last.question:
            raise ReplacedMeanwhile
        if replaced or (question == last.question and not last.state.ended):
            return Asked(last.id, conversation)
        asked = self._start(
            NewReply(
                id=new_id(),
                conversation=conversation,
                question=question,
                owner=new_id(),
                client_hash=self._client_hash(),
                replaces=last.id,
                fingerprint=Fingerprint(self._mark(last.id, question), REPEAT_WITHIN_S),
            ),
            found.messages_before(last.id),
        )
        if not last.state.ended:
            self._relay.stop(last.id)  # nobody could reach it any more, and it would go on costing
        return asked

    def go_on(self, conversation: str, seen: int | None = None) -> Asked:
        """Continue the last reply from where it ends; one that is being written goes on anyway.

        `seen` is how many characters of it the reader was shown, where that is known: if there are
        more by now, it went on already.
        """
        found = self._conversation(conversation)
        last = _last(found)
        if last.state.ended and seen in (None, len(last.text)):
            self._relay.resume(
                last.id,
                owner=new_id(),
                client_hash=self._client_hash(),
                history=bound_history(found.messages_before(last.id)),
                language=current_language().english_name,
                quotas=self._quotas(),
            )
        return Asked(last.id, conversation)

    def _start(self, new: NewReply, past: list[Message]) -> Asked:
        messages = [*bound_history(past), Message("user", new.question)]
        language = current_language().english_name
        reply_id = self._relay.start(new, messages, language, quotas=self._quotas())
        if reply_id == new.id:
            return Asked(new.id, new.conversation)
        repeated = self._store.reply(reply_id)  # the same press was quicker
        if repeated is None:
            raise UnknownReply
        return Asked(repeated.id, repeated.conversation)

    def _conversation(self, conversation_id: str) -> Conversation:
        found = self._store.conversation(conversation_id)
        if found is None:
            raise UnknownConversation
        return found

    def _quotas(self) -> tuple[Quota, ...]:
        """What a question of this client counts against."""
        return quotas_for(self._settings.rate_limits, self._client_hash())

    def _client_hash(self) -> str:
        return self._mark(network_of(request.remote_addr or ""))

    def _mark(self, *values: str) -> str:
        mark = self._marker.copy()
        mark.update("\0".join(values).encode())
        return mark.hexdigest()[:32]


def _asker(once: str) -> str:
    """Who sends a press with this key, as far as that tells two presses apart."""
    if len(once) >= UNGUESSABLE_CHARS:
        return ""
    browser = request.headers.get("User-Agent", "")
    return "\n".join([network_of(request.remote_addr or ""), browser, current_language().code])


def _last(conversation: Conversation) -> Reply:
    if not conversation.replies:
        raise Refusal(409, "nothing_to_continue")
    return conversation.replies[-1]


def network_of(address: str) -> str:
    """The address that limits count: an IPv6 reader has a whole /64 to pick from.

    Some proxies write the port of the connection, too: 192.0.2.1:1234, [2001:db8::1]:1234.
    """
    if address.startswith("["):
        address = address[1:].partition("]")[0]
    elif address.count(":") == 1:
        address = address.partition(":")[0]
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def check_message(value: object) -> str:
    """A question's text, trimmed, with LF line ends. Raises Refusal."""
    if not isinstance(value, str):
        raise Refusal(400, "bad_type", field="message")
    message = sound_text(value).strip()
    if not message:
        raise Refusal(400, "message_empty")
    if len(message) > MAX_MESSAGE_CHARS:
        raise Refusal(400, "message_long", limit=MAX_MESSAGE_CHARS, got=len(message))
    return message


def check_body() -> dict[str, Any]:
    """The present request's JSON object. Raises Refusal."""
    if request.mimetype != "application/json":
        raise Refusal(415, "unsupported_type")
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refusal(400, "bad_json")
    return body


def check_history(value: object) -> tuple[Message, ...]:
    """The history that an API client brings. Raises Refusal."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Refusal(400, "bad_history")
    return tuple(_check_turn(turn) for turn in value)


def _check_turn(turn: object) -> Message:
    if not isinstance(turn, Mapping):
        raise Refusal(400, "bad_history")
    role, text = turn.get("role"), turn.get("text")
    if role not in ("user", "model") or not isinstance(text, str):
        raise Refusal(400, "bad_history")
    return Message(role, sound_text(text))

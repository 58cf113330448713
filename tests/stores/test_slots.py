"""Which keys the scripts of Redis touch: all that a conversation has can lie in one slot of a cluster.

Its id and those of its replies begin alike, and a cluster finds a key by the part of its name that stands in
braces. Today's names have none, as there is one Redis.
"""

import re
from collections import defaultdict

import pytest
import redis
from redis.crc import key_slot

from harness.servers import RedisServer
from kindlechat.conversation import Rights
from kindlechat.picture import SentPicture
from kindlechat.relay import new_id
from kindlechat.reply import State
from kindlechat.stores.contract import Fingerprint, LookedUp, NewReply, Quota, Write
from kindlechat.stores.ids import SLOT_CHARS, new_reply_id
from kindlechat.stores.redis import RedisStore

OF_A_CONVERSATION = {
    *("conversation", "discarded", "rights", "about", "turns", "words", "pictures", "reply", "text")
}
"""The kinds of keys that a conversation has, with its id or a reply's."""

LISTS = {"active", "owned"}
"""When conversations were written: of all, and of each reader."""

SETS = {"active", "bin", "owned", "shared"}
"""All lists that a conversation is in."""

OUTSIDE = {
    "copy_conversation": LISTS,
    "create_reply": LISTS | {"asking", "clock", "pressed", "quota"},
    "describe": LISTS,
    "discard": SETS,
    "find_repeat": {"clock", "pressed"},
    "heartbeat": {"clock"},
    "restore": SETS,
    "resume": LISTS | {"asking", "clock", "quota"},
    "share": LISTS | {"share", "shared"},
    "withdraw": {"share", "shared"},
    "write": LISTS | {"asking", "clock"},
}
"""What scripts that work on a conversation touch beside it; docs/scaling.md tells the same."""

WITHIN = {
    *(
        "choose",
        "claim",
        "conversation_of",
        "discarded_rights",
        "forget_word",
        "keep_word",
        "outline",
    ),
    *("progress", "replies", "reply", "request_stop", "rights", "seed", "word", "words_of"),
}

KEY = re.compile(r"kindlechat:(\w+)(?::(\S+))?")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


def slot_of(id_):
    """The slot of a cluster to which keys lead that have the beginning of this id in braces."""
    return key_slot(f"{{{id_[:SLOT_CHARS]}}}".encode())


def touched(server, store, work):
    """The kinds and ids of all keys that each script touches while `work` is done, by its name."""
    found = defaultdict(set)
    with (
        redis.Redis.from_url(server.url, decode_responses=True) as client,
        client.monitor() as told,
    ):
        work()
        with redis.Redis.from_url(server.url) as other:
            other.echo("the end")
        script = ""
        while "the end" not in (command := told.next_command())["command"]:
            if command["client_type"] == "lua":
                found[script].update(KEY.findall(command["command"]))
            else:
                names = {each.sha: name for name, each in store._scripts.items()}
                words = command["command"].split()[:2]
                script = next((names[word] for word in words if word in names), script)
    return found


def live_through_everything(store):
    """Let one conversation live through all that can happen to it; returns its id and that of its copy."""
    conversation, copy, owner = new_id(), new_id(), "owner"
    lease, again = new_id(), new_id()
    first, second = new_reply_id(conversation), new_reply_id(conversation)
    quotas = [Quota("client", 10, 60)]
    press = Fingerprint("press", window_s=60)
    picture = SentPicture(b"jpeg", b"small", (600, 800), (60, 80))
    rights = Rights(owner, "key")
    store.create_reply(
        NewReply(first, conversation, "Why?", lease, "client", (), rights, fingerprint=press)
    )
    store.find_repeat(press)
    store.heartbeat({first: lease})
    store.request_stop(first)
    store.write([Write(first, lease, 0, "So.", State.STOPPED, None)])
    store.resume(first, again, "client", quotas=quotas)
    store.write([Write(first, again, 3, " Yes.", State.DONE, None)])
    store.create_reply(
        NewReply(
            id=second,
            conversation=conversation,
            question="Why?",
            lease=lease,
            client_hash="client",
            replaces=first,
            picture=picture.name,
            new_picture=picture,
        ),
        quotas=quotas,
    )
    store.write([Write(second, lease, 0, "So.", State.DONE, None)])
    store.read_after({second: 0}, 0)
    store.reply(first)
    store.replies([first, second])
    store.outline(conversation)
    store.choose(first)
    store.conversation_of(first)
    store.seed(conversation)
    store.rights(conversation)
    store.claim(conversation, rights)
    store.keep_word(LookedUp(conversation, "so", "so", "So.", "thus", "en"))
    store.word(conversation, "so")
    store.words_of(conversation)
    store.forget_word(conversation, "so")
    store.retitle(conversation, "Title")
    store.share(conversation, "share")
    store.withdraw(conversation)
    store.copy_conversation(conversation, copy, rights)
    store.discard(conversation)
    store.discarded_rights(conversation)
    store.restore(conversation)
    return conversation, copy


@pytest.fixture(scope="module")
def lived(server):
    """A conversation and its copy, and what each script touched of them and of all else."""
    ids = []
    store = RedisStore(server.url, 1000)
    found = touched(server, store, lambda: ids.extend(live_through_everything(store)))
    store.close()
    return ids, found


def test_all_that_a_conversation_has_leads_to_its_slot(lived):
    (conversation, copy), found = lived
    slots = {slot_of(conversation), slot_of(copy)}
    for script, keys in found.items():
        own = {slot_of(id_) for kind, id_ in keys if kind in OF_A_CONVERSATION}
        expected = slots if script == "copy_conversation" else {slot_of(conversation)}
        assert own == expected, script


def test_what_scripts_touch_beside_a_conversation_is_known(lived):
    _, found = lived
    beside = {
        script: {kind for kind, _ in keys} - OF_A_CONVERSATION for script, keys in found.items()
    }
    assert {script: kinds for script, kinds in beside.items() if kinds} == OUTSIDE
    assert {script for script, kinds in beside.items() if not kinds} == WITHIN


def test_the_ids_of_replies_are_ids_of_their_own():
    ids = {new_reply_id("conv" * 5 + "cw") for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch(r"conv[\w-]{18}", id_, re.ASCII) for id_ in ids)

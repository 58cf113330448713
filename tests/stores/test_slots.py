"""Which keys the scripts of Redis touch: all that a conversation has lies in one slot of a cluster.

Its id and those of its replies begin alike, and a cluster finds a key by the part of its name that stands in
braces.
"""

import re
from collections import defaultdict
from contextlib import ExitStack, closing

import gevent
import pytest
import redis
from redis.crc import key_slot

from harness.servers import RedisServer
from kindlechat.conversation import Rights
from kindlechat.errors import StoreUnavailable
from kindlechat.picture import SentPicture
from kindlechat.relay import new_id
from kindlechat.reply import Message, State
from kindlechat.stores.contract import Fingerprint, LookedUp, NewReply, Quota, Write
from kindlechat.stores.ids import new_reply_id
from kindlechat.stores.redis import RedisStore
from kindlechat.stores.redis.connection import RENAME_BATCH
from kindlechat.stores.redis.keys import key_of
from kindlechat.timings import Timings

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

KEY = re.compile(r"(kindlechat:(\w+)[^\s\"]*)")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


def slot_of(key):
    """The slot of a cluster in which a key lies."""
    return key_slot(key.encode())


def touched(server, store, work):
    """The names and kinds of all keys that each script touches while `work` is done, by its name."""
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
    store.conversation_of("none")  # sees that there are no names of an older version
    found = touched(server, store, lambda: ids.extend(live_through_everything(store)))
    store.close()
    return ids, found


def test_all_that_a_conversation_has_lies_in_its_slot(lived):
    (conversation, copy), found = lived
    slots = {slot_of(key_of("reply", id_)) for id_ in (conversation, copy)}
    assert len(slots) == 2
    for script, keys in found.items():
        own = {slot_of(key) for key, kind in keys if kind in OF_A_CONVERSATION}
        expected = (
            slots if script == "copy_conversation" else {slot_of(key_of("turns", conversation))}
        )
        assert own == expected, script


def test_what_scripts_touch_beside_a_conversation_is_known(lived):
    _, found = lived
    beside = {
        script: {kind for _, kind in keys} - OF_A_CONVERSATION for script, keys in found.items()
    }
    assert {script: kinds for script, kinds in beside.items() if kinds} == OUTSIDE
    assert {script for script, kinds in beside.items() if not kinds} == WITHIN


def test_python_and_the_scripts_name_keys_alike(lived):
    (conversation, _), found = lived
    names = {key for keys in found.values() for key, _ in keys}
    for kind in OF_A_CONVERSATION - {"reply", "text"}:
        assert key_of(kind, conversation) in names


@pytest.fixture
def client(server):
    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        client.flushall()
        yield client


@pytest.fixture
def open_store(server):
    with ExitStack() as stores:
        yield lambda: stores.enter_context(closing(RedisStore(server.url, 1000)))


def test_keys_of_an_older_version_get_the_names_of_today(client, open_store):
    """More of them than are looked at together."""
    for number in range(RENAME_BATCH + 100):
        client.set(f"kindlechat:conversation:id-{number}", f'[["user", "{number}?"]]', ex=1000)
    client.zadd("kindlechat:owned:id-1", {"id-1": 1})
    store = open_store()
    for number in (0, RENAME_BATCH + 99):
        assert store.seed(f"id-{number}") == (Message("user", f"{number}?"),)
    assert client.ttl(key_of("conversation", "id-7")) > 900
    assert client.exists("kindlechat:owned:id-1")  # a reader's
    assert not client.keys("kindlechat:conversation:id-*")


def test_one_process_looks_for_older_names_and_the_next_look_finds_later_ones(client, open_store):
    store, other = open_store(), open_store()
    store.seed("none")
    client.set("kindlechat:conversation:late", '[["user", "Late?"]]')
    assert other.seed("late") == store.seed("late") == ()
    client.delete("kindlechat:named")  # as it is an hour later
    store.delete_older_than(1000)
    assert other.seed("late") == (Message("user", "Late?"),)


def test_a_full_memory_is_no_hindrance_to_looking_for_older_names(server, client, open_store):
    """Otherwise nothing could be deleted any more, and the memory would be full for ever."""
    client.set(key_of("conversation", "id"), '[["user", "Why?"]]', ex=1000)
    client.config_set("maxmemory", 1)
    try:
        store = open_store()
        assert store.seed("id") == (Message("user", "Why?"),)
        assert not client.exists("kindlechat:named")
        assert store.delete_older_than(1000) == 0
    finally:
        client.config_set("maxmemory", 0)


def test_who_waits_for_names_while_redis_hangs_is_told_as_soon_as_the_first_one(server, client):
    hasty = Timings(redis_timeout_s=0.5)
    with closing(RedisStore(server.url, 1000, timings=hasty)) as store:
        server.pause()
        try:
            with gevent.Timeout(1):
                asking = [gevent.spawn(store.seed, "id") for _ in range(5)]
                gevent.joinall(asking)
        finally:
            server.go_on()
        assert [type(each.exception) for each in asking] == [StoreUnavailable] * 5
        assert store.seed("id") == ()


def test_the_ids_of_replies_are_ids_of_their_own():
    ids = {new_reply_id("conv" * 5 + "cw") for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch(r"conv[\w-]{18}", id_, re.ASCII) for id_ in ids)

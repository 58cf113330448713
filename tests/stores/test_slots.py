"""Which keys the scripts of Redis touch: all that a conversation has lies in one slot of a cluster.

Its id and those of its replies begin alike, and a cluster finds a key by the part of its name that stands in
braces.
"""

import re
from contextlib import ExitStack, closing
from dataclasses import replace

import gevent
import pytest
import redis
from redis.crc import key_slot

from harness.servers import RedisServer, free_port
from harness.waiting import eventually
from kindlechat.conversation import Rights
from kindlechat.errors import StoreUnavailable, TooManyReplies
from kindlechat.picture import SentPicture
from kindlechat.relay import new_id
from kindlechat.reply import Message, State
from kindlechat.stores.contract import Fingerprint, LookedUp, NewReply, Quota, Write
from kindlechat.stores.ids import SLOT_CHARS, new_reply_id
from kindlechat.stores.redis import RedisStore
from kindlechat.stores.redis.connection import SCRIPTS
from kindlechat.stores.redis.keys import key_of
from kindlechat.stores.redis.older import RENAME_BATCH
from kindlechat.timings import Timings

OF_A_CONVERSATION = {
    *("conversation", "discarded", "rights", "about", "turns", "words", "pictures", "reply", "text")
}
"""The kinds of keys that a conversation has, with its id or a reply's."""

MANY = {"heartbeat", "progress", "replies", "write"}
"""Scripts that get replies of many conversations at once: of each they touch keys of its slot alone."""

NEVER_OF_A_CONVERSATION = {
    *("change_standing", "delete_pending", "end_run", "finish_issues", "forget_subscriber"),
    *("hold_run", "record_delivery", "set_mailbox", "subscribe", "subscriber", "subscribers"),
    *("delete_unseen_readers", "forget_reader", "keep_key", "owner_of_key", "reader_record"),
    *("see_reader", "withdraw_key"),
    *("end_pair", "join_pair", "note_asked", "offer_pair", "pair"),
}
"""Scripts of the newsletter, of readers' keys and of pairs."""

OF_OLDER_VERSIONS = {"rename_older"}
"""A cluster never has the names that it changes."""

KEY = re.compile(r"(kindlechat:(\w+)[^\s\"]*)")


def slot_of(key):
    """The slot of a cluster in which a key lies."""
    return key_slot(key.encode())


def touched(server, store, work):
    """What each run of a script touches while `work` is done: its name, with the names and kinds of keys."""
    runs = []
    with (
        redis.Redis.from_url(server.url, decode_responses=True) as client,
        client.monitor() as told,
    ):
        work()
        with redis.Redis.from_url(server.url) as other:
            other.echo("the end")
        names = {each.sha: name for name, each in store._scripts.items()}
        # One that Redis did not know yet is sent again, and touched nothing.
        while "the end" not in (command := told.next_command())["command"]:
            words = command["command"].split()[:2]
            if command["client_type"] == "lua":
                runs[-1][1].update(KEY.findall(command["command"]))
            elif words[0] == "EVALSHA":
                runs.append((names[words[1]], set()))
    return [(script, keys) for script, keys in runs if keys]


def live_through_everything(store):
    """Let one conversation live through all that can happen to it; returns its id and that of its copy."""
    conversation, copy, owner = new_id(), new_id(), "owner"
    lease, again = new_id(), new_id()
    first, second = new_reply_id(conversation), new_reply_id(conversation)
    quotas = [Quota("client", 10, 60)]
    press = Fingerprint("press", window_s=60)
    picture = SentPicture(b"jpeg", b"small", (600, 800), (60, 80))
    rights = Rights(owner, "key")
    new = NewReply(first, conversation, "Why?", lease, "client", (), rights, fingerprint=press)
    store.create_reply(new)
    store.create_reply(replace(new, id=new_reply_id(conversation)))  # the same press
    store.find_repeat(press)
    store.heartbeat({first: lease})
    store.read_after({first: 0}, 0)
    store.reply(first)
    store.request_stop(first)
    with pytest.raises(TooManyReplies):
        other = new_id()
        store.create_reply(
            replace(
                new,
                id=new_reply_id(other),
                conversation=other,
                fingerprint=Fingerprint("another-press"),
            ),
            concurrency_limit=1,
            quotas=quotas,
        )
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
    store.outline(conversation)  # of a reply under way
    store.write([Write(second, lease, 0, "So.", State.DONE, None)])
    store.replies([first, second])
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
    store.shared_as("share")
    store.list_shared(owner, 9)
    store.withdraw(conversation)
    store.copy_conversation(conversation, copy, rights)
    store.list_owned(owner, 9)
    store.search_owned(owner, "so", 9)
    store.vocabulary(owner, 9)
    store.newest_answers(owner, 9)
    store.facts_since(0)
    store.discard(conversation)
    store.list_discarded(owner, 9)
    store.discarded_rights(conversation)
    store.restore(conversation)
    store.meet("mark")
    store.hand_over(owner, "heir")
    store.discard_owned("heir")
    store.delete_owned("heir")
    store.delete_older_than(1000)
    return conversation, copy


@pytest.fixture(scope="module")
def lived(server):
    """A conversation and its copy, and what each run of a script touched."""
    ids = []
    store = RedisStore(server.url, 1000)
    store.conversation_of("none")  # sees that there are no names of an older version
    found = touched(server, store, lambda: ids.extend(live_through_everything(store)))
    store.close()
    return ids, found


def test_all_that_a_conversation_has_lies_in_its_slot(lived):
    (conversation, copy), runs = lived
    for id_ in (conversation, copy):
        own = {key for _, keys in runs for key, kind in keys if kind in OF_A_CONVERSATION}
        slots = {slot_of(key) for key in own if id_[:SLOT_CHARS] in key}
        assert slots == {slot_of(key_of("turns", id_))}


def test_no_script_touches_keys_of_two_slots(lived):
    """Of the scripts that get many replies, each run here has those of one conversation."""
    _, runs = lived
    for script, keys in runs:
        assert len({slot_of(key) for key, _ in keys}) == 1, (script, keys)


def test_what_works_on_a_conversation_touches_nothing_beside_it(lived):
    _, runs = lived
    for script, keys in runs:
        kinds = {kind for _, kind in keys}
        assert kinds <= OF_A_CONVERSATION or not kinds & OF_A_CONVERSATION, script


def test_all_scripts_that_may_work_on_a_conversation_were_tried(lived):
    _, runs = lived
    tried = {script for script, _ in runs}
    assert tried >= MANY
    assert tried == {*SCRIPTS} - NEVER_OF_A_CONVERSATION - OF_OLDER_VERSIONS


def test_a_cluster_takes_every_call(tmp_path, monkeypatch):
    """A cluster of one machine. Redis itself refuses what touches keys of two slots, where a script says by
    its first line that it is no older one."""
    options = ["--cluster-enabled", "yes", "--cluster-port", str(free_port())]
    with (
        RedisServer(tmp_path, *options) as server,
        redis.Redis.from_url(server.url) as client,
        closing(RedisStore(server.url, 1000)) as store,
    ):
        client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        eventually(lambda: client.cluster("INFO")["cluster_state"] == "ok")
        monkeypatch.setattr(store, "_head", "#!lua\n" + store._head)
        live_through_everything(store)
        monkeypatch.setitem(
            SCRIPTS, "two slots", "redis.call('GET', 'a') return redis.call('GET', 'b')"
        )
        with pytest.raises(StoreUnavailable, match="same slot"):
            store._run("two slots")


def test_python_and_the_scripts_name_keys_alike(lived):
    (conversation, _), runs = lived
    names = {key for _, keys in runs for key, _ in keys}
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

"""No word is lost: whatever happens to readers, processes and the store, on either store."""

import json
import os
import random
import re
import signal
import socket
from collections import Counter
from contextlib import ExitStack
from urllib.parse import urlsplit

import gevent
import pytest
import redis
import requests

from bench import faults
from bench.persistent_readers import PersistentReader, Streamed
from harness import behaviours as up
from harness.behaviours import Gate, answer, counting
from harness.local_app import LocalApp
from harness.processes import children_of
from harness.readers import MODES, TIMEOUT_S, Reader
from harness.servers import AppServer, RedisServer, eventually
from kindlechat.timings import Timings

HASTE = 5
"""A model is given up after 9 s then: more than any test has it silent for, on a busy machine, too."""

LONG_GRACE_S = 30
"""Longer than anybody waits for the end of a server: one that ends has nothing more to wait for."""


def words(first, last):
    return [f"word{n}" for n in range(first, last + 1)]


@pytest.fixture(autouse=True)
def no_earlier_requests(upstream):
    upstream.requests.clear()


class Site:
    """Any number of instances on one store; a context manager that ends them."""

    def __init__(self, folder, store, upstream, *, appendonly="yes"):
        self._folder = folder
        self._stack = ExitStack()
        self._count = 0
        self._environment = {
            "GEMINI_BASE_URL": upstream.base_url,
            "GEMINI_API_KEY": "a-key",
            "KINDLECHAT_DATA": str(folder / "data"),
        }
        if store == "redis":
            self.redis = self._stack.enter_context(RedisServer(folder, "--appendonly", appendonly))
            self._environment |= {"REDIS_URL": self.redis.url, "SECRET_KEY": "shared" * 6}

    def start(self, **more):
        self._count += 1
        folder = self._folder / f"instance{self._count}"
        folder.mkdir()
        settings = {"haste": HASTE, **self._environment, **more}
        return self._stack.enter_context(AppServer(folder, **settings))

    def close(self):
        self._stack.close()


@pytest.fixture(scope="module", params=["sqlite", "redis"])
def place(request, tmp_path_factory, upstream, site):
    place = Site(tmp_path_factory.mktemp(request.param), request.param, upstream)
    yield place
    place.close()


@pytest.fixture(scope="module")
def pair(place):
    """Two instances that no test harms."""
    return place.start(), place.start()


def ask(app, message="Count."):
    response = requests.post(f"{app.url}/api/replies", json={"message": message}, timeout=TIMEOUT_S)
    assert response.status_code == 201, response.text
    return response.json()


def press(app, reply, button):
    response = requests.post(
        f"{app.url}{reply['page']}/{button}", timeout=TIMEOUT_S, allow_redirects=False
    )
    assert response.status_code == 303, response.text


def poll(app, reply):
    return requests.get(app.url + reply["poll"], timeout=TIMEOUT_S).json()


def follow(reply, *apps, elsewhere=""):
    """One reader for each way at each instance."""
    return [Reader(mode, app.url, reply, elsewhere) for app in apps for mode in MODES]


def wait_for_words(readers, count):
    eventually(lambda: all(reader.has_words(count) for reader in readers))


# Any process can serve any reply


def test_ask_one_instance_and_follow_from_the_other(pair, upstream):
    """Each word is seen everywhere before the model writes the next one (as plain text the one after)."""
    here, there = pair
    gate = Gate(5)
    upstream.script(gate)
    reply = ask(here)
    readers = follow(reply, here, there)
    for count in range(1, 6):
        gate.give(count)
        wait_for_words(readers, count)
    assert [reader.wait().words for reader in readers] == [words(1, 5)] * len(readers)
    assert len(upstream.requests) == 1


def test_workers_share_a_reply(place, upstream):
    app = place.start(WEB_CONCURRENCY="3")
    upstream.script(counting(20, 0.05))
    reply = ask(app)
    readers = follow(reply, *[app] * 4)
    assert [reader.wait().words for reader in readers] == [words(1, 20)] * len(readers)
    # A worker that neither writes it nor had a reader up to its end hears of that a moment later.
    eventually(lambda: poll(app, reply)["state"] == "done")
    assert len(upstream.requests) == 1


def test_a_button_pressed_twice_at_both_instances_asks_once(pair, upstream):
    upstream.script(counting(5, 0.1))
    form = {"message": "Pressed twice?", "conversation": "", "idempotency_key": "a-press"}
    presses = [
        gevent.spawn(requests.post, f"{app.url}/ask", data=form, allow_redirects=False)
        for app in pair * 2
    ]
    locations = {job.get(timeout=TIMEOUT_S).headers["Location"] for job in presses}
    assert len(locations) == 1
    page = Reader("page", pair[0].url, {"page": locations.pop()}).wait()
    assert page.words == words(1, 5)
    assert len(upstream.requests) == 1


# Readers


def test_twenty_readers_who_leave_return_and_sleep_see_one_reply(pair, upstream):
    gate = Gate(12)
    upstream.script(gate)
    reply = ask(pair[0])
    readers = follow(reply, *pair) + follow(reply, *pair)
    assert len(readers) == 20
    sleeper = open_and_never_read(pair[0], reply)
    gate.give(6)
    wait_for_words(readers, 5)
    for reader in readers[:10]:
        assert " ".join(words(1, 12)).startswith(reader.leave().text.rstrip())
    gate.give(12)
    second_device = follow(reply, *pair)
    finished = [reader.wait().words for reader in readers[10:] + second_device]
    assert finished == [words(1, 12)] * 20
    sleeper.close()
    assert len(upstream.requests) == 1


def open_and_never_read(app, reply):
    """A device that sleeps: its connection stays open, and nobody reads from it."""
    sock = socket.create_connection(("127.0.0.1", urlsplit(app.url).port))
    sock.sendall(f"GET {reply['stream']} HTTP/1.1\r\nHost: kindlechat\r\n\r\n".encode())
    return sock


def test_a_reader_goes_on_from_its_cursor_at_the_other_instance(pair, upstream):
    here, there = pair
    gate = Gate(10)
    upstream.script(gate)
    reply = ask(here)
    gate.give(4)
    eventually(lambda: poll(here, reply)["text"] == "word1 word2 word3 word4 ")
    first = poll(here, reply)
    gate.give(10)
    after = {"after": first["cursor"]}
    rest = requests.get(there.url + reply["stream"], params=after, timeout=TIMEOUT_S)
    assert first["text"] + rest.text == "".join(f"{word} " for word in words(1, 10))
    back = {"Accept": "text/event-stream", "Last-Event-ID": first["cursor"]}
    events = requests.get(there.url + reply["stream"], headers=back, timeout=TIMEOUT_S).text
    assert re.findall(r"word\d+", events) == words(5, 10)


# The death of a producer


def test_a_killed_worker_leaves_an_interrupted_reply_that_goes_on(place, pair, upstream):
    doomed, other = place.start(), pair[1]
    gate = Gate(9)
    upstream.script(gate, counting(5, 0.01, first=4))
    reply = ask(doomed)
    readers = follow(reply, other)
    gate.give(6)
    wait_for_words([reader for reader in readers if reader.mode != "stream"], 6)
    kill_workers(doomed)
    ends = {reader.mode: reader.wait() for reader in readers}
    assert {end.text.split()[-1] for end in ends.values()} == {"word6"}
    assert [end.words for end in ends.values()] == [words(1, 6)] * len(ends)
    assert ends["poll"].state == ends["events"].state == "interrupted"
    assert not ends["stream"].complete
    for mode in ("live", "page"):
        assert "[Connection interrupted]" in ends[mode].page
        assert f'action="{reply["page"]}/continue"' in ends[mode].page
    # The worker's successor knows it too, and so does whoever comes first.
    eventually(doomed.ready)
    assert poll(doomed, reply)["state"] == "interrupted"

    cursor = poll(other, reply)["cursor"]
    press(doomed, reply, "continue")
    readers = follow(reply, doomed, other)
    assert [reader.wait().words for reader in readers] == [words(1, 8)] * len(readers)
    rest = requests.get(other.url + reply["poll"], params={"after": cursor}, timeout=TIMEOUT_S)
    assert rest.json()["text"].split() == words(7, 8)
    told = upstream.requests[1].body["contents"]
    assert told[1]["parts"][0]["text"].split() == words(1, 6)


def kill_workers(app):
    """kill -9 all workers of an instance, whose master starts others."""
    children = children_of(app.pid)
    assert children
    for child in children:
        os.kill(child, signal.SIGKILL)


# Shutdown


def follow_under_way(upstream, gate, count, ending, other):
    """Ask an instance that will end, whose model writes so many words, and follow the reply at both.

    Who polls may come when it has ended: nothing tells how many readers have not come yet.
    """
    upstream.script(gate)
    reply = ask(ending)
    gate.give(count)
    readers = follow(reply, ending, other, elsewhere=other.url)
    wait_for_words(readers, count)
    return reply, readers


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_refuses_questions_and_lets_replies_end(place, pair, upstream, sent):
    ending, other = place.start(KINDLECHAT_GRACE_S=str(LONG_GRACE_S)), pair[0]
    gate = Gate(3)
    reply, readers = follow_under_way(upstream, gate, 2, ending, other)
    os.kill(ending.pid, sent)
    eventually(lambda: not ending.ready())
    refused = requests.post(
        f"{ending.url}/api/replies", json={"message": "Late?"}, timeout=TIMEOUT_S
    )
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert poll(ending, reply)["text"].split() == words(1, 2)
    gate.give(3)
    ending.wait()
    assert [reader.wait().words for reader in readers] == [words(1, 3)] * 10
    assert poll(other, reply)["state"] == "done"


def test_told_to_end_it_keeps_what_does_not_end_in_time(place, pair, upstream):
    ending, other = place.start(KINDLECHAT_GRACE_S="1"), pair[0]
    reply, readers = follow_under_way(upstream, Gate(9), 4, ending, other)
    os.kill(ending.pid, signal.SIGTERM)
    ending.wait()
    assert [reader.wait().words for reader in readers] == [words(1, 4)] * 10
    ended = poll(other, reply)
    assert ended["state"] == "interrupted"
    assert "restarted" in ended["reason"]


def test_a_rolling_restart_under_load_loses_no_word(tmp_path, site):
    chance, counted = random.Random(5), Counter()
    with faults.stage(tmp_path, "redis", chance, counted) as instances:
        readers = [PersistentReader(instances.urls, chance, counted) for _ in range(120)]
        jobs = [gevent.spawn(reader.run, number) for number, reader in enumerate(readers)]
        eventually(lambda: sum(bool(reader.seen) for reader in readers) > 60)
        for number in range(2):
            instances.restart(number)
        gevent.joinall(jobs, timeout=150, raise_error=True)
    assert faults.tally(readers) == (0, 0, 0)
    assert counted["restart"] == 2


@pytest.mark.parametrize(
    ("streamed", "tally"),
    [
        (Streamed(0, faults.expected(), complete=True), (0, 0, 0)),
        (Streamed(6, "word2 wo", complete=False), (0, 0, 0)),
        (Streamed(6, "word2 word2 wo", complete=False), (1, 1, 0)),
        (Streamed(0, faults.expected()[:-1], complete=True), (1, 0, 0)),
        (Streamed(0, "word1  wor", complete=False), (1, 1, 0)),
    ],
)
def test_the_tally_sees_what_one_response_brought(streamed, tally):
    """Or the test above would prove nothing of plain text, whose place a poll tells."""
    reader = PersistentReader(list, random.Random(1), Counter())
    reader.stored = reader.seen = faults.expected()
    reader.streamed = [streamed]
    assert faults.tally([reader]) == tally


def test_a_reader_of_events_learns_again_how_an_answer_ended(tmp_path, site, upstream):
    """A continued answer may break off again before a word comes, and its reader is at its end already."""
    upstream.script(up.FAULTS["cut"])
    with LocalApp(tmp_path, GEMINI_BASE_URL=upstream.base_url, GEMINI_API_KEY="a-key") as app:
        reader = PersistentReader(lambda: [app.url], random.Random(1), Counter())
        reader._mode = reader._events
        reply = ask(app)
        for _ in range(2):
            with gevent.Timeout(TIMEOUT_S):
                reader._follow(reply)
            assert (reader.state, reader.seen) == ("interrupted", "Half an ans")


# The store


@pytest.mark.parametrize("trouble", ["hangs", "is killed"])
def test_while_redis_is_gone_replies_go_on_and_catch_up(tmp_path, site, upstream, trouble):
    place = Site(tmp_path, "redis", upstream)
    try:
        here, there = place.start(haste=1), place.start(haste=1)
        gate = Gate(9)
        upstream.script(gate)
        reply = ask(here)
        gate.give(3)
        readers = follow(reply, here, there)
        wait_for_words([reader for reader in readers if reader.mode != "stream"], 3)
        place.redis.pause() if trouble == "hangs" else place.redis.kill()
        gate.give(6)
        wait_for_words([r for r in readers[:5] if r.mode in ("events", "live")], 6)
        assert poll(here, reply)["text"].split() == words(1, 6)
        # All at once, as each may wait for Redis: gone for too long, it would find an orphan.
        calls = [
            ("post", "/api/replies", {"json": {"message": "New?"}}),
            ("post", "/ask", {"data": {"message": "Keep me"}}),
            ("get", reply["page"], {}),
            ("get", "/healthz", {}),
        ]
        jobs = [
            gevent.spawn(requests.request, method, here.url + path, timeout=TIMEOUT_S, **more)
            for method, path, more in calls
        ]
        refused, kept, page, health = (job.get() for job in jobs)
        assert refused.status_code == 503
        assert refused.json()["error"]["code"] == "store_down"
        assert int(refused.headers["Retry-After"]) > 0
        assert kept.status_code == 503
        assert "Keep me" in kept.text
        assert page.status_code == 503
        assert f'content="5; url={reply["page"]}"' in page.text
        assert (health.status_code, health.text) == (503, "trouble")
        place.redis.go_on() if trouble == "hangs" else place.redis.start()
        gate.give(9)
        assert [reader.wait().words for reader in readers] == [words(1, 9)] * 10
        eventually(lambda: poll(there, reply)["state"] == "done")
        assert poll(there, reply)["text"].split() == words(1, 9)
        assert requests.get(f"{here.url}/healthz", timeout=TIMEOUT_S).ok
    finally:
        place.close()


def test_a_redis_that_comes_back_without_its_last_writes_gets_them_again(tmp_path, site, upstream):
    place = Site(tmp_path, "redis", upstream, appendonly="no")
    try:
        here, there = place.start(haste=1), place.start(haste=1)
        gate = Gate(9)
        upstream.script(gate)
        reply = ask(here)
        gate.give(3)
        readers = follow(reply, here, there)
        eventually(lambda: poll(there, reply)["text"].split() == words(1, 3))
        with redis.Redis(port=place.redis.port) as client:
            client.save()
        gate.give(6)
        wait_for_words(readers, 6)
        place.redis.kill()
        place.redis.start()
        gate.give(9)
        assert [reader.wait().words for reader in readers] == [words(1, 9)] * 10
        eventually(lambda: poll(there, reply)["state"] == "done")
        assert poll(there, reply)["text"].split() == words(1, 9)
    finally:
        place.close()


def test_a_redis_that_comes_back_empty_ends_no_reply_for_who_follows_it(tmp_path, site, upstream):
    place = Site(tmp_path, "redis", upstream, appendonly="no")
    try:
        app = place.start(haste=1)
        gate = Gate(9)
        upstream.script(gate)
        reply = ask(app)
        gate.give(3)
        modes = ("poll", "stream", "events", "live")
        readers = [Reader(mode, app.url, reply) for mode in modes]
        wait_for_words(readers, 3)
        place.redis.kill()
        place.redis.start()
        gate.give(6)
        wait_for_words(readers, 6)
        gevent.sleep(3 * Timings().stop_check_interval_s)  # its owner looks for wishes meanwhile
        gate.give(9)
        ends = [reader.wait() for reader in readers]
        assert [end.words for end in ends] == [words(1, 9)] * len(modes)
        assert all(end.complete for end in ends)
        assert ends[0].state == ends[2].state == "done"
    finally:
        place.close()


def test_a_reply_that_ends_while_redis_is_gone_ends_on_every_page(tmp_path, site, upstream):
    place = Site(tmp_path, "redis", upstream)
    try:
        app = place.start(haste=1)
        gate = Gate(9)
        upstream.script(gate)
        reply = ask(app)
        gate.give(3)
        live = Reader("live", app.url, reply)
        eventually(lambda: len(live.seen.words) == 3)
        url = f"{app.url}{reply['stream']}?format=html"
        with requests.get(url, stream=True, timeout=TIMEOUT_S) as updates:
            lines = updates.iter_lines()
            next(lines)
            place.redis.pause()
            gate.give(9)
            *_, last = (json.loads(line) for line in lines if line)
        assert last["state"] == "done"
        assert f'action="{reply["page"]}/again"' in last["actions"]
        seen = live.wait()
        assert (seen.words, seen.complete) == (words(1, 9), True)
        assert f'action="{reply["page"]}/again"' in seen.page
        polled = requests.get(f"{app.url}{reply['poll']}?format=html", timeout=TIMEOUT_S).json()
        assert (polled["state"], polled["actions"]) == ("done", last["actions"])
    finally:
        place.redis.go_on()
        place.close()


# Buttons


def test_buttons_work_at_the_instance_that_does_not_write(pair, upstream):
    here, there = pair
    upstream.script(up.FAULTS["stall"], answer("wer."), answer("Another."))
    reply = ask(here)
    eventually(lambda: poll(there, reply)["text"] == "Half an ans")
    press(there, reply, "stop")
    assert upstream.requests[0].closed.wait(TIMEOUT_S)
    eventually(lambda: poll(there, reply)["state"] == "stopped")
    for _ in range(2):
        press(there, reply, "continue")
    assert Reader("page", here.url, reply).wait().text == "Half an answer."
    press(here, reply, "again")
    assert Reader("page", there.url, reply).wait().text == "Another."
    assert len(upstream.requests) == 3

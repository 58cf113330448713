"""Runs against a real mail server: who gets a letter, who is tried again, and who never again."""

from dataclasses import replace
from itertools import count

import pytest

from kindlechat.errors import MailNotTaken
from kindlechat.newsletter.letters import Post
from kindlechat.newsletter.sending import MOST_REFUSED, AnotherRun, SendingRun
from kindlechat.stores.contract import Standing

numbers = count()


@pytest.fixture
def make_run(store, mailer, letters):
    """Runs that do not sleep but keep how long they would have."""

    def make(**changes):
        slept = []
        values = {
            "store": store,
            "mailer": mailer,
            "letters": letters,
            "rate": 5.0,
            "token": f"run {next(numbers)}",
            "sleep": slept.append,
        }
        run = SendingRun(**values | changes)
        run.slept = slept
        return run

    return make


@pytest.fixture
def run(make_run):
    return make_run()


def recipients(mailbox):
    return sorted(mail["To"] for mail in mailbox.mails)


def test_the_first_run_marks_all_posts_as_old(run, post, store):
    assert run.begin([post]) is None
    newer = Post("en/blog/newer", "en", "Newer", "", "/blog/newer/")
    assert run.begin([post, newer]) == [newer]


def test_each_subscriber_of_the_language_gets_one_letter(run, post, store, subscribe, mailbox):
    subscribe("ann@example.org")
    subscribe("eve@example.org")
    subscribe("jan@example.org", "de")
    report = run.send(post)
    assert (report.sent, report.bounced, report.finished) == (2, 0, True)
    assert recipients(mailbox) == ["ann@example.org", "eve@example.org"]
    assert store.issues() == {post.key: True}


def test_a_mailbox_that_is_refused_for_good_gets_no_more(run, post, store, subscribe, mailbox):
    gone, ann = subscribe("rcpt-550@example.org"), subscribe("ann@example.org")
    report = run.send(post)
    assert (report.sent, report.bounced, report.finished) == (1, 1, True)
    assert store.subscriber(gone.id).standing is Standing.BOUNCED
    assert store.subscriber(ann.id).standing is Standing.ACTIVE
    assert recipients(mailbox) == ["ann@example.org"]


@pytest.mark.parametrize("refusal", ["rcpt-451", "data-451"])
def test_who_is_refused_for_now_is_tried_again_later(
    run, make_run, post, store, subscribe, mailbox, refusal
):
    waiting = subscribe(f"{refusal}@example.org")
    subscribe("zoe@example.org")
    report = run.send(post)
    assert (report.sent, report.bounced, report.finished) == (1, 0, False)
    assert [pause for pause in run.slept if pause > 1] == [30, 120, 480]
    assert store.issues() == {post.key: False}
    assert store.subscriber(waiting.id).standing is Standing.ACTIVE
    assert store.due(post.key, "en") == [waiting]
    run.release()
    again = make_run().send(post)
    assert (again.sent, again.finished) == (0, False)
    assert recipients(mailbox) == ["zoe@example.org"]


def test_a_server_that_comes_back_gets_the_rest(make_run, post, subscribe, mailbox, mailer):
    subscribe("ann@example.org")
    right, mailer._server = (
        mailer._server,
        mailer._server.__class__("127.0.0.1", 1, mailer._server.security),
    )
    pauses = []

    def sleep(pause_s):
        pauses.append(pause_s)
        if pause_s == 30:
            mailer._server = right

    report = make_run(sleep=sleep).send(post)
    assert (report.sent, report.finished) == (1, True)
    assert recipients(mailbox) == ["ann@example.org"]


def test_a_letter_that_is_refused_stops_the_run_and_blames_nobody(
    run, post, store, subscribe, mailbox
):
    ann = subscribe("data-554@example.org")
    with pytest.raises(MailNotTaken):
        run.send(post)
    assert store.subscriber(ann.id).standing is Standing.ACTIVE


def test_a_letter_that_one_mailbox_refuses_goes_to_all_others(
    run, make_run, post, store, subscribe, mailbox
):
    subscribe("ann@example.org")
    refusing = subscribe("data-552@example.org")
    subscribe("zoe@example.org")
    report = run.send(post)
    assert (report.sent, report.bounced, report.refused, report.finished) == (2, 0, 1, True)
    assert recipients(mailbox) == ["ann@example.org", "zoe@example.org"]
    assert store.subscriber(refusing.id).standing is Standing.ACTIVE
    assert store.issues() == {post.key: True}
    assert run.send(replace(post, key="en/blog/next")).refused == 1, "who knows, it may have room"


def test_whom_a_killed_run_left_does_not_stop_the_next_one(run, post, store, subscribe):
    store.record_delivery(post.key, subscribe("ann@example.org").id)
    subscribe("data-554@example.org")
    report = run.send(post)
    assert (report.sent, report.refused, report.finished) == (0, 1, True)


def test_a_letter_that_all_refuse_is_tried_a_few_times_only(run, post, store, subscribe):
    for number in range(MOST_REFUSED + 2):
        subscribe(f"data-554-{number}@example.org")
    with pytest.raises(MailNotTaken):
        run.send(post)
    assert len(run.slept) == MOST_REFUSED  # one before the round, and one after each but the last
    assert len(store.due(post.key, "en")) == MOST_REFUSED + 2


def test_letters_keep_to_the_rate(make_run, post, subscribe, mailbox):
    for name in ("ann", "eve", "zoe"):
        subscribe(f"{name}@example.org")
    run = make_run(rate=0.5)
    run.send(post)
    assert run.slept.count(2.0) == 3


def test_two_runs_do_not_send_at_the_same_time(make_run, post, subscribe, mailbox):
    subscribe("ann@example.org")
    first, second = make_run(), make_run()
    first.hold()
    with pytest.raises(AnotherRun, match="another run"):
        second.hold()
    with pytest.raises(AnotherRun):
        second.send(post)
    assert mailbox.mails == []
    first.release()
    assert second.send(post).sent == 1

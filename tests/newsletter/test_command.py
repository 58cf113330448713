"""The operator's commands, as processes: sending, killed in the middle, and what looks after subscribers."""

import mailbox as mailboxes
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from harness.servers import ROOT, clean_environment
from harness.waiting import eventually
from kindlechat.__main__ import main
from kindlechat.newsletter.command import is_built
from kindlechat.newsletter.keys import NewsletterKeys
from kindlechat.newsletter.sending import BEGUN
from kindlechat.site.posts import published_posts
from kindlechat.stores.contract import Standing
from tests.cases import cases
from tests.newsletter.conftest import BASE_URL, IMPRINT, SECRET, SENDER


@pytest.fixture
def environment(mail_server, tmp_path):
    return clean_environment() | {
        "KINDLECHAT_DATA": str(tmp_path / "data"),
        "SECRET_KEY": SECRET,
        "KINDLECHAT_SMTP_URL": f"smtp://127.0.0.1:{mail_server.port}",
        "KINDLECHAT_MAIL_FROM": SENDER,
        "KINDLECHAT_MAIL_ADDRESS": IMPRINT,
        "KINDLECHAT_BASE_URL": BASE_URL,
    }


@pytest.fixture
def command(environment, monkeypatch, capsys):
    """Run a command of the newsletter, and return its exit status and what it said."""

    def run(*arguments, **changes):
        capsys.readouterr()
        with monkeypatch.context() as patch:
            for name, value in (environment | changes).items():
                patch.setenv(name, value)
            try:
                status = main(["newsletter", *arguments])
            except SystemExit as ended:
                status = ended.code
        return status, "".join(capsys.readouterr())

    return run


@pytest.fixture
def new_post(store, site):
    """The newest English post, while all others are old."""
    posts = published_posts(ROOT / "site", datetime.now(UTC).date(), ROOT / "public")
    new = [each for each in posts if each.language == "en"][-1]
    store.finish_issues([BEGUN, *(each.key for each in posts if each is not new)])
    return new


def test_posts_are_sent_once_and_the_first_run_sends_nothing(command, subscribe, mailbox):
    subscribe("ann@example.org")
    status, said = command("send", "--dry-run")
    assert (status, "would mark" in said) == (0, True)
    status, said = command("send")
    assert (status, "marked as old" in said) == (0, True), said
    assert command("send") == (0, "there is no new post\n")
    assert mailbox.mails == []


def test_a_new_post_is_sent(command, subscribe, mailbox, new_post):
    subscribe("ann@example.org")
    status, said = command("send", "--dry-run")
    assert f"{new_post.title!r} would go to 1" in said
    assert mailbox.mails == []
    status, said = command("send")
    assert (status, "1 sent, 0 bounced" in said) == (0, True), said
    (mail,) = mailbox.mails
    assert mail["Subject"] == new_post.title
    assert f"{BASE_URL}{new_post.address}" in mail.get_body(("plain",)).get_content()


def test_a_post_waits_until_its_page_is_built(
    command, subscribe, mailbox, new_post, store, monkeypatch
):
    subscribe("ann@example.org")
    monkeypatch.setattr(
        "kindlechat.newsletter.command.is_built", lambda address, _: address != new_post.address
    )
    status, said = command("send")
    assert (status, said) == (
        0,
        f"{new_post.key}: waits until its page is built\nthere is no new post\n",
    )
    assert mailbox.mails == []
    monkeypatch.undo()
    assert "1 sent" in command("send")[1]


def test_a_page_is_there_once_it_was_built_and_elsewhere_where_nothing_was(tmp_path):
    assert is_built("/blog/new/", tmp_path / "public")
    (tmp_path / "public/blog/old").mkdir(parents=True)
    for page in ("old/index.html", "odd.html"):
        (tmp_path / "public/blog" / page).touch()
    assert is_built("/blog/old/", tmp_path / "public")
    assert is_built("/blog/odd.html", tmp_path / "public")
    assert not is_built("/blog/new/", tmp_path / "public")


@pytest.mark.survival
def test_a_kill_repeats_at_most_one_letter(
    command, environment, store, subscribe, mailbox, new_post
):
    everybody = sorted(f"n{number}@example.org" for number in range(12))
    for each in everybody:
        subscribe(each)
    process = subprocess.Popen(
        [sys.executable, "-m", "kindlechat", "newsletter", "send", "--rate", "20"],
        cwd=ROOT, env=environment,
    )  # fmt: skip
    eventually(lambda: len(mailbox.mails) >= 4)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    status, said = command("send")
    assert (status, "another run" in said) == (1, True), said
    store.in_thread(lambda: store._db.execute("DELETE FROM runs"))  # as if 15 minutes had gone by
    assert command("send")[0] == 0
    got = sorted(mail["To"] for mail in mailbox.mails)
    assert sorted(set(got)) == everybody
    assert len(got) <= len(everybody) + 1


@cases(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_run_that_is_ended_holds_up_no_other(
    number, status, environment, store, subscribe, new_post
):
    subscribe("rcpt-451@example.org")
    process = subprocess.Popen(
        [sys.executable, "-m", "kindlechat", "newsletter", "send"],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "not everybody was reached; the next try is in 30 s\n"
    process.send_signal(number)
    assert process.communicate()[0] == "", "no traceback"
    assert process.returncode == status
    assert store.hold_run("another", 60)
    store.end_run("another")


def test_without_its_settings_it_says_what_it_needs(command):
    status, said = command("send", KINDLECHAT_MAIL_ADDRESS="")
    assert (status, "the newsletter needs KINDLECHAT_SMTP_URL" in said) == (1, True)


def test_subscribers_are_listed_exported_and_forgotten(command, store, subscribe):
    subscribe("ann@example.org")
    left = subscribe("eve@example.org", "de")
    store.change_standing(left.id, Standing.LEFT)
    assert command("list")[1].split() == ["de", "left", "1", "en", "active", "1"]
    said = command("export")[1]
    assert said.startswith("ann@example.org\ten\t2")
    assert "eve" not in said
    assert command("forget", "Ann@example.org") == (0, "all that was known of it is deleted\n")
    assert command("forget", "ann@example.org") == (0, "nothing was known of it\n")
    assert command("forget", "ann")[0] == 2


def returned(address, status="5.1.1"):
    """A mail that tells of another one that could not be delivered (RFC 3464)."""
    message = EmailMessage()
    message["From"] = "MAILER-DAEMON@mail.example"
    message["To"] = SENDER
    message["Subject"] = "Undelivered"
    report = (
        "Reporting-MTA: dns; mail.example\n\n"
        f"Final-Recipient: rfc822; {address}\nAction: failed\nStatus: {status}\n"
    )
    raw = (
        f"{message}"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        f"--b\nContent-Type: text/plain\n\nIt failed.\n\n"
        f"--b\nContent-Type: message/delivery-status\n\n{report}\n--b--\n"
    )
    return raw.replace(
        "\n\nContent-Type: multipart", "\nMIME-Version: 1.0\nContent-Type: multipart"
    )


def test_returned_letters_stop_more(command, store, subscribe, tmp_path):
    ann, eve = subscribe("ann@example.org"), subscribe("eve@example.org")
    maildir = mailboxes.Maildir(tmp_path / "returned")
    maildir.add(returned("ann@example.org"))
    maildir.add(returned("stranger@example.org"))
    maildir.add("From: ann@example.org\nSubject: Thanks\n\nI like your letters.\n")
    folder = str(tmp_path / "returned")
    assert command("bounces", "--maildir", folder) == (0, "1 mailboxes get no more letters\n")
    assert store.subscriber(ann.id).standing is Standing.BOUNCED
    assert store.subscriber(eve.id).standing is Standing.ACTIVE
    store.subscribe(
        "new", "ann@example.org", NewsletterKeys(SECRET).mailbox_hash("ann@example.org"), "en"
    )
    store.change_standing(ann.id, Standing.ACTIVE)
    assert command("bounces", "--maildir", folder) == (0, "0 mailboxes get no more letters\n")
    status, said = command("bounces", "--maildir", str(tmp_path))
    assert (status, "expected a Maildir" in said) == (1, True)

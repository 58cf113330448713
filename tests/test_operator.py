"""The operator's commands, run as an operator runs them."""

import io
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from unittest.mock import patch

import pytest
import redis
import requests

from harness.behaviours import FAULTS, body_of, http_error
from harness.mail_server import PASSWORD
from harness.mailbox import Mailbox
from harness.servers import ROOT, AppServer, RedisServer, clean_environment, free_port
from harness.upstream import Upstream
from kindlechat.__main__ import main
from kindlechat.operator.doctor import examine
from kindlechat.reply import Numbers, State
from kindlechat.settings import Settings
from kindlechat.stores.sqlite import SqliteStore
from tests.cases import cases
from tests.stores.values import new_reply, text_of


def command(*arguments, data, **environment):
    """Run a command as an operator does, but in this process, which takes a tenth of the time."""
    out, errors = io.StringIO(), io.StringIO()
    settings = clean_environment() | {"KINDLECHAT_DATA": str(data)} | environment
    with (
        patch.dict(os.environ, settings, clear=True),
        redirect_stdout(out),
        redirect_stderr(errors),
    ):
        status = main([*map(str, arguments)])
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), errors.getvalue())


def ask(server):
    answer = requests.post(f"{server.url}/api/replies", json={"message": "echo 3"}, timeout=10)
    return answer.json()["id"]


def replies(file):
    with sqlite3.connect(file) as opened:
        return {id_ for (id_,) in opened.execute("SELECT id FROM replies")}


@pytest.mark.survival
def test_what_was_asked_is_in_backups_in_the_file_after_a_clean_stop_and_comes_back(
    site, upstream_process, tmp_path
):
    data, copy = tmp_path / "data", tmp_path / "copy.sqlite3"
    with AppServer(tmp_path, GEMINI_BASE_URL=upstream_process.url) as server:
        first = ask(server)
        ran = command("backup", copy, data=data)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert replies(copy) == {first}
        assert os.stat(copy).st_mode & 0o077 == 0
        second = ask_other(server)
        idle = socket.create_connection(("127.0.0.1", server.port))
        reader = requests.get(f"{server.url}/api/replies/{second}/stream", stream=True, timeout=10)
        assert server.stop() == 0
        assert "WARNING" not in server.log, "nothing is wrong with a clean stop"
        idle.close()
        reader.close()
    shutil.copy(data / "kindlechat.sqlite3", tmp_path / "plain.sqlite3")
    assert replies(tmp_path / "plain.sqlite3") == {first, second}
    ran = command("restore", copy, data=data)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert replies(data / "kindlechat.sqlite3") == {first}
    assert replies(data / "kindlechat.before-restore.sqlite3") == {first, second}
    again = command("restore", copy, data=data)
    assert again.returncode == 1
    assert "move it away first" in again.stderr


def ask_other(server):
    answer = requests.post(f"{server.url}/api/replies", json={"message": "echo 4"}, timeout=10)
    return answer.json()["id"]


def test_a_restore_refuses_what_is_no_backup(tmp_path):
    (tmp_path / "text").write_text("no database, but long enough to be looked at\n" * 100)
    with sqlite3.connect(tmp_path / "other") as other:
        other.execute("CREATE TABLE notes (text)")
    for name, said in (
        ("text", "not a database"),
        ("other", "another database"),
        ("none", "no file"),
    ):
        ran = command("restore", tmp_path / name, data=tmp_path / "data")
        assert (ran.returncode, ran.stdout) == (1, "")
        assert said in ran.stderr
        assert ran.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("environment", "status", "said"),
    [
        ({}, 1, "found no kindlechat.sqlite3"),
        ({"PORT": "many"}, 78, "PORT: expected"),
        ({"REDIS_URL": "redis://localhost", "SECRET_KEY": "s" * 40}, 1, "redis-cli --rdb"),
    ],
)
def test_a_backup_of_nothing_is_refused_in_one_line(tmp_path, environment, status, said):
    ran = command("backup", tmp_path / "copy", data=tmp_path / "data", **environment)
    assert (ran.returncode, ran.stdout) == (status, "")
    assert said in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert not (tmp_path / "copy").exists()


def test_stats_are_told_of_what_is_kept(tmp_path):
    assert command("stats", data=tmp_path / "data").returncode == 1
    store = SqliteStore(tmp_path / "data")
    new = new_reply(question="my secret question")
    store.create_reply(new)
    end = text_of(new, "Yes.", state=State.DONE)
    store.write([replace(end, numbers=Numbers(30, 70, 2, 0.5, 4.0))])
    store.close()
    ran = command("stats", data=tmp_path / "data")
    assert (ran.returncode, ran.stderr) == (0, "")
    told = {" ".join(line.split()) for line in ran.stdout.splitlines()}
    assert {"questions 1 1 1", "done 1 1 1", "tokens written 70 70 70", "tries 2 2 2"} <= told
    assert "first word, median / p95 0.5 / 0.5 s 0.5 / 0.5 s 0.5 / 0.5 s" in told
    assert "secret" not in ran.stdout


class TestDoctor:
    def look(self, tmp_path, root=ROOT, **environment):
        given = {"KINDLECHAT_DATA": str(tmp_path / "data"), **environment}
        return {each.matter: each for each in examine(Settings.from_env(given), root)}

    def test_all_is_well(self, site, tmp_path):
        SqliteStore(tmp_path / "data").close()
        with Upstream() as upstream:
            upstream.script(body_of(b"{}"))
            found = self.look(
                tmp_path, GEMINI_BASE_URL=upstream.base_url, KINDLECHAT_PASSCODE="long enough"
            )
            (asked,) = upstream.requests
        assert asked.path == "/v1beta/models/gemini-flash-latest"
        assert {each.level for each in found.values()} == {"ok"}, [*map(str, found.values())]
        assert {"settings", "model", "store", "site", "disk", "clock", "descriptors", "mail"} == {
            *found
        }

    @pytest.mark.parametrize(
        ("fault", "said", "remedy"),
        [
            ("bad_key", "bad_key: HTTP 400", "make a new key"),
            ("model_gone", "a-model is not found", "set another GEMINI_MODEL"),
            ("country", "country", "run the server in a country"),
            ("busy", "busy", "try again"),
        ],
    )
    def test_what_the_model_refuses_is_told_with_the_remedy(self, tmp_path, fault, said, remedy):
        with Upstream() as upstream:
            upstream.script(FAULTS[fault])
            settings = {"GEMINI_BASE_URL": upstream.base_url, "GEMINI_API_KEY": "AIza-secret"}
            found = self.look(tmp_path, **settings)["model"]
        assert found.level == "WRONG"
        assert said in found.found
        assert remedy in found.remedy
        assert "secret" not in str(found)

    def test_an_upstream_that_cannot_be_reached_is_told_without_its_password(self, tmp_path):
        url = f"http://me:hush@127.0.0.1:{free_port()}"
        found = self.look(tmp_path, GEMINI_BASE_URL=url)["model"]
        assert "cannot be reached" in found.found
        assert "hush" not in str(found)

    @pytest.mark.parametrize(
        ("date", "level"), [("Mon, 01 Jan 2001 00:00:00 GMT", "warning"), ("", "ok")]
    )
    def test_a_clock_that_is_wrong_is_told(self, tmp_path, date, level):
        with Upstream() as upstream:
            upstream.script(http_error(503, headers={"Date": date}))
            assert self.look(tmp_path, GEMINI_BASE_URL=upstream.base_url)["clock"].level == level

    def test_what_costs_money_and_is_open_to_all_is_told(self, tmp_path):
        with Upstream() as upstream:
            upstream.script(body_of(b"{}"))
            settings = {"GEMINI_BASE_URL": upstream.base_url, "GEMINI_API_KEY": "k"}
            assert "at your expense" in self.look(tmp_path, **settings)["passcode"].found

    def test_a_site_that_is_not_built_and_a_damaged_store_are_wrong(self, tmp_path):
        (tmp_path / "data").mkdir()
        (tmp_path / "data/kindlechat.sqlite3").write_bytes(b"not a database, surely" * 100)
        (tmp_path / "site").symlink_to(ROOT / "site")
        found = self.look(tmp_path, root=tmp_path)
        assert (found["site"].level, found["site"].remedy) == ("WRONG", "run build_site.py")
        assert found["store"].level == "WRONG"
        assert "move a damaged file away" in str(found["store"])

    def test_a_redis_that_forgets_is_told(self, tmp_path):
        with RedisServer(tmp_path, "--maxmemory", "50mb") as server:
            settings = Settings.from_env({"REDIS_URL": server.url, "SECRET_KEY": "s" * 32})
            with redis.Redis(port=server.port) as client:
                client.config_set("maxmemory-policy", "allkeys-lru")
            found = [each for each in examine(settings, ROOT) if each.matter == "store"]
        assert [each.level for each in found] == ["ok", "warning", "warning"]
        assert {each.remedy for each in found} == {
            *("", "maxmemory-policy noeviction", "appendonly yes")
        }

    def test_the_mail_server(self, site, tmp_path):
        def found(port):
            settings = Settings.from_env(
                {
                    "KINDLECHAT_DATA": str(tmp_path / "data"),
                    "KINDLECHAT_SMTP_URL": f"smtp://us:{PASSWORD}@127.0.0.1:{port}",
                    "KINDLECHAT_MAIL_FROM": "chat@site.example",
                }
            )
            return [each for each in examine(settings, ROOT) if each.matter == "mail"]

        with Mailbox(tmp_path, login=True) as mailbox:
            assert [each.level for each in found(mailbox.port)] == ["ok"]
        (wrong,) = found(mailbox.port)
        assert (wrong.level, PASSWORD in wrong.found) == ("WRONG", False)

    @cases(
        ("base_url", "said"),
        [
            ("https://chat.example", "readers can subscribe at https://chat.example"),
            (
                "http://chat.example",
                "no page has a form to subscribe, as the newsletter needs .+ https",
            ),
        ],
    )
    def test_it_says_why_nobody_can_subscribe(self, tmp_path, base_url, said):
        settings = Settings.from_env(
            {
                "KINDLECHAT_DATA": str(tmp_path),
                "KINDLECHAT_SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
                "KINDLECHAT_MAIL_FROM": "chat@chat.example",
                "KINDLECHAT_MAIL_ADDRESS": "Jane Doe, Bookham",
                "KINDLECHAT_BASE_URL": base_url,
            }
        )
        *_, letters = examine(settings, ROOT)
        assert (letters.matter, letters.level) == ("letters", "ok")
        assert re.fullmatch(said, letters.found)

    @pytest.mark.long
    def test_its_exit_status_says_whether_anything_is_wrong(self, site, tmp_path):
        ran = subprocess.run(
            [sys.executable, "-m", "kindlechat", "doctor"],
            cwd=ROOT,
            env=clean_environment() | {"KINDLECHAT_DATA": str(tmp_path / "data")},
            capture_output=True,
            text=True,
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        assert "warning  key: none: a demonstration answers → set GEMINI_API_KEY" in ran.stdout
        assert not (tmp_path / "data").exists(), "another user than the server's may have run it"

    @pytest.mark.long
    def test_whoever_reads_no_further_gets_no_traceback(self, tmp_path):
        ran = subprocess.run(
            ["sh", "-c", '"$0" -m kindlechat doctor | true', sys.executable],
            cwd=ROOT,
            env=clean_environment() | {"KINDLECHAT_DATA": str(tmp_path / "data")},
            capture_output=True,
            text=True,
        )
        assert ran.stderr == ""
        port = free_port()
        ran = command(
            "doctor",
            data=tmp_path / "data",
            REDIS_URL=f"redis://127.0.0.1:{port}",
            SECRET_KEY="s" * 32,
        )
        assert (ran.returncode, ran.stderr) == (1, "")
        assert re.search(r"WRONG +store: Redis: .*refused.* → see whether Redis runs", ran.stdout)

"""The operator's commands, run as an operator runs them."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys

import pytest
import requests

from harness.servers import ROOT, AppServer, clean_environment


def command(*arguments, data, **environment):
    return subprocess.run(
        [sys.executable, "-m", "kindlechat", *map(str, arguments)],
        cwd=ROOT,
        env=clean_environment() | {"KINDLECHAT_DATA": str(data)} | environment,
        capture_output=True,
        text=True,
        timeout=30,
    )


def ask(server):
    answer = requests.post(f"{server.url}/api/replies", json={"message": "echo 3"}, timeout=10)
    return answer.json()["id"]


def replies(file):
    with sqlite3.connect(file) as opened:
        return {id_ for (id_,) in opened.execute("SELECT id FROM replies")}


def test_a_backup_of_a_running_server_holds_what_was_asked(app_server_of_one, tmp_path):
    server, data = app_server_of_one
    reply = ask(server)
    ran = command("backup", tmp_path / "copy.sqlite3", data=data)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert replies(tmp_path / "copy.sqlite3") == {reply}
    assert os.stat(tmp_path / "copy.sqlite3").st_mode & 0o077 == 0


@pytest.fixture
def app_server_of_one(site, upstream_process, tmp_path):
    with AppServer(tmp_path, GEMINI_BASE_URL=upstream_process.url) as server:
        yield server, tmp_path / "data"


def test_after_a_clean_stop_the_file_alone_holds_everything(app_server_of_one, tmp_path):
    server, data = app_server_of_one
    reply = ask(server)
    idle = socket.create_connection(("127.0.0.1", server.port))
    reader = requests.get(f"{server.url}/api/replies/{reply}/stream", stream=True, timeout=10)
    assert server.stop() == 0
    assert "WARNING" not in server.log, "nothing is wrong with a clean stop"
    idle.close()
    reader.close()
    shutil.copy(data / "kindlechat.sqlite3", tmp_path / "copy.sqlite3")
    assert replies(tmp_path / "copy.sqlite3") == {reply}


def test_a_restore_brings_the_backup_back_and_keeps_what_it_replaces(app_server_of_one, tmp_path):
    server, data = app_server_of_one
    first = ask(server)
    command("backup", tmp_path / "copy.sqlite3", data=data)
    second = ask_other(server)
    server.stop()
    ran = command("restore", tmp_path / "copy.sqlite3", data=data)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert replies(data / "kindlechat.sqlite3") == {first}
    assert replies(data / "kindlechat.before-restore.sqlite3") == {first, second}
    again = command("restore", tmp_path / "copy.sqlite3", data=data)
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

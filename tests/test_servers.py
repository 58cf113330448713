"""The servers of the tests end with what they started, and harm nobody else."""

import os
import sys
from pathlib import Path

import pytest

from harness.servers import ServerProcess
from harness.waiting import eventually

PARENT = "import subprocess; print(subprocess.Popen(['sleep', '60']).pid, flush=True)"


def is_running(pid):
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().split()[2] != "Z"


@pytest.fixture
def server(tmp_path):
    with ServerProcess([sys.executable, "-c", PARENT], tmp_path / "log", {}) as server:
        yield server


def test_a_server_ends_with_what_it_has_started(server):
    assert server.wait() == 0
    child = int(server.log)
    eventually(lambda: not is_running(child))


def test_one_that_has_ended_is_killed_no_more(server, monkeypatch):
    """Ids of processes come again, on a small machine within one run of all tests."""
    server.wait()
    killed = []
    monkeypatch.setattr(os, "killpg", lambda *group: killed.append(group))
    server.kill()
    assert not killed

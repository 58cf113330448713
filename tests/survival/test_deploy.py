"""Deployment as platforms do it: the Procfile under a process manager, and a push to a repository
whose hook does what a buildpack does."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import requests
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from harness.servers import ROOT, ServerProcess, clean_environment, eventually, free_port, is_up
from tests.conftest import BUILT_FOR

TIMEOUT_S = 20
DEPENDENCY_FILES = {"requirements.txt", "Pipfile.lock", "poetry.lock", "uv.lock", "pdm.lock"}
PLATFORMS = {"Heroku", "Dokku", "Piku", "Render", "Railway", "Fly", "your own machine"}

HOOK = """#!/bin/sh
# What a buildpack does, and then what a platform does.
set -eu
unset GIT_DIR
mkdir -p {app}
git --git-dir={repository} --work-tree={app} checkout -qf main
cd {app}
{python} -m venv venv
venv/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
PATH={app}/venv/bin:$PATH
setsid sh -c "$(sed -n 's/^web: //p' Procfile)" >{log} 2>&1 </dev/null &
echo $! >{pid}
"""


def conversation(url):
    """Ask by the form, read the page, ask a follow-up: as a reader with no script does."""
    asked = requests.post(f"{url}/ask", data={"message": "Why is the sky blue?"}, timeout=TIMEOUT_S)
    page = wait_for_answer(asked.url)
    assert "Demo:" in page
    follow_up = {"message": "And at night?", "conversation": asked.url.rpartition("/")[2]}
    again = requests.post(f"{url}/ask", data=follow_up, timeout=TIMEOUT_S)
    assert again.url == asked.url
    page = wait_for_answer(asked.url)
    assert "Why is the sky blue?" in page
    assert "And at night?" in page


def wait_for_answer(url):
    pages = []

    def has_ended():
        pages.append(requests.get(url, timeout=TIMEOUT_S).text)
        return 'http-equiv="refresh"' not in pages[-1]

    eventually(has_ended)
    return pages[-1]


class Honcho(ServerProcess):
    """The Procfile under honcho, which is to a Procfile what a platform's process manager is."""

    def __init__(self, folder):
        self.url = f"http://127.0.0.1:{free_port()}"
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {
            "PATH": path,
            "PORT": self.url.rpartition(":")[2],
            "KINDLECHAT_DATA": str(folder / "data"),
            "KINDLECHAT_GRACE_S": "1",
            # It builds the site that other tests look at.
            "KINDLECHAT_BASE_URL": str(BUILT_FOR.base_url),
        }
        command = [sys.executable, "-m", "honcho", "start", "web"]
        super().__init__(command, folder / "honcho.log", environment)
        self.wait_until_ready()

    def ready(self):
        return is_up(self.url)


def test_the_procfile_serves_and_ends(tmp_path, site):
    with Honcho(tmp_path) as honcho:
        conversation(honcho.url)
        honcho.stop()
    assert "Shutting down: Master" in honcho.log
    assert not is_up(honcho.url)


@pytest.fixture
def checkout(tmp_path):
    """A repository of its own with what is in this checkout, committed or not."""
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    folder = tmp_path / "checkout"
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=test", "-c", "user.email=test", "commit", "-qm", "A test")
    return folder


def git(folder, *arguments, **options):
    return subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=clean_environment() | options,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_a_push_deploys(checkout, tmp_path):
    wanted = (checkout / ".python-version").read_text().strip()
    assert re.fullmatch(r"3\.\d+", wanted)
    found = shutil.which(f"python{wanted}") or sys.executable
    repository, pid = tmp_path / "repository.git", tmp_path / "pid"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(repository))
    hook = repository / "hooks/post-receive"
    hook.parent.mkdir(exist_ok=True)
    log = tmp_path / "log"
    app = tmp_path / "app"
    hook.write_text(HOOK.format(app=app, repository=repository, python=found, log=log, pid=pid))
    hook.chmod(0o755)
    url = f"http://127.0.0.1:{free_port()}"
    try:
        git(checkout, "push", "-q", str(repository), "main", PORT=url.rpartition(":")[2])
        eventually(lambda: is_up(url))
        conversation(url)
        os.killpg(int(pid.read_text()), signal.SIGTERM)
        eventually(lambda: not is_up(url))
    except Exception:
        print(log.read_text() if log.exists() else "the hook did not get so far")
        raise
    finally:
        if pid.exists():
            end_group(int(pid.read_text()))


def end_group(pid):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def test_buildpacks_find_one_dependency_file():
    assert {path.name for path in ROOT.iterdir()} & DEPENDENCY_FILES == {"requirements.txt"}
    locked = (ROOT / "requirements.txt").read_text()
    assert "--hash=sha256:" in locked
    assert "://" not in locked  # no index is named


@pytest.mark.parametrize("lock", ["requirements.txt", "tests/requirements.txt"])
def test_locks_hold_the_extras_that_are_asked_for(lock):
    """An older pip looks for `name[extra]` by itself: where the lock has only `name`, it takes the
    newest, and refuses that for want of a hash."""
    lines = re.findall(r"^(\w.*?) (?:;|\\)", (ROOT / lock).read_text(), re.MULTILINE)
    locked = {canonicalize_name(one.name): one.extras for one in map(Requirement, lines)}
    for package, extras in locked.items():
        for wanted in map(Requirement, required_by(package)):
            applies = [{"extra": extra} for extra in [*extras, ""]]
            if wanted.marker is None or any(map(wanted.marker.evaluate, applies)):
                assert wanted.extras <= locked[canonicalize_name(wanted.name)], (package, wanted)


def required_by(package):
    """What an installed package requires; another system's package is not installed here."""
    try:
        return metadata.requires(package) or []
    except metadata.PackageNotFoundError:
        return []


def test_settings_that_are_named_exist():
    known = set(re.findall(r"`([A-Z][A-Z_]+)`", (ROOT / "README.md").read_text()))
    app = json.loads((ROOT / "app.json").read_text())
    told = re.findall(r"\b(?:GEMINI|KINDLECHAT)_[A-Z_]+\b", (ROOT / "docs/deploy.md").read_text())
    assert {*app["env"], *told} <= known
    assert all(check["path"] == "/healthz" for check in app["healthchecks"]["web"])


def test_every_platform_in_the_table_has_its_section():
    told = (ROOT / "docs/deploy.md").read_text()
    named = set(re.findall(r"^\| ([^|]+) \|", told, re.MULTILINE)) - {"platform"}
    assert named == PLATFORMS
    sections = re.findall(r"^## (.+)$", told, re.MULTILINE)
    for platform in named:
        assert any(title.lower().startswith(platform.lower()) for title in sections), platform


def test_the_caddyfile_is_one_for_the_oldest_caddy_that_is_named():
    """Debian 12 has Caddy 2.6, whose `handle_errors` takes no statuses: the whole file is refused."""
    told = (ROOT / "docs/deploy.md").read_text()
    assert re.findall(r"^\t(handle_errors.*)$", told, re.MULTILINE) == ["handle_errors {"]


def gunicorn_setting(name, **environment):
    """A setting of gunicorn.conf.py in this environment."""
    script = f"import runpy; print(runpy.run_path('gunicorn.conf.py')[{name!r}])"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=clean_environment() | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.strip()


def test_a_platform_that_keeps_the_port_to_itself_is_heeded():
    """On Piku nobody else must reach a first push, which has no passcode yet."""
    assert gunicorn_setting("bind", BIND_ADDRESS="127.0.0.1", PORT="9080") == "127.0.0.1:9080"
    assert gunicorn_setting("bind", BIND_ADDRESS="::1", PORT="9080") == "[::1]:9080"
    assert gunicorn_setting("bind") == "0.0.0.0:8000"


def test_platforms_wait_longer_than_the_shutdown_takes():
    piku = re.findall(r"(?m)^[\w-]+ = (\d+)$", (ROOT / "deploy/piku.ini").read_text())
    told = r'(?:DRAINING_SECONDS=|kill_timeout = "|TimeoutStopSec=)(\d+)'
    others = re.findall(told, (ROOT / "docs/deploy.md").read_text())
    assert (len(piku), len(others)) == (2, 3)
    assert min(map(int, piku + others)) > int(gunicorn_setting("graceful_timeout"))

"""The command: what it says, how it ends, and the server for those who write."""

import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple
from unittest.mock import Mock, patch

import pytest
import requests

from harness.servers import eventually, free_port
from kindlechat.site import command, serving
from kindlechat.site.building import build
from kindlechat.site.command import PROGRESS_AFTER_S, ProgressLine
from kindlechat.site.serving import Site
from tests.site.conftest import FILES, OPTIONS, ROOT, front, tree, write

COMMAND = [sys.executable, ROOT / "build_site.py"]


def run(*arguments, main=command.build_or_serve, **environment):
    """Run the command as an author does, but in this process, which takes a fifth of the time."""
    out, errors = io.StringIO(), io.StringIO()
    settings = {"KINDLECHAT_BASE_URL": "https://a.example"} | environment
    with (
        patch.dict(os.environ, settings, clear=True),
        patch.object(sys, "argv", ["build_site.py", *map(str, arguments)]),
        patch.object(signal, "signal"),
        redirect_stdout(out),
        redirect_stderr(errors),
    ):
        try:
            status = main()
        except SystemExit as ended:  # of argparse, for a wrong option
            status = ended.code
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), errors.getvalue())


def run_alone(*arguments):
    """Run the command in a process of its own."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments), "--base-url", "https://a.example"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=30,
    )


def test_it_says_in_one_line_what_it_did(source, target):
    ran = run_alone("--source", source, "--out", target)
    assert (ran.returncode, ran.stderr) == (0, "")
    line = re.escape(f"{target}: 13 written, 0 unchanged, 0 removed in ") + r"\d\.\d\d s\n"
    assert re.fullmatch(line, ran.stdout)


def test_a_long_build_tells_how_far_it_is_now_and_then(capsys):
    seconds = iter([0, 0.5, 1.0, 1.0, 1.1, 1.3, 1.3])
    progress = ProgressLine(PROGRESS_AFTER_S, lambda: next(seconds))
    for done in range(4):
        progress(done, 4)
    assert capsys.readouterr().err == "\r1 of 4 files\r\r3 of 4 files\r"


def test_it_tells_that_on_a_terminal_only(source, target):
    on_a_terminal = f"""
import os, pty, sys
from kindlechat.site import command
sys.argv = ["build_site.py", "--base-url", "https://a.example"]
sys.argv += ["--source", {str(source)!r}, "--out", {str(target)!r}]
pid, terminal = pty.fork()
pid or sys.exit(command.build_or_serve(progress_after_s=0))
shown = b""
try:
    while True:
        shown += os.read(terminal, 1000)
except OSError:  # the build has ended
    os.waitpid(pid, 0)
print(shown)
"""
    ran = subprocess.run(
        [sys.executable, "-c", on_a_terminal], capture_output=True, text=True, cwd=ROOT, timeout=30
    )
    assert "0 of 13 files" in ran.stdout
    write(source, {"content/en/index.md": front("Other")})
    ran = run("--source", source, "--out", target, main=partial(command.build_or_serve, 0))
    assert ("1 written" in ran.stdout, ran.stderr) == (True, "")


def test_addresses_are_those_of_the_base_url(source, target):
    run("--source", source, "--out", target, KINDLECHAT_BASE_URL="https://a.example/")
    assert b"https://a.example/sitemap.xml" in tree(target)["robots.txt"]
    run(
        "--source",
        source,
        "--out",
        target,
        "--base-url",
        "https://b.example",
        KINDLECHAT_BASE_URL="https://a.example",
    )
    assert b"https://b.example/sitemap.xml" in tree(target)["robots.txt"]


def test_without_an_address_whole_addresses_are_left_out_and_that_is_said(source, target):
    ran = run("--source", source, "--out", target, KINDLECHAT_BASE_URL="", PORT="1234")
    assert ran.returncode == 0
    assert ran.stderr.startswith("KINDLECHAT_BASE_URL is not set: the site has no sitemap")
    assert "sitemap.xml" not in tree(target)
    assert b"Sitemap" not in tree(target)["robots.txt"]
    assert b"http" not in tree(target)["blog/feed.atom"].replace(b'="http://www.w3.org/', b"")
    assert not [path for path, data in tree(target).items() if b"localhost" in data]


@pytest.mark.parametrize("url", ["b.example", "https://b.example/path", "ftp://b.example", ""])
def test_a_wrong_base_url_is_told(source, target, url):
    ran = run("--source", source, "--out", target, "--base-url", url)
    assert ran.returncode == 2
    assert "expected an address such as https://chat.example, without a path" in ran.stderr
    assert not target.exists()


def test_drafts_are_shown_where_they_are_asked_for(source, target):
    write(source, {"content/en/draft.md": front("D", draft="true")})
    run("--source", source, "--out", target)
    assert "draft/index.html" not in tree(target)
    run("--source", source, "--out", target, "--drafts")
    assert "draft/index.html" in tree(target)


def test_the_day_can_be_set_for_builds_that_can_be_repeated(source, target):
    run("--source", source, "--out", target, SOURCE_DATE_EPOCH="1761955200")
    assert "blog/hello/index.html" not in tree(target), "in 2025 it was not written yet"
    ran = run("--source", source, "--out", target, SOURCE_DATE_EPOCH="soon")
    assert (ran.returncode, ran.stderr) == (
        78,
        "SOURCE_DATE_EPOCH: expected seconds since 1970, got 'soon'\n",
    )


def test_checking_ends_with_1_where_the_site_is_not_what_the_sources_give(source, target):
    assert run("--source", source, "--out", target, "--check").returncode == 1
    assert not target.exists()
    run("--source", source, "--out", target)
    ran = run("--source", source, "--out", target, "--check")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    write(source, {"content/en/index.md": front("Other")})
    (target / "more.txt").write_text("")
    ran = run("--source", source, "--out", target, "--check")
    assert ran.returncode == 1
    assert ran.stdout == "not up to date: index.html\nnot of this site: more.txt\n"


def test_it_ends_with_1_for_a_mistake(source, target):
    write(source, {"content/en/index.md": "Words."})
    ran = run("--source", source, "--out", target)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == "content/en/index.md:1: expected front matter between two lines of ---\n"


def test_it_says_in_one_line_what_it_cannot_write(source, target):
    target.write_text("a file")
    ran = run("--source", source, "--out", target)
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert str(target) in ran.stderr
    assert target.read_text() == "a file"


def test_it_ends_with_78_for_a_wrong_setting(source, target):
    ran = run("--source", source, "--out", target, KINDLECHAT_BASE_URL="here")
    assert (ran.returncode, ran.stdout) == (78, "")
    assert ran.stderr.startswith("KINDLECHAT_BASE_URL: ")
    assert ran.stderr.count("\n") == 1
    assert not target.exists()


def waits_for_a_lock(pid):
    """Whether a process waits until another one gives a file free, as Linux knows it (proc_locks(5))."""
    waiting = [line for line in Path("/proc/locks").read_text().splitlines() if "->" in line]
    return any(f" {pid} " in line for line in waiting)


def test_a_build_waits_for_another_of_the_same_site(source, target, tmp_path):
    shutil.copytree(source, tmp_path / "other")
    write(tmp_path / "other", {"content/en/index.md": front("Other")})
    others = []

    def start_the_other(done, total):
        if not others:
            arguments = ["--source", tmp_path / "other", "--out", target]
            arguments += ["--base-url", "https://a.example"]
            others.append(subprocess.Popen([*COMMAND, *arguments], cwd=ROOT))
            eventually(lambda: waits_for_a_lock(others[0].pid))

    build(source, target, OPTIONS, start_the_other)
    assert others[0].wait(30) == 0
    assert b"<title>Other</title>" in tree(target)["index.html"]
    assert run("--source", tmp_path / "other", "--out", target, "--check").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "idle"),
    [
        (["serve", "--out", "public"], "--out"),
        (["serve", "--check"], "--check"),
        (["serve", "--check-external"], "--check-external"),
        (["--check", "--check-external"], "--check-external with --check"),
        (["build", "--port", "8001"], "--port"),
        (["build", "--host", "0.0.0.0"], "--host"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(source, target, arguments, idle):
    ran = run("--source", source, *arguments)
    assert ran.returncode == 2
    assert ran.stderr.endswith(f"error: {idle} has no meaning here\n")


@pytest.mark.parametrize("port", ["70000", "-1", "eighty", "8001.5"])
def test_a_wrong_port_is_told(source, target, port):
    ran = run("serve", "--source", source, f"--port={port}")
    assert ran.returncode == 2
    assert f"argument --port: expected a port, 0 to 65535, got '{port}'" in ran.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.1", "no.such.host.invalid"])
def test_an_address_where_it_cannot_listen_is_told(source, target, host):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ran = run("serve", "--source", source, "--host", host, "--port", port)
    assert ran.returncode == 1
    assert re.fullmatch(rf"cannot serve at {host}, port {port}: [a-z].+\n", ran.stderr)


# Links to other sites


@contextmanager
def other_site():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/there" else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_links_to_other_sites_are_tried_on_demand_only(source, target):
    with other_site() as url:
        write(source, {"content/en/index.md": front() + f"[a]({url}/there)\n"})
        ran = run("--source", source, "--out", target, "--check-external")
        assert ran.returncode == 0
        assert ran.stdout.endswith(f"\n200: {url}/there (in index.html)\n")
        write(
            source, {"content/en/index.md": front() + f"[a]({url}/gone) [b](http://127.0.0.1:1/)\n"}
        )
        ran = run("--source", source, "--out", target, "--check-external")
        assert ran.returncode == 1
        assert f"404: {url}/gone (in index.html)\n" in ran.stdout
        assert "ConnectionError: http://127.0.0.1:1/ (in index.html)\n" in ran.stdout
        assert run("--source", source, "--out", target).returncode == 0


# Serving


class Served(NamedTuple):
    """A site that is served while its sources change."""

    source: Path
    url: str


@pytest.fixture(scope="module")
def serving_site(tmp_path_factory):
    source = tmp_path_factory.mktemp("served") / "site"
    port = free_port()
    write(source, FILES)
    write(source, {"templates/page.html": FILES["templates/page.html"] + "</body></html>\n"})
    for code, words in (("en", "Nothing here."), ("ru", "Здесь ничего нет.")):
        write(source, {f"content/{code}/404.md": front(slug="404.html") + words})
    with subprocess.Popen(
        [*COMMAND, "serve", "--source", source, "--host", "127.0.0.2", "--port", str(port)],
        cwd=source.parent,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        url = f"http://127.0.0.2:{port}"
        assert url in process.stdout.readline()
        yield Served(source, url)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


@pytest.fixture
def served(serving_site):
    """The site as it was at first: with the words of its first page, and without a mistake."""
    first = FILES["content/en/index.md"]
    if (serving_site.source / "content/en/index.md").read_text() != first:
        write(serving_site.source, {"content/en/index.md": first})

        def is_as_at_first():
            page = get(f"{serving_site.url}/").text
            return "<p>Words.</p>" in page and "<pre>" not in page

        eventually(is_as_at_first)
    return serving_site


def get(url):
    return requests.get(url, timeout=10)


def test_what_is_served_changes_with_its_source_and_says_so(served):
    number = get(f"{served.url}/.build").text
    page = get(f"{served.url}/")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<p>Words.</p>" in page.text
    assert "/.build" in page.text
    write(served.source, {"content/en/index.md": front() + "Other words.\n"})
    eventually(lambda: "<p>Other words.</p>" in get(f"{served.url}/").text)
    eventually(lambda: get(f"{served.url}/.build").text != number)


def test_a_mistake_is_shown_on_the_page_that_was_there_before(served):
    write(served.source, {"content/en/index.md": front() + "<b>\n"})
    told = "<pre>content/en/index.md:5: no HTML here, please: write Markdown</pre>"
    eventually(lambda: told in get(f"{served.url}/").text)
    assert "<p>Words.</p>" in get(f"{served.url}/").text


def test_whatever_goes_wrong_is_shown_and_the_next_build_goes_on(source, target, monkeypatch):
    said = []
    site = Site(source, target, OPTIONS, said.append)
    for error, shown in (
        (OSError("gone"), "gone"),
        (ZeroDivisionError("none"), "ZeroDivisionError: none"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(serving, "build", Mock(side_effect=error))
            site.build()
        assert (site.mistakes, said[-1]) == (shown, shown)
    site.build()
    assert (site.mistakes, site.number) == ("", 3)


def test_nothing_of_serving_gets_into_a_site(served, target):
    get(f"{served.url}/")
    run("--source", served.source, "--out", target)
    for path, data in tree(target).items():
        assert b".build" not in data, path
    assert [path.name for path in served.source.parent.iterdir()] == ["site"]
    left = {path.name for path in target.parent.iterdir()}
    assert left == {"public", ".public.build"}


def test_other_files_are_served_as_they_are(served):
    robots = get(f"{served.url}/robots.txt")
    assert robots.text.startswith("User-agent: *\n")
    for address, words in (("/nothing", "Nothing here."), ("/ru/nothing/", "Здесь ничего нет.")):
        page = get(served.url + address)
        assert (page.status_code, words in page.text) == (404, True)
    assert get(f"{served.url}/blog").url == f"{served.url}/blog/"

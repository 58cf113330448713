"""The worker: what gunicorn finds for each request is found once, and is the same."""

from email.utils import formatdate
from io import StringIO

import pytest
from gunicorn import util
from gunicorn.config import Config
from gunicorn.http import wsgi

from kindlechat.web.serving.worker import do_once


@pytest.fixture
def cfg(monkeypatch):
    monkeypatch.setattr(util, "http_date", util.http_date)
    monkeypatch.setattr(wsgi, "base_environ", wsgi.base_environ)
    monkeypatch.setattr(wsgi, "Response", wsgi.Response)
    cfg = Config()
    cfg.set("keepalive", 7)
    return cfg


def test_settings_are_what_they_were_and_no_longer_looked_up(cfg):
    names = [*cfg.settings, "address", "is_ssl"]
    before = {name: getattr(cfg, name) for name in names}
    do_once(cfg)
    assert vars(cfg)["keepalive"] == 7
    assert {name: getattr(cfg, name) for name in names} == before


def test_a_date_is_written_once_a_second(cfg, monkeypatch):
    do_once(cfg)
    monkeypatch.setattr("time.time", lambda: 1002.5)
    assert util.http_date(1000) is util.http_date(1000.9)
    assert util.http_date(1001.2) == formatdate(1001, usegmt=True)
    assert util.http_date() == formatdate(1002, usegmt=True)


def test_what_every_request_begins_with_is_made_once_and_each_has_its_own(cfg):
    before = wsgi.base_environ(cfg)
    do_once(cfg)
    first, second = wsgi.base_environ(cfg), wsgi.base_environ(cfg)
    assert first.keys() == before.keys()
    assert first["wsgi.errors"] is second["wsgi.errors"]
    first["HTTP_COOKIE"] = "of one reader"
    assert "HTTP_COOKIE" not in second | wsgi.base_environ(cfg)


def test_errors_are_written_to_the_log_that_is_open_by_then(cfg, monkeypatch):
    do_once(cfg)
    errors = wsgi.base_environ(cfg)["wsgi.errors"]
    monkeypatch.setattr("sys.stderr", written := StringIO())
    errors.write("one\n")
    errors.writelines(["two\n", "three\n"])
    errors.flush()
    assert written.getvalue() == "one\ntwo\nthree\n"

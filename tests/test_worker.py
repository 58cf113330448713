"""The worker: what gunicorn finds for each request is found once, and is the same."""

from email.utils import formatdate

import pytest
from gunicorn import util
from gunicorn.config import Config

from kindlechat.web.serving.worker import do_once


@pytest.fixture
def cfg(monkeypatch):
    monkeypatch.setattr(util, "http_date", util.http_date)
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

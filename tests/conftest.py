"""Fixtures for all tests, and what pytest needs to run them under gevent."""

import gevent


def pytest_configure(config):
    """Under xdist a real thread hands a worker its tests: keep the hub alive while it waits."""
    if hasattr(config, "workerinput"):
        gevent.spawn(gevent.sleep, 1e9)

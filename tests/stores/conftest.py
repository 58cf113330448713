"""A Redis for the tests of a module, and a clock for its stores."""

from collections.abc import Iterator

import pytest
import redis

from harness.servers import RedisServer
from tests.stores.values import Clock


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis"), "--enable-debug-command", "yes") as server:
        yield server


@pytest.fixture
def raw(server: RedisServer) -> Iterator[redis.Redis]:
    """A plain client of that server, which is empty at first and takes as much as comes."""
    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        client.config_set("maxmemory", 0)
        client.flushall()
        yield client
        client.config_set("maxmemory", 0)


@pytest.fixture
def clock() -> Clock:
    return Clock()

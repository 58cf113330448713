"""Addresses are looked up once in some seconds, however many ask."""

import socket

import pytest
from gevent.resolver.thread import Resolver as ThreadResolver

from kindlechat.web.serving.resolver import KEPT_S, MOST, Resolver
from tests.stores.values import Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def resolver(clock):
    return Resolver(clock=clock)


@pytest.fixture
def looked_up(monkeypatch):
    """The names that gevent was asked for."""
    names = []
    look_up = ThreadResolver.getaddrinfo

    def note(self, host, *args, **kwargs):
        names.append(host)
        return look_up(self, host, *args, **kwargs)

    monkeypatch.setattr(ThreadResolver, "getaddrinfo", note)
    return names


def test_an_address_is_looked_up_once_in_a_while(resolver, clock, looked_up):
    found = [resolver.getaddrinfo("localhost", 80, 0, socket.SOCK_STREAM) for _ in range(3)]
    assert len(looked_up) == 1
    assert found == [socket.getaddrinfo("localhost", 80, 0, socket.SOCK_STREAM)] * 3
    looked_up.clear()
    clock.forward(KEPT_S)
    resolver.getaddrinfo("localhost", 80, 0, socket.SOCK_STREAM)
    assert len(looked_up) == 1


def test_what_is_asked_otherwise_is_looked_up_by_itself(resolver, looked_up):
    (tcp, *_) = resolver.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)
    (udp, *_) = resolver.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_DGRAM)
    assert (tcp[1], udp[1]) == (socket.SOCK_STREAM, socket.SOCK_DGRAM)
    assert len(looked_up) == 2


def test_what_was_changed_by_who_asked_is_not_told_to_the_next(resolver):
    resolver.getaddrinfo("127.0.0.1", 80).clear()
    assert resolver.getaddrinfo("127.0.0.1", 80)


def test_what_is_not_found_is_looked_up_again(resolver, looked_up):
    for _ in range(2):
        with pytest.raises(socket.gaierror):
            resolver.getaddrinfo("name.invalid", 80)
    assert looked_up == ["name.invalid"] * 2


def test_few_are_remembered(resolver, looked_up):
    for port in range(MOST + 1):
        resolver.getaddrinfo("127.0.0.1", 1 + port)
    resolver.getaddrinfo("127.0.0.1", 1)
    assert len(looked_up) == MOST + 2

"""The chunked transfer coding: RFC 9112, 7.1, and what servers make of it."""

import pytest

from kindlechat.upstream.chunked import MAX_LINE_BYTES, BadChunk, ChunkedDecoder
from tests.cases import cases

BODIES = {
    "one chunk": (b"5\r\nHello\r\n0\r\n\r\n", b"Hello"),
    "two chunks": (b"5\r\nHello\r\n7\r\n, world\r\n0\r\n\r\n", b"Hello, world"),
    "nothing": (b"0\r\n\r\n", b""),
    "sizes in hexadecimal digits": (
        b"0A\r\n0123456789\r\n0b\r\n0123456789A\r\n000\r\n\r\n",
        b"01234567890123456789A",
    ),
    "extensions": (b'5;a=1;b="2"\r\nHello\r\n0;last\r\n\r\n', b"Hello"),
    "trailer fields": (b"5\r\nHello\r\n0\r\nExpires: never\r\nX: y\r\n\r\n", b"Hello"),
    "line ends within a chunk": (b"6\r\n\r\n0\r\n\n\r\n0\r\n\r\n", b"\r\n0\r\n\n"),
    "bare line feeds": (b"5\nHello\n0\n\n", b"Hello"),
    "blanks about a size": (b" 5 \r\nHello\r\n0\t\r\n\r\n", b"Hello"),
}


@cases(("coded", "body"), BODIES.values(), ids=BODIES)
@cases("step", [1, 2, 3, 7, 1000])
def test_a_body_comes_without_its_framing_however_it_is_split(coded, body, step):
    decoder = ChunkedDecoder()
    got = b""
    for at in range(0, len(coded), step):
        assert not decoder.ended
        got += decoder.feed(coded[at : at + step])
    assert (got, decoder.ended) == (body, True)


def test_what_came_of_a_chunk_is_not_held_back():
    decoder = ChunkedDecoder()
    assert decoder.feed(b"1000\r\nHalf") == b"Half"
    assert decoder.feed(b" a chunk") == b" a chunk"


def test_a_connection_that_ends_before_the_body_is_told():
    decoder = ChunkedDecoder()
    decoder.feed(b"5\r\nHel")
    with pytest.raises(BadChunk, match="ended before"):
        decoder.feed(b"")


def test_what_follows_the_end_is_left_out():
    decoder = ChunkedDecoder()
    assert decoder.feed(b"2\r\nHi\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n") == b"Hi"
    assert decoder.ended


@cases(
    "coded",
    [
        b"five\r\n",
        b"-5\r\nHello",
        b"+5\r\nHello",
        b"0x5\r\nHello",
        b"\r\nHello",
        b"11111111111111111\r\n",
        b"5\r\nHello, world\r\n",
        b"5" + b" " * MAX_LINE_BYTES,
        b"5;" + b"x" * MAX_LINE_BYTES + b"\r\nHello",
    ],
)
def test_another_framing_is_refused(coded):
    with pytest.raises(BadChunk):
        ChunkedDecoder().feed(coded)

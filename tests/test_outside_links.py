"""Links of answers to other sites: what leads out, and what a site learns by it."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from kindlechat.web.conversation.outside_links import OutsideLinks, real_host
from kindlechat.web.hashing import Hasher
from tests.cases import cases

LINKS = OutsideLinks("/ru/out", Hasher("secret" * 8).digest)


def target(html):
    """What the page between is asked for by a link."""
    (address,) = re.findall(r'href="([^"]*)"', html)
    assert urlsplit(unescape(address)).path == "/ru/out"
    asked = parse_qs(urlsplit(unescape(address)).query)
    return asked["to"][0], asked["s"][0]


@given(st.text(alphabet="abc/?&=#%;:'(é阳 +", max_size=30))
def test_a_link_keeps_its_address_and_is_accepted(rest):
    address = f"https://a.example/{rest}"
    escaped = address.replace("&", "&amp;")
    to, signature = target(
        LINKS.lead(f'<p><a href="{escaped}" rel="nofollow noreferrer">x</a></p>')
    )
    assert to == unescape(escaped)
    assert LINKS.accepts(to, signature)


def test_only_links_that_were_made_here_are_accepted():
    _, signature = target(LINKS.lead('<a href="https://a.example/">x</a>'))
    assert not LINKS.accepts("https://b.example/", signature)
    assert not LINKS.accepts("https://a.example/", "")
    assert not LINKS.accepts("https://a.example/", "ж" * 16)
    other = OutsideLinks("/out", Hasher("other" * 8).digest)
    assert not other.accepts("https://a.example/", signature)


@cases(
    "html",
    [
        '<a href="/c/abc">x</a>',
        '<a href="#note">x</a>',
        "<p>https://a.example/</p>",
        "<b>href=</b>",
    ],
)
def test_nothing_else_is_changed(html):
    assert LINKS.lead(html) == html


@cases(
    ("address", "host"),
    [
        ("https://A.Example:8443/x?y#z", "a.example"),
        ("http://[::1]/", "::1"),
        ("http://own@evil.example/", ""),
        ("http://own:word@evil.example/", ""),
        ("javascript://a.example/%0aalert(1)", ""),
        ("ftp://a.example/", ""),
        ("https:///x", ""),
        ("http://[x", ""),
        ("", ""),
    ],
)
def test_the_host_is_the_real_one(address, host):
    assert real_host(address) == host

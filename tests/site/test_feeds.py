"""The feed, the sitemap and robots.txt, read by those who read such files."""

import html
import urllib.robotparser
import xml.etree.ElementTree as ET
from datetime import date
from time import struct_time
from urllib.parse import urlsplit

import feedparser
import pytest

from kindlechat.site.building import build
from kindlechat.site.feeds import Entry, _absolute, atom_feed
from tests.site.conftest import FILES, OPTIONS, front, write

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"

BASE = "https://kindlechat.example"


@pytest.fixture
def site(source, target):
    more = front("Привет", date="2026-11-03", tags="[one]", summary="1 < 2")
    body = "[a](/ru/) [b](#c) [d](https://a.example/) [e](../hello/)\n\n## C\n"
    write(source, {"content/ru/blog/hello.md": more + body})
    build(source, target, OPTIONS)
    return target


def test_a_feed_parser_reads_the_feed(site):
    feed = feedparser.parse((site / "ru/blog/feed.atom").read_bytes())
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.feed.title == "Сайт: Блог"
    assert feed.feed.language == "ru"
    (entry,) = feed.entries
    assert (entry.title, entry.link) == ("Привет", f"{BASE}/ru/blog/hello/")
    assert entry.updated == "2026-11-03T00:00:00+00:00"
    assert isinstance(entry.updated_parsed, struct_time)
    assert entry.summary == "1 &lt; 2"
    assert [tag.term for tag in entry.tags] == ["one"]


def test_the_feed_has_what_the_standard_wants(site):
    """RFC 4287, 4.1.1 and 4.1.2."""
    feed = ET.fromstring((site / "blog/feed.atom").read_bytes())
    assert feed.tag == f"{ATOM}feed"
    for parent in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(parent.findall(f"{ATOM}{name}")) == 1
        assert urlsplit(parent.find(f"{ATOM}id").text).scheme == "urn"
    assert feed.find(f"{ATOM}author/{ATOM}name").text
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"alternate": f"{BASE}/blog/", "self": f"{BASE}/blog/feed.atom"}


def test_addresses_in_a_feed_are_absolute(site):
    text = ET.fromstring((site / "ru/blog/feed.atom").read_bytes()).find(f".//{ATOM}content").text
    assert f'href="{BASE}/ru/"' in text
    assert f'href="{BASE}/ru/blog/hello/#c"' in text
    assert 'href="https://a.example/"' in text
    assert 'href="/' not in text
    assert 'href="#' not in text
    assert 'href="..' not in text


def test_ids_stay_when_a_post_moves_and_no_other_site_has_them(source, target):
    def ids():
        feed = ET.fromstring((target / "blog/feed.atom").read_bytes())
        return [element.text for element in feed.iter(f"{ATOM}id")]

    build(source, target, OPTIONS)
    before = ids()
    moved = FILES["content/en/blog/hello.md"].replace("title:", "slug: moved\ntitle:")
    write(source, {"content/en/blog/hello.md": moved})
    build(source, target, OPTIONS)
    assert ids() == before
    assert len(set(before)) == 2
    build(source, target, OPTIONS._replace(base_url="https://other.example"))
    assert not set(ids()) & set(before)


def test_posts_of_one_day_keep_their_order():
    days = [date(2026, 1, 2), date(2026, 1, 1), date(2026, 1, 1)]
    feed = ET.fromstring(feed_of([entry(day) for day in days]))
    times = [element.text for element in feed.findall(f".//{ATOM}entry/{ATOM}published")]
    assert times == [f"2026-01-0{day}+00:00" for day in ("2T00:00:00", "1T00:01:00", "1T00:00:00")]


def test_a_feed_tells_of_an_update():
    feed = ET.fromstring(feed_of([entry(date(2026, 1, 1), updated=date(2026, 3, 1))]))
    assert feed.findtext(f"{ATOM}entry/{ATOM}published") == "2026-01-01T00:00:00+00:00"
    assert feed.findtext(f"{ATOM}entry/{ATOM}updated") == "2026-03-01T00:00:00+00:00"


SIGNS = """<&>"' &amp; é"""


def test_signs_of_xml_are_text_in_a_feed():
    odd = entry(date(2026, 1, 1))._replace(title=SIGNS, summary=SIGNS, html=SIGNS, tags=(SIGNS,))
    feed = ET.fromstring(feed_of([odd]))
    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == SIGNS
    assert feed.findtext(f"{ATOM}entry/{ATOM}content") == SIGNS
    assert html.unescape(feed.findtext(f"{ATOM}entry/{ATOM}summary")) == SIGNS
    assert feed.find(f"{ATOM}entry/{ATOM}category").get("term") == SIGNS


def entry(day, updated=None):
    return Entry(str(day), f"{BASE}/", "T", "S", "", day, updated or day, ())


def feed_of(entries):
    return atom_feed("T", f"{BASE}/", f"{BASE}/feed", "en", entries, BASE)


def test_a_feed_says_when_its_newest_post_was_written():
    days = [date(2026, 1, 2), date(2026, 1, 1)]
    feed = ET.fromstring(feed_of([entry(day) for day in days]))
    assert feed.find(f"{ATOM}updated").text == "2026-01-02T00:00:00+00:00"


def test_the_sitemap_has_every_page_with_its_translations(site):
    root = ET.fromstring((site / "sitemap.xml").read_bytes())
    places = {url.find(f"{SITEMAP}loc").text: url for url in root}
    assert {f"{BASE}/", f"{BASE}/ru/", f"{BASE}/blog/hello/", f"{BASE}/ru/blog/"} <= set(places)
    assert all(url.endswith("/") for url in places)
    translations = {
        link.get("hreflang"): link.get("href")
        for link in places[f"{BASE}/"].findall(f"{XHTML}link")
    }
    assert translations == {"en": f"{BASE}/", "ru": f"{BASE}/ru/"}
    assert places[f"{BASE}/blog/hello/"].find(f"{SITEMAP}lastmod").text == "2026-11-02"


def test_a_list_is_as_old_as_its_newest_post(source, target):
    for number in range(1, 15):
        day = f"2025-01-{number:02}"
        write(source, {f"content/en/blog/n{number}.md": front("N", date=day, tags="[old]")})
    build(source, target, OPTIONS)
    root = ET.fromstring((target / "sitemap.xml").read_bytes())
    days = {
        url.findtext(f"{SITEMAP}loc").removeprefix(f"{BASE}/blog"): url.findtext(
            f"{SITEMAP}lastmod"
        )
        for url in root
    }
    expected = dict.fromkeys(
        ("/", "/archive/", "/archive/2026/", "/tags/", "/tags/one/"), "2026-11-02"
    )
    expected |= dict.fromkeys(("/tags/old/", "/archive/2025/"), "2025-01-14")
    expected |= {"/page/2/": "2025-01-05", "/tags/old/page/2/": "2025-01-04"}
    assert expected.items() <= days.items()


def test_robots_may_read_pages_but_not_the_api(site):
    robots = urllib.robotparser.RobotFileParser()
    robots.parse((site / "robots.txt").read_text().splitlines())
    assert robots.can_fetch("any", f"{BASE}/c/abc"), "or they could not read its noindex"
    assert not robots.can_fetch("any", f"{BASE}/api/replies/1")
    assert robots.site_maps() == [f"{BASE}/sitemap.xml"]


def test_links_of_a_site_below_a_path_keep_the_path():
    text = '<a href="/help/">h</a><a href="#x">x</a><img src="a.png"><a href="https://o.example/">o</a>'
    whole = _absolute(text, f"{BASE}/chat/blog/p/", f"{BASE}/chat")
    assert f'href="{BASE}/chat/help/"' in whole
    assert f'href="{BASE}/chat/blog/p/#x"' in whole
    assert f'src="{BASE}/chat/blog/p/a.png"' in whole
    assert 'href="https://o.example/"' in whole

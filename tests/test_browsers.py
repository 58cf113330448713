"""What browsers say of themselves, and what follows from it."""

from kindlechat.rendering.answer.tables import WIDE
from kindlechat.rendering.device.browsers import is_desktop, refreshes_in_time
from kindlechat.rendering.device.reading import Reading, View
from tests.cases import cases

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
DESKTOPS = [
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0",
]
KINDLES = [
    "Mozilla/5.0 (Linux; U; en-US) AppleWebKit/528.5+ (KHTML, like Gecko) Version/4.0 Kindle/3.0",
    "Mozilla/5.0 (X11; U; Linux armv7l like Android; en-us) AppleWebKit/531.2+ Version/5.0 Kindle/3.0+",
]
OTHERS = [
    f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/75.0 Safari/537.36 (Kindle)",
    f"Mozilla/5.0 (Linux; Android 13; Pixel 7) {WEBKIT} Chrome/126.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; U; Android 2.0; en-us;) AppleWebKit/533.1 Mobile Safari/533.1 (Kobo Touch)",
    "",
    "python-requests/2.34",
]
TEXT = [
    "Lynx/2.9.0",
    "Links (2.29; Linux 6.1 x86_64; text)",
    "w3m/0.5.3",
    "ELinks/0.13",
    "edbrowse/3.7.7",
    "Dillo/3.0",
]


@cases("name", DESKTOPS)
def test_desktops(name):
    assert is_desktop(name)


@cases("name", [*KINDLES, *OTHERS, *TEXT])
def test_what_is_no_desktop_or_not_surely_one(name):
    assert not is_desktop(name)


def test_a_desktop_has_room_for_any_table_but_not_in_page_view():
    assert Reading(desktop=True).table_columns == WIDE
    assert Reading(desktop=True, view=View.PAGES).table_columns < WIDE
    assert Reading(desktop=True).code == ""
    assert Reading(desktop=True, size=4).code == Reading(size=4).code


def test_who_follows_a_refresh_without_a_pause():
    followed_at_once = [each for each in TEXT if not refreshes_in_time(each)]
    assert followed_at_once == ["edbrowse/3.7.7"]

"""Whoever comes stays: pages note it, and the store is told once a day, or oftener where little is kept."""

from kindlechat.web.reader import seen_lately
from kindlechat.web.reader.seen_lately import SeenLately

DAY_S = 86_400


def test_the_store_is_told_once_in_a_while():
    for keep_s, interval_s in ((30 * DAY_S, DAY_S), (3600, 360)):
        lately = SeenLately(keep_s)
        assert lately.is_due("me", 0)
        assert not lately.is_due("me", interval_s - 1)
        assert lately.is_due("you", interval_s - 1)
        assert lately.is_due("me", interval_s)


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(seen_lately, "MOST_READERS", 1)
    lately = SeenLately(30 * DAY_S)
    assert lately.is_due("me", 0)
    assert lately.is_due("you", 0)
    assert lately.is_due("me", 0)


def test_a_page_and_a_shelf_note_that_their_reader_was_here(app, reader, stranger, monkeypatch):
    shelf, seen = reader.key("shelf"), []
    monkeypatch.setattr(app.store, "see_reader", seen.append)
    monkeypatch.setattr(SeenLately, "is_due", lambda *_: True)
    stranger.get("/me")
    assert seen == []
    reader.get("/me")
    stranger.get(shelf)
    assert len(seen) == 2
    assert len({*seen}) == 1

"""What one build keeps for the next."""

from kindlechat.site.cache import Cache


def test_what_is_kept_after_the_preparation_is_saved_too(tmp_path):
    cache = Cache("1")
    cache.keep("kind", "early", 1)
    cache.prepare()
    cache.keep("kind", "late", 2)
    cache.save(tmp_path / "cache")
    loaded = Cache.load(tmp_path / "cache", "1")
    assert loaded.knows("kind", "early")
    assert loaded.get("kind", "early") == 1
    assert loaded.knows("kind", "late")


def test_what_the_next_build_asks_for_after_the_preparation_is_saved_too(tmp_path):
    first = Cache("1")
    first.keep("kind", "old", 1)
    first.keep("kind", "other", 2)
    first.save(tmp_path / "cache")
    second = Cache.load(tmp_path / "cache", "1")
    second.knows("kind", "old")
    second.prepare()
    second.knows("kind", "other")
    second.keep("kind", "new", 3)
    second.save(tmp_path / "cache")
    third = Cache.load(tmp_path / "cache", "1")
    assert all(third.knows("kind", key) for key in ("old", "other", "new"))

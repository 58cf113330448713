"""Picks the engine that the settings ask for."""

from kindlechat.settings import Settings
from kindlechat.stores.contract import Store
from kindlechat.timings import Timings


def open_store(settings: Settings, timings: Timings) -> Store:
    """Open the store: Redis where there is an address of one, else SQLite. Raises StoreUnavailable."""
    if settings.redis_url:
        from kindlechat.stores.redis import RedisStore

        return RedisStore(
            settings.redis_url,
            settings.keep_s,
            timings=timings,
            max_connections=settings.redis_connections // settings.web_concurrency,
        )
    from kindlechat.stores.sqlite import SqliteStore

    return SqliteStore(settings.data, timings=timings)

"""The factory of the relay, with the client that the settings ask for."""

from collections.abc import Mapping

from kindlechat.relay import Relay
from kindlechat.settings import Settings
from kindlechat.stores.contract import Store
from kindlechat.timings import Timings
from kindlechat.upstream.demo import Say
from kindlechat.upstream.factory import open_client


def open_relay(
    settings: Settings, store: Store, timings: Timings, languages: Mapping[str, Say]
) -> Relay:
    """The relay between this store and the upstream that the settings name.

    `languages` holds each language's sentences by its English name, for the demonstration.
    """
    client = open_client(settings, timings, languages)
    return Relay(
        store,
        client,
        concurrency_limit=settings.concurrency_limit,
        daily_limit=settings.daily_limit,
        timings=timings,
    )

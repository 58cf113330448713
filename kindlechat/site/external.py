"""Tries the links to other sites."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import requests

TIMEOUT_S = 10.0
CONCURRENT_TRIES = 8


def try_links(links: Mapping[str, Sequence[str]], say: Callable[[str], None]) -> int:
    """Try every address, and say what it answered and which files link to it.

    Returns an exit status: 1 where a link leads nowhere.
    """
    with ThreadPoolExecutor(CONCURRENT_TRIES) as pool:
        outcomes = list(pool.map(_try, links))
    for (address, files), (_, outcome) in zip(links.items(), outcomes, strict=True):
        say(f"{outcome}: {address} (in {', '.join(files)})")
    return 0 if all(fine for fine, _ in outcomes) else 1


def _try(address: str) -> tuple[bool, str]:
    try:
        with requests.get(address, timeout=TIMEOUT_S, stream=True) as response:
            return response.ok, str(response.status_code)
    except requests.RequestException as error:
        return False, type(error).__name__

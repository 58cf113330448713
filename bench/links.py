"""Whether the time of a 404 tells anything of a secret link: `python -m bench.links [--store sqlite|redis]`.

It asks for several kinds of links that lead nowhere, in rounds and in random order: links that nobody has,
withdrawn ones, those of another kind, working ones with a character left out or changed, and what is no link.
The bench prints the median time of each kind, and its usual ratio to the median of the round.
"""

from gevent import monkey

monkey.patch_all()

import argparse
import itertools
import random
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from flask.testing import FlaskClient

from harness.servers import RedisServer
from kindlechat.conversation import Rights
from kindlechat.relay import new_id
from kindlechat.reply import State
from kindlechat.settings import Settings
from kindlechat.stores.contract import KeyKind, NewReply, Write
from kindlechat.web.app import Kindlechat, create_app
from kindlechat.web.services import EXTENSION

ROUNDS = 200
MOST_APART = 0.1
"""The bar: a kind takes more or less than the others by no more than this part."""

NETWORKS = (f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in itertools.count(1))

SECRET = "bench" * 8
READER = new_id()


def secrets(app: Kindlechat) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """A link of each kind that works, by the beginning of its address, and one that did."""
    services = app.extensions[EXTENSION]
    owner = services.hasher.digest("reader", READER)
    works: dict[str, str] = {}
    withdrawn: dict[str, str] = {}
    for kind, beginning in ((KeyKind.LINK, "/me/"), (KeyKind.SHELF, "/opds/")):
        for found in (withdrawn, works):
            key = services.reader_keys.make(kind, READER, salt := new_id())
            services.store.keep_key(owner, kind, key)
            found[beginning] = services.reader_keys.secret(kind, READER, salt)
    new = NewReply(new_id(), new_id(), "Why?", new_id(), "bench", (), Rights(owner, "key"))
    services.store.create_reply(new)
    services.store.write([Write(new.id, new.lease, 0, "So.", State.DONE, None)])
    for found in (withdrawn, works):
        share = new_id()
        services.store.withdraw(new.conversation)
        services.store.share(new.conversation, share)
        found["/s/"] = services.share_names.name_of(share)
    return works, withdrawn


def wrong_links(
    works: Mapping[str, str], withdrawn: Mapping[str, str], beginning: str
) -> dict[str, str]:
    """An address of each kind that leads nowhere."""
    right = works[beginning]
    other = "b" if right[0] == "a" else "a"
    foreign = works["/me/" if beginning != "/me/" else "/opds/"]
    return {
        "unknown": beginning + new_id(),
        "withdrawn": beginning + withdrawn[beginning],
        "of another kind": beginning + foreign,
        "first sign wrong": beginning + other + right[1:],
        "last sign missing": beginning + right[:-1],
        "not a link": f"{beginning}x",
    }


def measure(client: FlaskClient, links: Mapping[str, str]) -> dict[str, tuple[float, float]]:
    """The median time of each in ms, and its usual ratio to the median of the same round: what else the
    machine does changes from round to round."""
    rounds = [_round(client, links) for _ in range(ROUNDS)][ROUNDS // 10 :]
    return {
        name: (
            median(took[name] for took in rounds),
            median(took[name] / median(took.values()) for took in rounds),
        )
        for name in links
    }


def _round(client: FlaskClient, links: Mapping[str, str]) -> dict[str, float]:
    took = {}
    for name in random.sample([*links], len(links)):
        began = time.perf_counter()
        # From a network each: each has few tries.
        told = client.get(links[name], environ_base={"REMOTE_ADDR": next(NETWORKS)})
        took[name] = 1000 * (time.perf_counter() - began)
        assert told.status_code == 404, (name, told.status)
    return took


def try_store(environment: dict[str, str]) -> bool:
    """Print the table of one store; whether all are alike."""
    app = create_app(
        Settings.from_env({"SECRET_KEY": SECRET, "KINDLECHAT_LOG_LEVEL": "ERROR", **environment})
    )
    works, withdrawn = secrets(app)
    alike = True
    for beginning in works:
        found = measure(app.test_client(), wrong_links(works, withdrawn, beginning))
        for name, (took, ratio) in found.items():
            is_alike = abs(ratio - 1) <= MOST_APART
            alike &= is_alike
            missed = "" if is_alike else "  MISSED"
            print(f"{beginning:<7} {name:<18} {took:>6.2f} ms  × {ratio:.3f}{missed}")
    app.close()
    return alike


def main() -> int:
    """Print the tables; 1 where a link can be told from another."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", choices=("sqlite", "redis"), help="only this one")
    given, alike = parser.parse_args(), True
    for store in [given.store] if given.store else ["sqlite", "redis"]:
        with tempfile.TemporaryDirectory() as folder:
            print(store)
            if store == "sqlite":
                alike &= try_store({"KINDLECHAT_DATA": folder})
                continue
            server = RedisServer(Path(folder))
            alike &= try_store({"REDIS_URL": server.url})
            server.kill()
    print("PASS" if alike else "FAIL")
    return not alike


if __name__ == "__main__":
    sys.exit(main())

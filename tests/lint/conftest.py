"""The pages that all checks look at."""

import fcntl
import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.lint.pages import ALIKE, collect
from tests.lint.reader import Page


@pytest.fixture(scope="session")
def pages(site: Path, tmp_path_factory: pytest.TempPathFactory, quick: bool) -> list[Page]:
    """Every kind of page; xdist's workers share what the first of them has collected.

    In a quick run the built pages are English or Arabic.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    kept = folder / "pages.json"
    with (folder / "pages.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            left_out = ALIKE if quick else ()
            collected = collect(site, tmp_path_factory.mktemp("collected"), left_out)
            kept.write_text(json.dumps([asdict(page) for page in collected]))
    pages = [Page(**fields) for fields in json.loads(kept.read_text())]
    assert len({page.name for page in pages}) == len(pages) > 50
    return pages

"""The memory that a build keeps."""

import ctypes
import subprocess
import sys
import weakref

import pytest

from kindlechat.site.memory import keep_memory, keep_objects


def test_memory_that_is_freed_stays_with_the_process():
    script = (
        "import re, sys; from kindlechat.site.memory import keep_memory\n"
        "if sys.argv[1:]: keep_memory()\n"
        "del_me = [bytes(100_000) for _ in range(300)]; del del_me\n"
        "print(re.search(r'VmRSS:\\s+(\\d+)', open('/proc/self/status').read())[1])\n"
    )

    def resident_kb(*arguments):  # of a process of its own
        ran = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True)
        return int(ran.stdout)

    assert resident_kb("keep") > resident_kb() + 15_000


@pytest.mark.parametrize("trouble", [OSError, AttributeError])
def test_a_library_without_these_parameters_is_no_trouble(monkeypatch, trouble):
    def fail(name):
        raise trouble

    monkeypatch.setattr(ctypes, "CDLL", fail)
    keep_memory()


def test_what_a_build_has_made_is_kept_until_the_next_one():
    class Made:
        pass

    made = Made()
    kept = weakref.ref(made)
    keep_objects(made)
    del made
    assert kept() is not None
    keep_objects(Made())
    assert kept() is None

"""Work shared among cores, each test in a process of its own: one that has threads does not fork."""

import subprocess
import sys

import pytest

from kindlechat.site import cores
from tests.site.conftest import ROOT, front, tree, write

POSTS = 2 * cores.WORTH_A_FORK
"""Enough for three cores."""


def run(script, number):
    ran = subprocess.run(
        [sys.executable, "-c", f"{BEGINNING}cores._cores = lambda: {number}\n{script}"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    return ran.stdout, ran.stderr


BEGINNING = """
import os, sys, time
from kindlechat.site import command
from kindlechat.site import cores
def build(source, target):
    sys.argv = ["build_site.py", "--source", source, "--out", target]
    sys.argv += ["--base-url", "https://a.example"]
    sys.exit(command.build_or_serve())
"""


def post(number, **more):
    return {
        f"content/en/blog/post-{number:03}.md": front(f"Post {number}", date="2026-01-01", **more)
    }


@pytest.mark.long
def test_a_site_is_the_same_however_many_cores_make_it(source, target, tmp_path):
    for number in range(POSTS):
        write(source, post(number))
    other = tmp_path / "other/public"
    for number, folder in ((1, target), (3, other)):
        said, wrong = run(f"build({str(source)!r}, {str(folder)!r})", number)
        assert (wrong, " 0 unchanged" in said) == ("", True)
    assert tree(target) == tree(other)
    again, _ = run(f"build({str(source)!r}, {str(other)!r})", 1)
    assert " 0 written" in again


def test_mistakes_that_several_cores_find_are_told_in_order(source, target):
    for number in range(POSTS):
        write(source, post(number, **({"nonsense": "1"} if number in (40, 41, 42) else {})))
    _, wrong = run(f"build({str(source)!r}, {str(target)!r})", 2)
    places = [line.partition(":")[0] for line in wrong.splitlines()]
    assert places == [f"content/en/blog/post-{number:03}.md" for number in (40, 41, 42)]
    assert not target.exists()


@pytest.mark.parametrize("pieces", [999, 40, 1, 0])
def test_every_piece_of_work_is_done_once_and_comes_back_in_order(pieces):
    script = f"""
def work(part):
    time.sleep(0.01)  # so that all cores have some of it
    return [*part]
print(sum(cores.share(work, range({pieces})), []) == [*range({pieces})])
"""
    assert run(script, 3)[0] == "True\n"


@pytest.mark.long
def test_who_has_done_one_part_takes_the_next(tmp_path):
    file = tmp_path / "all others are done"
    script = f"""
def work(part):
    if 998 in part:
        open({str(file)!r}, "w").close()
    while 0 in part and not os.path.exists({str(file)!r}):
        time.sleep(0.01)
    return os.getpid()
doers = cores.share(work, range(999))
print(doers.count(doers[0]))
"""
    assert run(script, 2)[0] == "1\n"


@pytest.mark.long
def test_work_begins_before_anybody_waits_for_it(tmp_path):
    file = tmp_path / "begun"
    script = f"""
def work(part):
    open({str(file)!r}, "w").close()
    return [os.getpid()]
with cores.begun(work, range(999)) as shared:
    while not os.path.exists({str(file)!r}):
        time.sleep(0.01)
    print(os.getpid() in sum(shared.results(), []))
"""
    assert run(script.replace("return [", "time.sleep(0.01); return ["), 2)[0] == "True\n"
    file.unlink()
    assert run(script.replace("print(", "time.sleep(0.5); print("), 2)[0] == "False\n"


@pytest.mark.long
def test_while_others_work_only_much_more_work_is_worth_a_fork():
    script = f"""
def work(part):
    time.sleep(0.01)
    return [os.getpid()]
def doers(pieces):
    return len(set(sum(cores.share(work, range(pieces)), [])))
with cores.begun(work, range(999)) as shared:
    print(doers(999), doers(999 * {cores.WHILE_OTHERS_WORK}))
    shared.results()
print(doers(999))
"""
    assert run(script, 2)[0] == "1 2\n2\n"


def test_whoever_begins_knows_whether_others_are_at_work():
    script = """
with cores.begun(list, range(999)) as first, cores.begun(list, range(999)) as second:
    print(first.is_shared, second.is_shared)
    first.results()
    print(first.is_shared)
"""
    assert run(script, 2)[0] == "True False\nFalse\n"
    assert run(script, 1)[0] == "False False\nFalse\n"


@pytest.mark.long
def test_work_that_nobody_waits_for_ends():
    script = """
def work(part):
    time.sleep(5)
    print("late")
try:
    with cores.begun(work, range(999)):
        raise ValueError("here")
except ValueError as error:
    print(error)
"""
    assert run(script, 2) == ("here\n", "")


@pytest.mark.long
def test_what_one_core_raises_is_raised_when_all_have_ended(tmp_path):
    file = tmp_path / "ended"
    script = f"""
first = os.getpid()
def work(part):
    time.sleep(0.1)
    if os.getpid() == first:
        raise ValueError("here")
    time.sleep(0.2)
    open({str(file)!r}, "w").close()
try:
    cores.share(work, range(999))
except ValueError as error:
    print(error, os.path.exists({str(file)!r}))
"""
    assert run(script, 2)[0] == "here True\n"
    assert run(script.replace("== first", "!= first"), 2)[0] == "here True\n"


def test_a_core_that_is_killed_is_missed():
    script = """
first = os.getpid()
def work(part):
    time.sleep(0.02)
    os.getpid() == first or os.kill(os.getpid(), 9)
try:
    cores.share(work, range(999))
except ChildProcessError as error:
    print(error)
"""
    assert run(script, 2)[0] == "a part of the work was killed; is memory short?\n"


def test_the_other_cores_end_when_the_first_one_is_killed():
    script = """
first = os.getpid()
done = []
def work(part):
    time.sleep(0.2)
    if os.getpid() == first:
        os.kill(first, 9)
    done.append(part)
    if len(done) == 3:  # two may have been begun before
        print("late")
cores.share(work, range(999))
"""
    assert run(script, 3) == ("", "")


@pytest.mark.long
@pytest.mark.parametrize(("number", "status"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_a_build_that_is_told_to_end_ends_quietly_with_its_other_cores(number, status):
    script = f"""
import signal
first = os.getpid()
def work(part):
    if os.getpid() == first:
        time.sleep(0.5)
        os.killpg(0, signal.{number})  # as a terminal does
    time.sleep(5)
    print("late")
command._build = lambda *_: cores.share(work, range(999))
os.setpgid(0, 0)
try:
    build("site", "public")
except SystemExit as ended:
    print(ended.code)
    raise
"""
    assert run(script, 2) == (f"{status}\n", "")

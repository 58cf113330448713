"""The generator's wall time beside Pelican's, Hugo's and Eleventy's, with the same posts in one run.

There are 1,000 posts of 600 words from a fixed seed, with headings, lists, links to other posts, emphasis
and a quotation, but without code, which some tools highlight. Each tool makes a page for each post with
title, date and tags, lists of ten, and pages of tags. Ours, Pelican and Hugo make feeds too. Pelican uses
its `simple` theme, Hugo and Eleventy the smallest layouts that do this. A time is the median of nine, from
the start of the process to its end, into an empty folder without caches. The tools take turns, so that
other work on the machine meets all of them. That folder is in memory where there is room: a disk's file
system makes files the more slowly the more were removed shortly before. The memory is that of one more run,
because looking at it takes a tenth of a processor's time.

The bars are of the time on the clock. How long a tool kept the processors busy stands beside it, because
other work on the machine changes that less. Ours does more, all of it measured: it checks every link,
packs each page, and makes the chat's own pages and their pictures. What the server needs besides, which
`build_site.py --server` makes, is no part of a site.
So the table also says how many pages each tool made.

`--install` puts Pelican (PyPI) and Eleventy (npm) below .tools/; Hugo is a Debian package. A tool that is
not installed is not judged.
"""

import argparse
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import TypeVar

from bench.judge import Judge
from harness.processes import family_of

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / ".tools/site-bench"
PELICAN = TOOLS / "pelican/bin/python"
MEMORY = Path("/dev/shm")
MEMORY_NEEDED_BYTES = 2 << 30
ELEVENTY = TOOLS / "node_modules/@11ty/eleventy/cmd.cjs"

T = TypeVar("T")

RUNS = 9
WORDS = 600
POSTS = 1000
LARGE = 10_000
TAGS = [f"subject-{letter}" for letter in "abcdefghijklmnopqrst"]

MOST_OF = {"pelican": 0.3, "eleventy": 0.5, "hugo": 1.0}
MOST_FOR_ONE_CHANGE_S = 0.4
MOST_MEMORY_MB = 350
MOST_PER_LARGE_POST = 1.3
"""The bars: of each tool's time, and with 10,000 posts of Hugo's alone. The memory is that of all processes
together with 10,000 posts. The last compares a post among 10,000 with one among 1,000."""

LOOK_EVERY_S = 0.02

COMPILED = "__pycache__"
"""Where our templates are kept compiled. That is a cache too, so a build from nothing has none."""

VOCABULARY = (
    "sunlight is a mix of colours and air scatters the short waves more than the long ones so the sky"
    " looks blue by day while at dusk the light takes a longer way and only red is left of it for us"
).split()


@dataclass(frozen=True)
class Post:
    """A post, as every tool gets it."""

    name: str
    title: str
    summary: str
    day: date
    tags: list[str]
    body: str


def make_posts(count: int) -> list[Post]:
    """Make the same posts each time."""
    choice = random.Random(1)
    return [_make_post(choice, number, count) for number in range(count)]


def _make_post(choice: random.Random, number: int, count: int) -> Post:
    def words(length: int) -> str:
        return " ".join(choice.choices(VOCABULARY, k=length))

    link = f"[{words(3)}](/blog/post-{choice.randrange(count)}/)"
    parts = [
        words(100),
        f"## {words(4)}",
        f"{words(80)} *{words(2)}* and **{words(2)}**, see {link}.",
        "\n".join(f"- {words(15)}" for _ in range(4)),
        f"> {words(40)}",
        f"## {words(3)}",
        words(120),
        f"### {words(3)}",
        words(WORDS - 100 - 4 - 88 - 60 - 40 - 3 - 120 - 3),
    ]
    return Post(
        name=f"post-{number}",
        title=f"{words(5).capitalize()} {number}",
        summary=words(15).capitalize(),
        day=date(2020, 1, 1) + timedelta(days=number % 2000),
        tags=choice.sample(TAGS, 3),
        body="\n\n".join(parts) + "\n",
    )


# The tools, each with its own folder of sources


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def _front(post: Post, **more: str) -> str:
    lines = {"title": post.title, "date": post.day, "tags": f"[{', '.join(post.tags)}]"} | more
    return "---\n" + "".join(f"{name}: {value}\n" for name, value in lines.items()) + "---\n"


def prepare_ours(folder: Path, posts: list[Post]) -> list[str]:
    """Write the sources, and return the command that builds them."""
    site = ROOT / "site"
    for name in ("templates", "assets", "images"):
        shutil.copytree(site / name, folder / name, ignore=lambda *_: [COMPILED])
    _write(folder / "translations/messages.pot", (site / "translations/messages.pot").read_text())
    for page in (site / "content/en").glob("*.md"):
        _write(folder / "content/en" / page.name, page.read_text())
    for post in posts:
        text = _front(post, summary=post.summary) + post.body
        _write(folder / f"content/en/blog/{post.name}.md", text)
    command = [sys.executable, str(ROOT / "build_site.py"), "--base-url", "https://a.example"]
    return [*command, "--source", str(folder), "--out", str(folder / "../out/public")]


def prepare_pelican(folder: Path, posts: list[Post]) -> list[str]:
    """Write the sources, and return the command that builds them."""
    _write(
        folder / "conf.py",
        "SITENAME = 'Site'\nSITEURL = 'https://a.example'\nTHEME = 'simple'\nTIMEZONE = 'UTC'\n"
        "DEFAULT_PAGINATION = 10\nARTICLE_URL = 'blog/{slug}/'\n"
        "ARTICLE_SAVE_AS = 'blog/{slug}/index.html'\nFEED_ALL_ATOM = 'feeds/all.atom.xml'\n",
    )
    for post in posts:
        head = f"Title: {post.title}\nSlug: {post.name}\nDate: {post.day}\n"
        head += f"Summary: {post.summary}\nTags: {', '.join(post.tags)}\n\n"
        _write(folder / f"content/{post.name}.md", head + post.body)
    out = str(folder / "../out/public")
    command = [str(PELICAN), "-m", "pelican", str(folder / "content"), "-o", out]
    return [*command, "-s", str(folder / "conf.py"), "-q"]


def prepare_hugo(folder: Path, posts: list[Post]) -> list[str]:
    """Write the sources, and return the command that builds them."""
    _write(
        folder / "config.toml", 'baseURL = "https://a.example/"\ntitle = "Site"\npaginate = 10\n'
    )
    item = '<li><a href="{{ .RelPermalink }}">{{ .Title }}</a> {{ .Summary }}</li>'
    layouts = {
        "single": "<h1>{{ .Title }}</h1>{{ .Date }}{{ range .Params.tags }}"
        '<a href="/tags/{{ . }}/">{{ . }}</a>{{ end }}{{ .Content }}',
        "list": f"<h1>{{{{ .Title }}}}</h1>{{{{ range .Paginator.Pages }}}}{item}{{{{ end }}}}",
        "terms": '{{ range .Pages }}<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}',
    }
    for name, text in layouts.items():
        _write(folder / f"layouts/_default/{name}.html", text)
    for post in posts:
        _write(folder / f"content/blog/{post.name}.md", _front(post) + post.body)
    return ["hugo", "--quiet", "-s", str(folder), "-d", str(folder / "../out/public")]


def prepare_eleventy(folder: Path, posts: list[Post]) -> list[str]:
    """Write the sources, and return the command that builds them."""
    item = '<li><a href="{{ post.url }}">{{ post.data.title }}</a></li>'
    files = {
        "_includes/post.njk": "<h1>{{ title }}</h1>{{ page.date }}{% for tag in tags %}"
        '<a href="/tags/{{ tag }}/">{{ tag }}</a>{% endfor %}{{ content | safe }}',
        "index.njk": "---\npagination:\n  data: collections.post\n  size: 10\n---\n"
        f"{{% for post in pagination.items %}}{item}{{% endfor %}}",
        "tags.njk": "---\npagination:\n  data: collections\n  size: 1\n  alias: tag\n"
        'permalink: "tags/{{ tag }}/"\n---\n'
        f"{{% for post in collections[tag] %}}{item}{{% endfor %}}",
    }
    for name, text in files.items():
        _write(folder / "src" / name, text)
    for post in posts:
        tags = f"[post, {', '.join(post.tags)}]"
        text = _front(post, layout="post.njk", tags=tags) + post.body
        _write(folder / f"src/blog/{post.name}.md", text)
    source, out = (os.path.relpath(folder / path, TOOLS) for path in ("src", "../out/public"))
    return ["node", str(ELEVENTY), f"--input={source}", f"--output={out}", "--quiet"]


Prepare = Callable[[Path, list[Post]], list[str]]

TOOLS_BY_NAME: dict[str, tuple[Prepare, Callable[[], bool]]] = {
    "ours": (prepare_ours, lambda: True),
    "pelican": (prepare_pelican, PELICAN.is_file),
    "hugo": (prepare_hugo, lambda: bool(shutil.which("hugo"))),
    "eleventy": (prepare_eleventy, ELEVENTY.is_file),
}


# Measuring


@dataclass(frozen=True)
class Run:
    """How long a command took, and how long it kept the processors busy."""

    took_s: float
    busy_s: float


def run(command: list[str]) -> Run:
    """Run a command and measure its time."""
    began, busy_s = time.perf_counter(), _busy_s()
    with _started(command) as process:
        process.wait()
    return Run(time.perf_counter() - began, _busy_s() - busy_s)


def memory_mb(command: list[str]) -> float:
    """Run a command. Returns the most memory of all its processes in MB. What they share is counted once."""
    most_kb = 0
    with _started(command) as process:
        while process.poll() is None:
            most_kb = max(most_kb, sum(map(_memory_kb, family_of(process.pid))))
            time.sleep(LOOK_EVERY_S)
    return most_kb / 1024


@contextmanager
def _started(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    # Without its bytecode a Python tool would compile itself each time.
    variables = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(command, cwd=TOOLS, stdout=subprocess.DEVNULL, env=variables) as process:
        yield process
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")


def _busy_s() -> float:
    """The processors' time of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory_kb(pid: int) -> int:
    """A process's memory; it has its share of what others have too."""
    try:
        said = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return int(said.partition("\nPss:")[2].split()[0]) if "\nPss:" in said else 0


def from_nothing(
    measure: Callable[[list[str]], T], command: list[str], sources: Path, out: Path
) -> T:
    """Measure a build into an empty folder, without what was kept beside the sources."""
    for cache in (out, *sources.rglob(COMPILED)):
        shutil.rmtree(cache, ignore_errors=True)
    out.mkdir()
    return measure(command)


def change_one(folder: Path, command: list[str]) -> Run:
    """The median of some builds, each after a change of one post, one in the middle."""
    posts = folder / "content/en/blog"
    post = posts / f"post-{len([*posts.glob('*.md')]) // 2}.md"
    runs = []
    for number in range(RUNS):
        post.write_text(f"{post.read_text()}\nOne more sentence, the {number}th.\n")
        runs.append(run(command))
    return middle_of(runs)


def middle_of(runs: list[Run]) -> Run:
    """The medians of some runs."""
    return Run(median(each.took_s for each in runs), median(each.busy_s for each in runs))


def _folder_for_sites() -> Path:
    """Where sites are built: in memory if there is room for them."""
    fits = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_NEEDED_BYTES
    return MEMORY if fits else TOOLS


def main() -> int:
    """Print the tables, and return 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--install", action="store_true", help="install Pelican and Eleventy first")
    parser.add_argument("--posts", type=int, default=POSTS)
    parser.add_argument("--no-large", action="store_true", help=f"without the {LARGE} posts")
    arguments = parser.parse_args()
    TOOLS.mkdir(parents=True, exist_ok=True)
    if arguments.install:
        install()
    judge = Judge()
    with tempfile.TemporaryDirectory(dir=_folder_for_sites()) as folder:
        compare(Path(folder), arguments.posts, judge)
        if not arguments.no_large:
            grow(Path(folder), arguments.posts, judge)
    print(f"FAIL: {', '.join(judge.missed)}" if judge.missed else "PASS every bar")
    return 1 if judge.missed else 0


def compare(folder: Path, count: int, judge: Judge) -> None:
    """Compare all tools with the same posts, then judge what only ours promises."""
    posts, out = make_posts(count), folder / "out"
    commands: dict[str, list[str]] = {}
    for name, (prepare, is_there) in TOOLS_BY_NAME.items():
        if is_there():
            commands[name] = prepare(folder / name, posts)
        else:
            print(f"{name:<9} is not installed, so it is not judged")
    rounds = [
        {name: from_nothing(run, command, folder / name, out) for name, command in commands.items()}
        for _ in range(RUNS)
    ]
    done = {name: middle_of([each[name] for each in rounds]) for name in commands}
    print(f"{count} posts of {WORDS} words, from nothing")
    for name, figures in done.items():
        memory = from_nothing(memory_mb, commands[name], folder / name, out)
        pages = len([*out.rglob("*.html")])
        ours = done["ours"].took_s / figures.took_s, done["ours"].busy_s / figures.busy_s
        print(
            f"{name:<9} {figures.took_s:6.2f} s, busy {figures.busy_s:6.2f} s, {pages:5} pages,"
            f" {memory:4.0f} MB   ours takes {ours[0]:.2f} ×, busy {ours[1]:.2f} ×"
        )
        if name == "ours":
            judge_ours(folder / name, commands[name], judge)
    for name in MOST_OF.keys() & done.keys():
        ratio = done["ours"].took_s / done[name].took_s
        judge.bar(f"ours to {name}, on the clock", ratio, MOST_OF[name])


def judge_ours(sources: Path, command: list[str], judge: Judge) -> None:
    """Judge the bars that need no other tool. The site has just been built."""
    for what, figures in (
        ("nothing", middle_of([run(command) for _ in range(RUNS)])),
        ("one post", changed := change_one(sources, command)),
    ):
        print(f"          {what} changed: {figures.took_s:.2f} s, busy {figures.busy_s:.2f} s")
    judge.bar("one post changed, on the clock", changed.took_s, MOST_FOR_ONE_CHANGE_S, " s")


def grow(folder: Path, count: int, judge: Judge) -> None:
    """Compare ours at many more posts with ours at `count` posts, and with Hugo."""
    per_post = []
    for number in (count, LARGE):
        sources = folder / f"ours-{number}"
        command = prepare_ours(sources, make_posts(number))
        ours = from_nothing(run, command, sources, folder / "out")
        memory = from_nothing(memory_mb, command, sources, folder / "out")
        per_post.append(ours.took_s / number)
        print(
            f"{number:>6} posts: {ours.took_s:.2f} s, busy {ours.busy_s:.2f} s,"
            f" {1000 * per_post[-1]:.2f} ms a post, {memory:.0f} MB"
        )
    judge.bar("a post among many", per_post[1] / per_post[0], MOST_PER_LARGE_POST, " ×")
    judge.bar(f"memory with {LARGE} posts", memory, MOST_MEMORY_MB, " MB")
    prepare, is_there = TOOLS_BY_NAME["hugo"]
    if is_there():
        sources = folder / f"hugo-{LARGE}"
        command = prepare(sources, make_posts(LARGE))
        hugo = from_nothing(run, command, sources, folder / "out")
        print(
            f"hugo with {LARGE}: {hugo.took_s:.2f} s, busy {hugo.busy_s:.2f} s"
            f"   ours takes busy {ours.busy_s / hugo.busy_s:.2f} ×"
        )
        ratio = ours.took_s / hugo.took_s
        judge.bar(f"ours to hugo with {LARGE} posts, on the clock", ratio, MOST_OF["hugo"])


def install() -> None:
    """Install the tools from PyPI and npm below .tools/."""
    subprocess.run([sys.executable, "-m", "venv", TOOLS / "pelican"], check=True)
    subprocess.run([PELICAN, "-m", "pip", "install", "-q", "pelican[markdown]"], check=True)
    (TOOLS / "package.json").write_text("{}")
    subprocess.run(["npm", "install", "--silent", "@11ty/eleventy@3"], cwd=TOOLS, check=True)


if __name__ == "__main__":
    sys.exit(main())

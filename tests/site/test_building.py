"""Building: what a build makes of its sources, what it leaves alone, and how it tells a mistake."""

import errno
import os
import pickle
import re
import shutil
import signal
from contextlib import suppress
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from kindlechat.site.building import build, cache_of, compare
from kindlechat.site.cache import program_version
from kindlechat.site.mistakes import BuildError
from kindlechat.site.page_templates import needed
from tests.cases import cases
from tests.site.conftest import FILES, OPTIONS, catalog, front, png, tree, write

GOLDEN = Path(__file__).parent / "golden"
STYLE = f"assets/style.{sha256(b'p{}').hexdigest()[:8]}.css"

EXPECTED = {
    STYLE: "p{}",
    "index.html": "<p>Words.</p>",
    "ru/index.html": '<html lang="ru" dir="ltr">',
    "blog/index.html": '<a href="/blog/hello/">Hello</a>\n1 of 1, then ',
    "blog/hello/index.html": "<h1>Hello</h1><p>Hello.</p>",
    "blog/archive/index.html": "<title>All posts</title>",
    "blog/archive/2026/index.html": "<title>2026</title>",
    "blog/tags/index.html": "one: 1 post\ntwo: 1 post\n",
    "blog/tags/one/index.html": '<a href="/blog/hello/">Hello</a>',
    "blog/tags/two/index.html": '<a href="/blog/hello/">Hello</a>',
    "blog/feed.atom": "<title>Hello</title>",
    "robots.txt": "Sitemap: https://kindlechat.example/sitemap.xml",
    "sitemap.xml": "<loc>https://kindlechat.example/</loc>",
}


def times(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


# What a build makes


def test_a_target_on_another_disk_gets_its_files_all_the_same(source, target, monkeypatch):
    rename = Path.replace

    def on_another_disk(path, to):
        if "new" in path.parent.parts:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return rename(path, to)

    monkeypatch.setattr(Path, "replace", on_another_disk)
    build(source, target, OPTIONS)
    assert set(tree(target)) == set(EXPECTED)
    write(source, {"content/en/index.md": front("First") + "Others.\n"})
    assert build(source, target, OPTIONS).written == ("index.html",)
    assert set(tree(target)) == set(EXPECTED)


def test_links_in_the_target_that_lead_nowhere_are_removed(source, target):
    build(source, target, OPTIONS)
    (target / "loose").symlink_to("nowhere")
    assert build(source, target, OPTIONS).removed == ("loose",)
    assert build(source, target, OPTIONS).removed == ()


def test_a_site_has_just_these_files(source, target):
    result = build(source, target, OPTIONS)
    files = tree(target)
    assert set(files) == set(EXPECTED) == set(result.written)
    for path, text in EXPECTED.items():
        assert text in files[path].decode(), path


def test_the_site_is_the_golden_one(source, target, request):
    """Byte for byte what lies in golden/, which `--write-tables` makes anew: look at the difference.

    Without a picture: how well a PNG is packed is up to the processor's kind.
    """
    text = "## One\n\nA *word*[^1] and a [link](/ru/).\n\n[^1]: Note.\n"
    write(source, {"content/en/all.md": front("All", toc="true", aliases="[/any/]") + text})
    build(source, target, OPTIONS)
    if request.config.getoption("--write-tables"):
        shutil.rmtree(GOLDEN, ignore_errors=True)
        shutil.copytree(target, GOLDEN)
    assert tree(target) == tree(GOLDEN)


def test_two_builds_are_equal_to_the_byte_wherever_they_are_made(source, target, tmp_path):
    build(source, target, OPTIONS)
    moved = tmp_path / "elsewhere"
    shutil.copytree(source, moved / "sources")
    for path in sorted(moved.rglob("*"), reverse=True):
        os.utime(path, (1, 1))
    build(moved / "sources", moved / "out", OPTIONS)
    assert tree(moved / "out") == tree(target)


def test_drafts_and_later_days_are_nowhere(source, target):
    hidden = {
        "content/en/blog/draft.md": front("Hidden", date="2026-11-01", draft="true", tags="[gone]"),
        "content/en/blog/later.md": front("Hidden", date="2026-11-24", tags="[gone]"),
        "content/en/page.md": front("Hidden", draft="true"),
    }
    build(source, target, OPTIONS)
    before = tree(target)
    write(source, hidden)
    build(source, target, OPTIONS)
    assert tree(target) == before
    build(source, target, OPTIONS._replace(drafts=True))
    assert b"Hidden" in tree(target)["blog/feed.atom"]
    assert {"blog/draft/index.html", "blog/later/index.html", "page/index.html"} <= set(
        tree(target)
    )
    build(source, target, OPTIONS._replace(today=date(2026, 11, 24)))
    assert "blog/later/index.html" in tree(target)
    assert "blog/draft/index.html" not in tree(target)


def test_posts_are_listed_newest_first_so_many_a_page(source, target):
    for day in range(1, 26):
        text = front(f"Number {day}", date=f"2025-01-{day:02}", tags="[one]")
        write(source, {f"content/en/blog/n{day}.md": text})
    build(source, target, OPTIONS)
    files = {path: data.decode(errors="replace") for path, data in tree(target).items()}
    assert re.findall(r"Number \d+|Hello", files["blog/index.html"]) == [
        "Hello",
        *(f"Number {n}" for n in range(25, 16, -1)),
    ]
    assert "1 of 3, then /blog/page/2/" in files["blog/index.html"]
    assert re.findall(r"Number \d+", files["blog/page/3/index.html"])[-1] == "Number 1"
    assert "3 of 3, then " in files["blog/page/3/index.html"]
    assert "blog/tags/one/page/3/index.html" in files
    assert {"blog/archive/2025/index.html", "blog/archive/2026/index.html"} <= set(files)
    assert "<h1>Number 3</h1>Number 2" in files["blog/n3/index.html"]


def test_the_feed_holds_the_newest_posts_only(source, target):
    for day in range(1, 26):
        write(
            source, {f"content/en/blog/n{day}.md": front(f"Number {day}", date=f"2025-01-{day:02}")}
        )
    build(source, target, OPTIONS)
    feed = tree(target)["blog/feed.atom"].decode()
    assert feed.count("<entry>") == 20
    assert "Number 7<" in feed
    assert "Number 6<" not in feed


def test_a_page_that_has_moved_is_still_found(source, target):
    write(source, {"content/en/new.md": front("New", aliases="[/old/, /older.html]")})
    build(source, target, OPTIONS)
    for path in ("old/index.html", "older.html"):
        assert '<a href="/new/">New</a>' in tree(target)[path].decode()
        assert path.removesuffix("index.html") not in tree(target)["sitemap.xml"].decode()


def test_pictures_are_grey_small_and_named_by_what_they_hold(source, target):
    write(source, {"images/red.png": png(1040, 20)})
    write(source, {"content/en/index.md": front() + "![A red bar](/images/red.png)\n"})
    build(source, target, OPTIONS)
    html = tree(target)["index.html"].decode()
    (address,) = re.findall(
        r'<img src="/(assets/red\.[0-9a-f]{8}\.png)" width="520" height="10" alt="A red bar">', html
    )
    assert address in tree(target)


@pytest.mark.parametrize("name", ["my pic", "a#b", "a%20b", 'a"b', "Für"])
def test_the_name_of_a_picture_becomes_a_plain_address(source, target, name):
    write(source, {f"images/{name}.png": png()})
    write(source, {"content/en/index.md": front() + f"![A bar](</images/{name}.png>)\n"})
    build(source, target, OPTIONS)
    (address,) = re.findall(
        r'<img src="/(assets/[a-z0-9-]+\.[0-9a-f]{8}\.png)"', tree(target)["index.html"].decode()
    )
    assert address in tree(target)


def test_a_language_of_one_country_will_do(source, target):
    rule = "n > 1"
    write(
        source,
        {
            "translations/pt-BR.po": catalog(2, rule),
            "content/pt-BR/index.md": front("Primeira") + "Palavras.\n",
        },
    )
    build(source, target, OPTIONS)
    assert '<html lang="pt-BR" dir="ltr">' in (target / "pt-BR/index.html").read_text()


def test_plural_forms_are_those_of_the_language(source, target):
    write(
        source,
        {
            "templates/page.html": "{% for n in [1, 2, 5, 21, 11, 1000] %}"
            "{{ t('blog.posts', n=n) }}\n{% endfor %}"
        },
    )
    build(source, target, OPTIONS)
    russian = [
        f"{n} форма {form}" for n, form in [("1", 0), ("2", 1), ("5", 2), ("21", 0), ("11", 2)]
    ]
    assert tree(target)["ru/index.html"].decode().splitlines() == [*russian, "1\xa0000 форма 2"]
    assert tree(target)["index.html"].decode().splitlines()[0] == "1 post"
    assert tree(target)["index.html"].decode().splitlines()[-1] == "1,000 posts"


@pytest.mark.parametrize(
    "name", [".{}", ".{}.swp", ".#{}", "#{}#", "{}~", ".hidden/{}", "dangling-{}", "folder-{}"]
)
def test_what_editors_and_systems_leave_beside_the_sources_is_no_source(source, target, name):
    build(source, target, OPTIONS)
    before = tree(target)
    paths = ["templates/page.html", "assets/style.css", "images/desk.png", "translations/it.po"]
    if not name.startswith(("dangling", "folder")):  # of content, an author is told of these
        paths.append("content/en/index.md")
    for path in paths:
        file = source / path
        left = file.parent / name.format(file.name)
        left.parent.mkdir(parents=True, exist_ok=True)
        if name.startswith("dangling"):
            left.symlink_to("nowhere")
        elif name.startswith("folder"):
            left.mkdir()
        else:
            left.write_bytes(b"\xff{{")
    build(source, target, OPTIONS)
    assert tree(target) == before
    assert compare(source, target, OPTIONS).written == ()


# What a build leaves alone


def test_a_second_build_writes_nothing(source, target):
    build(source, target, OPTIONS)
    before = times(target)
    result = build(source, target, OPTIONS)
    assert (result.written, result.removed) == ((), ())
    assert set(result.unchanged) == set(EXPECTED)
    assert times(target) == before


def test_a_second_build_that_knows_nothing_of_the_first_writes_nothing_either(source, target):
    build(source, target, OPTIONS)
    before = times(target)
    shutil.rmtree(target.with_name(".public.build"))
    assert build(source, target, OPTIONS).written == ()
    assert times(target) == before


def test_a_change_of_one_post_writes_what_shows_it_and_nothing_else(source, target):
    write(source, {"content/en/blog/other.md": front("Other", date="2026-11-01")})
    build(source, target, OPTIONS)
    write(source, {"content/en/blog/hello.md": FILES["content/en/blog/hello.md"] + "More.\n"})
    result = build(source, target, OPTIONS)
    assert set(result.written) == {"blog/hello/index.html", "blog/feed.atom"}


def test_a_change_of_a_title_is_seen_wherever_the_title_is(source, target):
    write(source, {"content/en/blog/other.md": front("Other", date="2026-11-03", tags="[one]")})
    build(source, target, OPTIONS)
    changed = FILES["content/en/blog/hello.md"].replace("title: Hello", "title: Bye")
    write(source, {"content/en/blog/hello.md": changed})
    assert set(build(source, target, OPTIONS).written) == {
        "blog/hello/index.html",
        "blog/other/index.html",
        "blog/index.html",
        "blog/tags/one/index.html",
        "blog/tags/two/index.html",
        "blog/feed.atom",
    }


def test_another_style_has_another_name_and_every_page_says_so(source, target):
    build(source, target, OPTIONS)
    write(source, {"assets/style.css": "b{}"})
    result = build(source, target, OPTIONS)
    assert result.removed == (STYLE,)
    assert {"index.html", "ru/index.html"} <= set(result.written)
    assert "sitemap.xml" in result.unchanged


def test_what_is_stale_is_removed_with_its_folder(source, target):
    write(source, {"content/en/old.md": front("Old")})
    build(source, target, OPTIONS)
    (source / "content/en/old.md").unlink()
    assert build(source, target, OPTIONS).removed == ("old/index.html",)
    assert not (target / "old").exists()
    assert (target / "index.html").exists()


def test_a_file_may_become_a_folder_and_a_folder_a_file(source, target):
    build(source, target, OPTIONS)
    before = tree(target)
    shutil.rmtree(target / "blog")
    (target / "robots.txt").unlink()
    write(target, {"blog": "a file", "robots.txt/index.html": "in a folder"})
    build(source, target, OPTIONS)
    assert tree(target) == before


def test_what_somebody_changed_in_the_site_is_made_good(source, target):
    build(source, target, OPTIONS)
    before = tree(target)
    (target / "index.html").write_text("vandals")
    (target / "robots.txt").unlink()
    (target / "new.html").write_text("vandals")
    result = build(source, target, OPTIONS)
    assert (result.written, result.removed) == (("index.html", "robots.txt"), ("new.html",))
    assert tree(target) == before


def test_what_is_written_can_be_read_by_another_user(source, target):
    build(source, target, OPTIONS)
    assert {path.stat().st_mode & 0o777 for path in target.rglob("*.*")} == {0o644}


@pytest.mark.parametrize("garbage", [b"", b"garbage", b"\x80\x05K\x01."])
def test_a_spoilt_cache_is_made_anew(source, target, garbage):
    build(source, target, OPTIONS)
    (target.with_name(".public.build") / "cache").write_bytes(garbage)
    assert build(source, target, OPTIONS).written == ()


def test_a_site_is_known_by_a_version_that_cannot_read_what_an_earlier_one_found_out(
    source, target
):
    build(source, target, OPTIONS)
    cache = cache_of(target)
    with cache.open("rb") as opened:
        written = pickle.load(opened)
    cache.write_bytes(pickle.dumps(written) + b"values of classes that are no more")
    (source / "assets/style.css").write_text("p { margin: 1em }")
    (source / "content/en/other.md").unlink(missing_ok=True)
    build(source, target, OPTIONS)
    other = target.parent / "other/public"
    build(source, other, OPTIONS)
    assert tree(target) == tree(other)


def test_a_site_that_an_older_version_built_is_known(source, target):
    """Whose cache had no list of the files that were put in place."""
    write(target, {f"old{number}.html": "" for number in range(20)})
    cache = target.with_name(".public.build") / "cache"
    records = {f"old{number}.html": None for number in range(20)}
    write(cache.parent, {"cache": pickle.dumps({"version": "0", "records": records, "values": {}})})
    build(source, target, OPTIONS)
    assert tree(target).keys() == set(EXPECTED)


def test_comparing_writes_nothing_and_tells_what_differs(source, target, tmp_path):
    assert set(compare(source, target, OPTIONS).written) == set(EXPECTED)
    assert not target.exists()
    build(source, target, OPTIONS)
    result = compare(source, target, OPTIONS)
    assert (result.written, result.removed) == ((), ())
    (target / "index.html").write_text("vandals")
    (target / "more.html").write_text("vandals")
    before = times(tmp_path)
    result = compare(source, target, OPTIONS)
    assert (result.written, result.removed) == (("index.html",), ("more.html",))
    assert times(tmp_path) == before


# Mistakes


def page(more="", body="Words.\n"):
    return {"content/en/other.md": f"---\ntitle: Other\nsummary: S.\n{more}---\n{body}"}


def post(more="", body="Words.\n", name="other"):
    return {f"content/en/blog/{name}.md": f"---\ntitle: Other\nsummary: S.\n{more}---\n{body}"}


OTHER = "content/en/other.md"
POST = "content/en/blog/other.md"
RU = "translations/ru.po"

MISTAKES = {
    "front matter that does not begin": (
        {OTHER: "title: Other\n"},
        f"{OTHER}:1: expected front matter between two lines of ---",
    ),
    "front matter that does not end": (
        {OTHER: "---\ntitle: Other\n"},
        f"{OTHER}:1: expected front matter between two lines of ---",
    ),
    "front matter that is not YAML": (page("slug: [/\n"), rf"{OTHER}:\d: front matter: .+"),
    "front matter with a control character": (
        page("slug: \x07\n"),
        rf"{OTHER}:4: a character that no page may hold, U\+0007",
    ),
    "front matter with an escaped control character": (
        {OTHER: '---\nsummary: S.\ntitle: "a\\x07"\n---\n'},
        rf"{OTHER}:3: front matter: expected title to be text without a character .+, U\+0007, .+",
    ),
    "a tag with a character that XML does not have": (
        post('date: 2026-11-01\ntags: ["a\\uFFFE"]\n'),
        rf"{POST}:5: front matter: expected tags to be text without a character .+, U\+FFFE, .+",
    ),
    "a day where a text should be": (
        {OTHER: "---\nsummary:\ntitle: 2026-11-01\n---\n"},
        rf"(?s){OTHER}:2: .+ summary to be text, got nothing\n.+ to be text, got 2026-11-01",
    ),
    "front matter with a value that is not of its type": (
        page("draft: !!timestamp 'abc'\n"),
        f"{OTHER}:4: front matter: draft: a value that is not of its type",
    ),
    "a text with a control character": (
        page(body="Words.\n\nA \x01 b\n"),
        rf"{OTHER}:7: a character that no page may hold, U\+0001",
    ),
    "a text with a character that XML does not have": (
        post("date: 2026-11-01\n", "A \ufffe b\n"),
        rf"{POST}:6: a character that no page may hold, U\+FFFE",
    ),
    "an unknown mode": (
        page("mode: foo\n"),
        f"{OTHER}:4: front matter: expected mode to be one of auto, stream, poll, got 'foo'",
    ),
    "a folder with the name of a file": (
        {"content/en/a.html/b.md": front()},
        "content/en/a.html/b.md:1: expected a folder whose name has no .html, got a.html",
    ),
    "front matter that is a list": (
        {OTHER: "---\n- title\n---\n"},
        f"{OTHER}:1: front matter: expected lines of 'name: value'",
    ),
    "front matter that is empty": (
        {OTHER: "---\n---\n"},
        f"{OTHER}:1: front matter: expected lines of 'name: value'",
    ),
    "a title that is no text": (
        {OTHER: "---\nsummary: S.\ntitle: 404\n---\n"},
        f"{OTHER}:3: front matter: expected title to be text, got 404",
    ),
    "a field said twice": (
        page("mode: auto\nmode: poll\n"),
        rf"{OTHER}:4: front matter: mode is there twice",
    ),
    "an unknown field": (
        page("tempalte: page.html\n"),
        rf"{OTHER}:4: front matter: unknown field tempalte; the known ones are title, .+",
    ),
    "nothing that is wanted": (
        {OTHER: "---\nmode: auto\n---\n"},
        f"{OTHER}:1: front matter: no title",
    ),
    "a slug that leaves the site": (
        page("slug: ../other\n"),
        rf"{OTHER}:4: front matter: expected slug to be lower-case .+, got '../other'",
    ),
    "a file whose name is no address": (
        {"content/en/Other Page.md": front()},
        "content/en/Other Page.md:1: expected a name of lower-case .+, got Other Page",
    ),
    "a day that does not exist": (
        post("date: 2026-13-01\n"),
        rf"{POST}:4: front matter: date: month must be .+",
    ),
    "a day with an hour": (
        post("date: 2026-11-01 10:00:00\n"),
        rf"{POST}:4: front matter: expected date to be a day such as 2026-11-02, got .+",
    ),
    "a post without a day": (post(), f"{POST}:1: front matter: no date; a post needs one"),
    "a page with a day": (
        page("date: 2026-11-01\n"),
        f"{OTHER}:4: front matter: date belongs to posts, in blog/",
    ),
    "tags that are no list": (
        post("date: 2026-11-01\ntags: sse\n"),
        rf"{POST}:5: front matter: expected tags to be a list of words, .+, got 'sse'",
    ),
    "tags with one address": (
        post("date: 2026-11-01\ntags: [One]\n"),
        rf"{POST}:5: tags: 'One' would have the address of 'one'; give one of them another: .+",
    ),
    "a tag without letters": (
        post("date: 2026-11-01\ntags: ['—']\n"),
        rf"{POST}:5: tags: expected letters or digits, got '—'",
    ),
    "a draft that may be one": (
        page("draft: perhaps\n"),
        f"{OTHER}:4: front matter: expected draft to be true or false, got 'perhaps'",
    ),
    "an alias that is no address": (
        page("aliases: [/old/, /older/./]\n"),
        rf"{OTHER}:4: front matter: expected aliases to be a list of addresses, .+",
    ),
    "two pages with one address": (
        page("slug: index\n"),
        f"{OTHER}:4: / is the address of content/en/index.md, too",
    ),
    "an alias that is a page": (
        page("aliases: [/]\n"),
        f"{OTHER}:4: / is the address of content/en/index.md, too",
    ),
    "a page that is the server's": (
        {"content/en/settings.md": front()},
        "content/en/settings.md:1: /settings/ is an address that the server answers itself",
    ),
    "a slug that is the server's in another language": (
        {"content/ru/other.md": front(slug="ask")},
        "content/ru/other.md:4: /ru/ask/ is an address that the server answers itself",
    ),
    "a file that is the address of a conversation": (
        {"content/en/c/other.md": front()},
        "content/en/c/other.md:1: /c/other/ is an address that the server answers itself",
    ),
    **{
        f"an alias that is the server's, {alias}": (
            page(f"aliases: [{alias}]\n"),
            f"{OTHER}:4: {alias} is an address that the server answers itself",
        )
        for alias in (
            *("/ask/", "/passcode/", "/settings/", "/healthz/", "/c/", "/c/abc/", "/c/abc.html"),
            *("/api/", "/api/replies/", "/ru/ask/", "/ru/c/abc/"),
        )
    },
    "a page with the address of a list": (
        {"content/en/blog.md": front()},
        "content/en/blog.md:1: /blog/ is the address of the blog's lists, too",
    ),
    "a post with the address of a list": (
        post("date: 2026-11-01\nslug: archive\n"),
        f"{POST}:5: /blog/archive/ is the address of the blog's lists, too",
    ),
    "a page for errors that a language lacks": (
        {"content/en/404.md": front(slug="404.html"), "content/en/500.md": front(slug="500.html")},
        "content/ru/404.md:1: not translated\ncontent/ru/500.md:1: not translated",
    ),
    "two pages with one key": (
        page("key: index\n"),
        f"{OTHER}:4: the key index is that of content/en/index.md, too",
    ),
    "an unknown template": (
        page("template: base.html\n"),
        f"{OTHER}:4: front matter: expected template to be one of page.html, .+, got 'base.html'",
    ),
    "a template that is not there": (
        page("template: plain.html\n"),
        f"{OTHER}:4: no template plain.html",
    ),
    "HTML": (page(body="Words.\n\nA <b>word</b>\n"), f"{OTHER}:7: no HTML here, please: .+"),
    "a block of HTML": (page(body="<div>\n"), f"{OTHER}:5: no HTML here, please: .+"),
    "a first heading": (page(body="# Other\n"), f"{OTHER}:5: a heading of the first level: .+"),
    "a note that is not there": (
        page(body="Words.\n\nA word[^1]\n"),
        rf"{OTHER}:7: nothing defines \[\^1\]",
    ),
    "a reference that is not there": (
        page(body="Words\nand [a word][name]\n"),
        rf"{OTHER}:6: nothing defines \[name\]",
    ),
    "two references to nothing in one line": (
        page(body="[A word][name] and a note[^1]\n"),
        rf"{OTHER}:5: nothing defines \[name\]\n{OTHER}:5: nothing defines \[\^1\]",
    ),
    "the title of a link": (
        page(body='[a](/ "Home")\n'),
        f"{OTHER}:5: a link's title is not shown on a screen without a mouse: .+",
    ),
    "a skipped level of headings": (
        page(body="## One\n\n#### Two\n"),
        f"{OTHER}:7: a heading of level 4 after one of level 2: use ###",
    ),
    "a file of content with another ending": (
        {"content/en/blog/other.markdown": front()},
        "content/en/blog/other.markdown:1: expected a file whose name ends in .md",
    ),
    "a slug for a tag that the post does not have": (
        post("date: 2026-11-01\ntags: [one]\nslugs: {two: other}\n"),
        f"{POST}:6: front matter: slugs: 'two' is no tag of this post",
    ),
    "an update before the post": (
        post("date: 2026-11-02\nupdated: 2026-11-01\n"),
        f"{POST}:5: front matter: expected updated to be no earlier than 2026-11-02, got 2026-11-01",
    ),
    "an update before the post, beside another mistake of the front matter": (
        post("date: 2026-11-02\nsumary: x\nupdated: 2026-11-01\n"),
        rf"{POST}:5: front matter: unknown field sumary; .+\n"
        f"{POST}:6: front matter: expected updated to be no earlier than 2026-11-02, got 2026-11-01",
    ),
    "an alias that another page has, whichever file comes first": (
        {"content/en/about.md": front(aliases="[/other/]"), OTHER: front()},
        f"content/en/about.md:4: /other/ is the address of {OTHER}, too",
    ),
    "a picture that is not there": (
        page(body="\n![A desk](/images/desk.png)\n"),
        f"{OTHER}:6: no picture /images/desk.png: expected /images/ and a file of images/",
    ),
    "a picture without words": (
        {"images/desk.png": png(), **page(body="![](/images/desk.png)\n")},
        rf"{OTHER}:5: no words for those who do not see /images/desk.png: .+",
    ),
    "a picture that is none": (
        {"images/desk.png": b"desk"},
        r"images/desk.png:1: expected a picture \(PNG, JPEG, GIF or WebP\)",
    ),
    "a link of the text that leads nowhere": (
        page(body="Words.\n\n[a](/nowhere/)\n"),
        f"{OTHER}:7: /nowhere/ leads nowhere",
    ),
    "a link within the folder that leads nowhere": (
        page(body="[a](nowhere/)\n"),
        f"{OTHER}:5: nowhere/ leads nowhere",
    ),
    "a link to another language's page that is not there": (
        page(body="[a](/ru/other/)\n"),
        f"{OTHER}:5: /ru/other/ leads nowhere",
    ),
    "a link to a place that the page does not have": (
        page(body="## Here\n\n[a](#here) [b](/other/#there)\n"),
        f"{OTHER}:7: /other/#there: the page has no place there",
    ),
    "a link to an English page in another language": (
        {"content/ru/other.md": front() + "Слово.\n\n[a](/other/#b)\n", OTHER: front() + "## B\n"},
        "content/ru/other.md:7: /other/#b is English; in this language it is /ru/other/#b",
    ),
    "a static file in the place of a page": (
        {"static/index.html": "a"},
        "static/index.html:1: /index.html is the address of content/en/index.md, too",
    ),
    "a static file at an address of the server": (
        {"static/ask/index.html": "a"},
        "static/ask/index.html:1: /ask/index.html is an address that the server answers itself",
    ),
    "a link by the site's own name": (
        page(body="[a](https://kindlechat.example/nowhere/)\n"),
        f"{OTHER}:5: https://kindlechat.example/nowhere/ leads nowhere",
    ),
    "a link of a template that leads nowhere": (
        {"templates/page.html": '{{ body }}\n<a href="/nowhere/">'},
        "templates/page.html:2: /nowhere/ leads nowhere",
    ),
    "an undefined variable": (
        {"templates/page.html": "\n\n{{ titel }}"},
        r"templates/page.html:3: 'titel' is undefined \(for content/en/index.md\)",
    ),
    "an unknown sentence": (
        {"templates/page.html": '\n{{ t("ui.nothing") }}'},
        r"templates/page.html:2: no sentence or asset 'ui.nothing' \(for content/en/index.md\)",
    ),
    "an unknown asset": (
        {"templates/page.html": '\n{{ asset("none.css") }}'},
        r"templates/page.html:2: no sentence or asset 'none.css' \(for content/en/index.md\)",
    ),
    "a template's syntax": (
        {"templates/unused.html": "\n{% if %}"},
        "templates/unused.html:2: Expected an expression, .+",
    ),
    "a template that extends nothing": (
        {"templates/page.html": '\n{% extends "none.html" %}'},
        r"templates/page.html:2: no template none.html \(for content/en/index.md\)",
    ),
    "a template that divides by zero": (
        {"templates/page.html": "\n{{ 1/0 }}"},
        r"templates/page.html:2: division by zero \(for content/en/index.md\)",
    ),
    "a template that adds a number and a text": (
        {"templates/page.html": "\n{{ 1+'a' }}"},
        r"templates/page.html:2: unsupported operand .+ \(for content/en/index.md\)",
    ),
    "a template in another encoding": (
        {"templates/unused.html": b"\n\xff"},
        "templates/unused.html:2: expected UTF-8",
    ),
    "a link of a template that is no address": (
        {"templates/page.html": '{{ body }}\n<a href="http://[x">'},
        r"templates/page.html:2: http://\[x is no address",
    ),
    "a page with two places of one name": (
        {"templates/post.html": '{{ body }}<p id="hello"></p><p id="hello"></p>'},
        "content/en/blog/hello.md:1: the page has two places hello",
    ),
    "a picture whose name is no address": (
        {"images/—.png": png()},
        "images/—.png:1: expected letters or digits, got '—'",
    ),
    "a catalog in an unknown encoding": (
        {RU: catalog().replace("charset=utf-8", "charset=klingon")},
        rf"{RU}:1: expected a gettext catalog: unknown encoding: klingon",
    ),
    "a translation of spaces": (
        {RU: catalog(ui_home=("Home", "  "))},
        rf"{RU}:\d+: ui.home: not translated",
    ),
    "a translation with a lone brace": (
        {RU: catalog(ui_home=("Home", "a {{ b"), blog_tagged=("Posts about {tag}", "{tag} {"))},
        rf"{RU}:\d+: blog.tagged: expected braces around the names of placeholders only",
    ),
    "a translation with a control character": (
        {RU: catalog(ui_home=("Home", "a\\x01".replace("\\x01", "\x01")))},
        rf"{RU}:\d+: ui.home: a character that no page may hold, U\+0001",
    ),
    "a catalog that is none": ({RU: "msgid ??\n"}, rf"{RU}:\d: expected a gettext catalog: .+"),
    "a sentence that is not translated": (
        {RU: catalog(ui_home=None)},
        f"{RU}:1: ui.home: not translated",
    ),
    "a sentence that is translated by nothing": (
        {RU: catalog(ui_home=("Home", ""))},
        rf"{RU}:\d+: ui.home: not translated",
    ),
    "a translation of what the English was": (
        {RU: catalog(ui_home=("House", "Дом"))},
        rf"{RU}:\d+: ui.home: the English has changed; bring the translation up to date",
    ),
    "a translation of what is not there": (
        {RU: catalog(ui_house=("House", "Дом"))},
        rf"{RU}:\d+: ui.house: messages.pot has no such sentence",
    ),
    "a translation marked fuzzy": (
        {RU: catalog().replace('msgctxt "ui.home"', '#, fuzzy\nmsgctxt "ui.home"')},
        rf"{RU}:\d+: ui.home: marked fuzzy; .+",
    ),
    "a translation without its placeholder": (
        {RU: catalog(blog_tagged=("Posts about {tag}", "Записи о {tags}"))},
        rf"{RU}:\d+: blog.tagged: expected the placeholders \['tag'\], got \['tags'\]",
    ),
    "too few plural forms": (
        {RU: catalog().replace('msgstr[2] "{n} форма 2"', 'msgstr[2] ""')},
        rf"{RU}:\d+: blog.posts: not translated",
    ),
    "another language's plural rule": (
        {RU: catalog(rule="n > 1 ? 2 : 0")},
        rf"{RU}:1: expected Plural-Forms: nplurals=3; plural=.+",
    ),
    "a number of plural forms that the rule exceeds": (
        {RU: catalog(plurals=2)},
        rf"{RU}:1: expected Plural-Forms: nplurals=3; plural=.+",
    ),
    "a plural rule that is none": (
        {RU: catalog(rule="many")},
        rf"{RU}:1: expected Plural-Forms: nplurals=3; plural=.+",
    ),
    "a catalog of no language": (
        {"translations/klingon.po": catalog()},
        r"translations/klingon.po:1: its name: expected the code of a language, .+",
    ),
    "a catalog without content": (
        {"translations/it.po": catalog(2, "n != 1")},
        r"content/it/index.md:1: no first page in this language",
    ),
    "content of no language": (
        {"content/README.md": "Words."},
        "content/README.md:1: expected the folder of a language, content/en/",
    ),
    "content without a catalog": (
        {"content/it/index.md": front()},
        r"content/it/index.md:1: no translations/it.po",
    ),
}


def test_a_link_that_leads_to_no_file_is_told(source, target):
    (source / "content/en/other.md").symlink_to("nowhere")
    with pytest.raises(BuildError, match=r"content/en/other\.md:1: a link that leads to no file"):
        build(source, target, OPTIONS)


def test_a_link_to_a_folder_is_told(source, target, tmp_path):
    write(tmp_path, {"posts/new.md": front(date="2026-11-01")})
    (source / "content/en/blog/2026").symlink_to(tmp_path / "posts")
    with pytest.raises(BuildError, match=r"content/en/blog/2026:1: a link to a folder"):
        build(source, target, OPTIONS)


def test_a_folder_with_the_name_of_a_page_is_told(source, target):
    (source / "content/en/other.md").mkdir()
    with pytest.raises(
        BuildError, match=r"content/en/other\.md:1: expected a file, found a folder"
    ):
        build(source, target, OPTIONS)


def test_all_mistakes_of_a_build_are_told_at_once(source, target):
    write(
        source,
        {
            POST: "---\ndate: tomorrow\ncolour: red\n---\n# One\n\n[a](/nowhere/)\n",
            OTHER: front(slug="index", aliases="[/ask/]") + "A <b>word</b>[^1]\n",
            "images/desk.png": b"no picture",
            "templates/page.html": FILES["templates/page.html"] + "{{ t('ui.nothing') }}",
        },
    )
    with pytest.raises(BuildError) as caught:
        build(source, target, OPTIONS)
    told = [str(mistake).partition(": ")[2][:20] for mistake in caught.value.mistakes]
    assert told == [
        *(
            "front matter: no tit",
            "front matter: expect",
            "front matter: unknow",
            "a heading of the fir",
        ),
        *(
            "/nowhere/ leads nowh",
            "/ is the address of ",
            "/ask/ is an address ",
            "no HTML here, please",
        ),
        *("nothing defines [^1]", "expected a picture (", "no sentence or asset"),
    ]


def test_an_item_of_a_list_is_blamed_by_its_own_line(source, target):
    text = "---\ntitle: Other\ndate: 2026-11-01\naliases:\n  - /old/\n  - /blog/hello/\n"
    write(source, {POST: f"{text}tags:\n- new\n- '…'\n- TWO\n---\nWords.\n"})
    with pytest.raises(BuildError) as caught:
        build(source, target, OPTIONS)
    told = [(mistake.file, mistake.line) for mistake in caught.value.mistakes]
    assert told == [(POST, 6), (POST, 9), (POST, 10)]


def test_each_line_with_a_broken_link_is_told(source, target):
    text = (
        "[a](/b/c/) [a](/#top) {}\n\n[a](/b/) [b][b]\n\n[c](/b/)[d](/é/)\n\n[e](#top)\n\n[b]: /b/\n"
    )
    write(
        source, {OTHER: front(aliases="[/b/c/]") + text.format("[f](#to)"), POST: "no front matter"}
    )
    with pytest.raises(BuildError) as caught:
        build(source, target, OPTIONS)
    told = [(mistake.file, mistake.line, mistake.what[:5]) for mistake in caught.value.mistakes]
    assert told == [
        (POST, 1, "expec"),
        *((OTHER, 6, "/#top"), (OTHER, 6, "#to: ")),
        *((OTHER, 8, "/b/ l"), (OTHER, 10, "/b/ l"), (OTHER, 10, "/%C3%"), (OTHER, 12, "#top:")),
    ]


def test_a_post_that_no_feed_can_hold_hides_no_other_mistake(source, target):
    text = front("Odd", summary="", date="2026-11-20").replace("summary: \n", "")
    write(source, {POST: f"{text}One &#7;\n\nTwo &#xffff; `a`\n", OTHER: "no front matter"})
    with pytest.raises(BuildError) as caught:
        build(source, target, OPTIONS)
    told = [(mistake.file, mistake.line) for mistake in caught.value.mistakes]
    assert told == [(POST, 5), (POST, 7), (OTHER, 1)]


def test_a_site_alone_needs_no_template_of_the_server(source, target):
    write(
        source,
        {
            "templates/page.html": '{% include "parts/foot.html" %}' + FILES["templates/page.html"],
            "templates/parts/foot.html": "{% from 'words.html' import said %}{{ said() }}",
            "templates/words.html": "{% macro said() %}Said.{% endmacro %}",
            "templates/unused.html": "{% if %}",
        },
    )
    folder = source / "templates"
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.html")}
    assert found.keys() - needed(found).keys() == {"unused.html"}
    build(source, target, OPTIONS._replace(server=False))
    assert (target / "index.html").read_text().startswith("Said.")
    with pytest.raises(BuildError, match=r"unused\.html:1"):
        build(source, target, OPTIONS)


def test_templates_that_are_none_hide_no_mistake_of_a_text(source, target):
    write(
        source,
        {
            OTHER: front(colour="red", aliases="[/ask/]"),
            "templates/first.html": "{% if %}",
            "templates/second.html": "{{ 1 | nothing }}",
        },
    )
    with pytest.raises(BuildError) as caught:
        build(source, target, OPTIONS)
    told = [(mistake.file, mistake.line) for mistake in caught.value.mistakes]
    templates = [("templates/first.html", 1), ("templates/second.html", 1)]
    assert told == [(OTHER, 4), (OTHER, 5), *templates]


def test_a_later_post_is_checked_before_its_day(source, target):
    later = {POST: front("Later", date="2030-01-01") + "[a](/nowhere/)\n"}
    write(source, later)
    with pytest.raises(BuildError, match=f"{POST}:6: /nowhere/ leads nowhere"):
        build(source, target, OPTIONS)
    write(source, {POST: front("Later", date="2030-01-01", slug="hello") + "Words.\n"})
    with pytest.raises(BuildError, match=f"{POST}:5: /blog/hello/ is the address of"):
        build(source, target, OPTIONS)


def test_later_posts_may_lead_to_earlier_ones_but_no_shown_page_leads_to_them(source, target):
    draft = front("Draft", date="2026-11-01", draft="true")
    write(
        source,
        {
            POST: front("Later", date="2030-01-01", tags="[new]") + "[a](/blog/hello/)\n",
            "content/en/blog/draft.md": draft + "[a](../other/)\n",
        },
    )
    build(source, target, OPTIONS)
    assert not {
        path for path in tree(target) if "other" in path or "draft" in path or "new" in path
    }
    assert build(source, target, OPTIONS).written == ()
    write(source, {OTHER: front() + "[a](/blog/draft/)\n"})
    with pytest.raises(BuildError, match=f"{OTHER}:5: /blog/draft/ leads nowhere"):
        build(source, target, OPTIONS)


@pytest.mark.parametrize("link", ["/blog/third/", "../third/#there", "/older/"])
@pytest.mark.parametrize(
    ("third", "what"),
    [({"date": "2031-01-01"}, "is there from 2031-01-01 on"), ({"draft": "true"}, "is a draft")],
)
def test_no_later_post_leads_to_one_that_is_not_there_on_its_day(source, target, link, third, what):
    """Otherwise its day would bring a mistake, and the chat would not start."""
    later = {"date": "2030-01-01"} | third
    write(
        source,
        {
            POST: front("Later", date="2030-01-01") + f"Words.\n\n[a]({link})\n",
            "content/en/blog/third.md": front("Third", aliases="[/older/]", **later) + "## There\n",
        },
    )
    with pytest.raises(BuildError, match=f"{POST}:8: /(blog/third|older)/ {what}, too late for"):
        build(source, target, OPTIONS)


@pytest.mark.parametrize("link", ["/blog/", "/blog/hello/", "/blog/tags/news/"])
def test_a_translation_that_comes_later_keeps_no_site_from_being_built(source, target, link):
    """Until its day only the English page can be linked, and on that day nobody may be there to mend it."""
    (source / "content/ru/blog").mkdir(exist_ok=True)
    for file in (source / "content/ru/blog").glob("*.md"):
        file.unlink()
    write(
        source,
        {
            "content/en/blog/hello.md": front("Hello", date="2026-11-01", tags="[news]"),
            "content/ru/blog/hello.md": front("Hello", date="2026-11-30", tags="[news]"),
            "content/ru/other.md": front() + f"[a]({link})\n",
        },
    )
    build(source, target, OPTIONS)
    build(source, target, OPTIONS._replace(today=date(2026, 11, 30)))
    same_day = front("Hello", date="2026-11-01", tags="[news]")
    write(source, {"content/ru/blog/hello.md": same_day})
    with pytest.raises(BuildError, match=rf"ru/other.md:5: {link} is English; .* /ru{link}$"):
        build(source, target, OPTIONS)


@cases(("files", "message"), MISTAKES.values(), ids=MISTAKES, quick_stride=4)
def test_a_mistake_is_told_with_its_line_and_leaves_the_old_site(source, target, files, message):
    if not target.exists():  # the first case
        build(source, target, OPTIONS)
    before = tree(target)
    write(source, {"assets/style.css": "changed{}"} | files)
    try:
        with pytest.raises(BuildError) as caught:
            build(source, target, OPTIONS)
    finally:
        restore(source, files)
    assert re.fullmatch(message, str(caught.value)), caught.value
    assert tree(target) == before
    assert build(source, target, OPTIONS).written == (), "a failed build is forgotten"


def restore(source, written):
    """Make the sources what they were before these files were written."""
    write(source, FILES)
    for path in written.keys() - FILES.keys():
        (source / path).unlink()
        for folder in (source / path).parents:
            with suppress(OSError):  # it holds other files
                folder.rmdir()


def test_all_mistakes_are_told_at_once(source, target):
    write(source, page("nonsense: 1\n") | post("date: 2026-11-01\nnonsense: 2\n"))
    with pytest.raises(BuildError) as caught:
        build(source, target, OPTIONS)
    assert [mistake.file for mistake in caught.value.mistakes] == [POST, OTHER]


def test_a_value_that_cannot_be_read_hides_no_other_mistake(source, target):
    text = "---\ntitle: Other\ndate: 2026-11-31\ntags: [a]\ntags: [b]\ncolour: red\naliases: [/ask/]\n---\n"
    write(source, {POST: text})
    with pytest.raises(BuildError) as caught:
        build(source, target, OPTIONS)
    told = [(mistake.line, mistake.what) for mistake in caught.value.mistakes]
    unknown = told.pop(2)
    assert told == [
        (3, "front matter: date: day is out of range for month"),
        (4, "front matter: tags is there twice"),
        (7, "/ask/ is an address that the server answers itself"),
    ]
    assert unknown[0] == 6
    assert unknown[1].startswith("front matter: unknown field colour")


def test_a_text_in_no_known_encoding_is_told(source, target):
    (source / "content/en/index.md").write_bytes(b"---\ntitle: \xff\n---\n")
    with pytest.raises(BuildError, match=r"^content/en/index.md:2: expected UTF-8$"):
        build(source, target, OPTIONS)


@cases(
    "text",
    [
        "---  \ntitle: Odd\n---\t\nA <b>\n",
        "---\r\ntitle: Odd\r\n--- \r\nA <b>\r\n",
        "\ufeff---\ntitle: Odd\n---\nA <b>",
    ],
)
def test_what_nobody_sees_in_front_matter_is_nothing(source, target, text):
    (source / OTHER).write_bytes(text.encode())
    with pytest.raises(BuildError) as caught:
        build(source, target, OPTIONS)
    assert [str(each) for each in caught.value.mistakes] == [
        f"{OTHER}:4: no HTML here, please: write Markdown"
    ]
    (source / OTHER).write_bytes(text.partition("A <b>")[0].rstrip("\r\n").encode())
    build(source, target, OPTIONS)
    assert "<title>Odd</title>" in (target / "other/index.html").read_text()


def test_a_byte_order_mark_is_nothing(source, target):
    build(source, target, OPTIONS)
    before = tree(target)
    text = FILES["content/en/index.md"].encode()
    (source / "content/en/index.md").write_bytes(b"\xef\xbb\xbf" + text)
    build(source, target, OPTIONS)
    assert tree(target) == before


def test_a_broken_link_stays_a_mistake_in_the_next_build(source, target):
    write(source, page(body="[a](/nowhere/)\n"))
    for _ in range(2):
        with pytest.raises(BuildError, match="/nowhere/ leads nowhere"):
            build(source, target, OPTIONS)


def test_a_link_to_a_page_that_goes_is_found_though_its_own_page_is_unchanged(source, target):
    write(source, page() | {"content/en/index.md": front() + "[a](/other/)\n"})
    build(source, target, OPTIONS)
    (source / OTHER).unlink()
    with pytest.raises(BuildError, match=r"^content/en/index.md:5: /other/ leads nowhere$"):
        build(source, target, OPTIONS)


@cases(
    "link",
    [
        *("/", "/#top", "/?a", "/ask", "/c/abc", "/ru/c/abc", "/api/replies/1", "#top"),
        *("/blog/hello/", "blog/hello/", "https://kindlechat.example/ru/"),
        *("https://a.example/b", "mailto:a@b.example", "https://kindlechat.example"),
        *("https://kindlechat.example.evil/x", "https://kindlechat.examples/"),
    ],
)
def test_links_to_pages_routes_and_other_sites_are_fine(source, target, link):
    write(source, {"content/en/index.md": front() + f"## Top\n\n[a]({link})\n"})
    build(source, target, OPTIONS)


def test_a_folder_that_holds_something_else_is_not_touched(source, target):
    write(target, {"thesis.txt": "years of work", "index.html": "mine", "more.txt": "mine"})
    before = tree(target)
    with pytest.raises(BuildError, match="expected an empty folder or a site built before"):
        build(source, target, OPTIONS)
    assert tree(target) == before


def test_one_strange_file_is_enough_where_nothing_was_built_before(source, target):
    write(target, {"index.html": "mine", "robots.txt": "mine", "CNAME": "a.example"})
    before = tree(target)
    with pytest.raises(BuildError, match=r"or a site built before, found CNAME"):
        build(source, target, OPTIONS)
    assert tree(target) == before


def test_a_site_that_another_version_built_is_known(source, target, monkeypatch):
    build(source, target, OPTIONS)
    write(source, {"assets/style.css": "b{}"})
    monkeypatch.setattr("kindlechat.site.building.program_version", lambda: "another")
    result = build(source, target, OPTIONS)
    assert result.removed == (STYLE,)


def test_hidden_files_of_the_target_stay(source, target):
    hidden = {".nojekyll": b"", ".git/config": b"mine", "blog/.htaccess": b"mine"}
    write(target, hidden)
    build(source, target, OPTIONS)
    (source / "content/en/blog/hello.md").unlink()
    assert "blog/index.html" in build(source, target, OPTIONS).removed
    assert hidden.items() <= tree(target).items()
    assert compare(source, target, OPTIONS).removed == ()


@pytest.mark.parametrize("folder", ["content", "content/en", "images/new", "assets", "templates/a"])
def test_a_folder_of_the_sources_is_never_the_target(source, folder):
    before = tree(source)
    with pytest.raises(BuildError, match="the target is one of the sources' folders"):
        build(source, source / folder, OPTIONS)
    assert tree(source) == before


def test_the_root_of_all_folders_is_never_the_target(source):
    with pytest.raises(BuildError, match="the target holds the sources"):
        build(source, Path("/"), OPTIONS)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_until_all_files_are_in_their_places(source, target, monkeypatch, number):
    rename, signals = Path.replace, []

    def interrupted(path, to):
        signal.raise_signal(number)
        return rename(path, to)

    before = signal.signal(number, lambda number, _: signals.append(tree(target)))
    try:
        monkeypatch.setattr(Path, "replace", interrupted)
        build(source, target, OPTIONS)
    finally:
        signal.signal(number, before)
    assert signals, "it is only late"
    assert all(set(files) == set(EXPECTED) for files in signals)


def test_the_sources_are_never_the_target(source):
    before = tree(source)
    for target in (source, source.parent):
        with pytest.raises(BuildError, match="the target holds the sources"):
            build(source, target, OPTIONS)
    assert tree(source) == before


def test_what_is_known_of_the_last_build_is_forgotten_with_another_library(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    versions = [program_version.__wrapped__()]
    for name in ("library-1.0.dist-info", "library-1.1.dist-info"):
        folder = tmp_path / name
        folder.mkdir()
        versions.append(program_version.__wrapped__())
        folder.rmdir()
    assert versions[2] != versions[1] != versions[0]
    assert program_version.__wrapped__() == versions[0]

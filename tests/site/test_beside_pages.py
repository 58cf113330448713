"""What a build writes beside pages: an author's own files, packed files; and what it says about pages."""

import gzip

from kindlechat.rendering.ui.templates import Templates
from kindlechat.site.building import build, compare
from kindlechat.site.packing import LEAST_BYTES
from tests.cases import cases
from tests.site.conftest import FILES, OPTIONS, SITE, front, png, tree, write

LONG = front("Long") + "Many words. " * 300 + "\n"


def test_static_files_are_copied_as_they_are(source, target):
    proof = b"<a href=/nowhere/>\xff" * 200
    write(source, {"static/favicon.ico": b"\x00\x01", "static/proof/abc.html": proof})
    write(
        source, {"static/.hidden": "a", "content/en/other.md": front() + "[a](/proof/abc.html)\n"}
    )
    build(source, target, OPTIONS)
    files = tree(target)
    assert (files["favicon.ico"], files["proof/abc.html"]) == (b"\x00\x01", proof)
    assert ".hidden" not in files
    assert build(source, target, OPTIONS).written == ()
    (source / "static/favicon.ico").unlink()
    assert build(source, target, OPTIONS).removed == ("favicon.ico",)


def test_well_known_files_are_ours_where_the_sources_have_them(source, target):
    theirs = {".well-known/acme-challenge/token": b"another program's"}
    write(source, {"static/.well-known/security.txt": "Contact: mailto:me@example.org\n" * 99})
    write(source, {"static/.well-known/deep/app.json": "{}"})
    build(source, target, OPTIONS)
    write(target, theirs)
    assert (build(source, target, OPTIONS).written, compare(source, target, OPTIONS).written) == (
        (),
        (),
    )
    assert ".well-known/security.txt.gz" in tree(target)
    write(source, {"static/.well-known/security.txt": "None."})
    again = build(source, target, OPTIONS)
    assert again.written == (".well-known/security.txt",)
    assert again.removed == (".well-known/security.txt.gz",)
    (source / "static/.well-known/deep/app.json").unlink()
    assert build(source, target, OPTIONS).removed == (".well-known/deep/app.json",)
    left = {path: data for path, data in tree(target).items() if path.startswith(".")}
    assert left == theirs | {".well-known/security.txt": b"None."}


def test_long_texts_are_packed_and_pictures_are_not(source, target):
    write(source, {"content/en/long.md": LONG, "static/notes.txt": "a" * LEAST_BYTES})
    write(source, {"static/short.txt": "a" * (LEAST_BYTES - 1), "static/desk.png": png(600, 600)})
    build(source, target, OPTIONS)
    files = tree(target)
    packed = {path for path in files if path.endswith(".gz")}
    assert packed == {"long/index.html.gz", "notes.txt.gz"}
    for path in packed:
        assert gzip.decompress(files[path]) == files[path.removesuffix(".gz")]


def test_packed_files_are_kept_made_good_and_removed(source, target):
    write(source, {"content/en/long.md": LONG})
    build(source, target, OPTIONS)
    packed = target / "long/index.html.gz"
    before = packed.read_bytes()
    assert build(source, target, OPTIONS).written == ()
    assert compare(source, target, OPTIONS).removed == ()
    packed.write_bytes(b"spoilt")
    assert compare(source, target, OPTIONS).written == ("long/index.html",)
    build(source, target, OPTIONS)
    assert packed.read_bytes() == before
    write(source, {"content/en/long.md": front("Long") + "Few words.\n"})
    build(source, target, OPTIONS)
    assert not packed.exists()


def test_a_file_that_its_author_has_packed_is_not_packed_again(source, target):
    write(source, {"static/notes.txt": "a" * 9000, "static/notes.txt.gz": b"my own"})
    build(source, target, OPTIONS)
    assert tree(target)["notes.txt.gz"] == b"my own"


def test_another_address_of_the_site_changes_feeds_but_no_page(source, target):
    build(source, target, OPTIONS)
    before = tree(target)
    changed = build(source, target, OPTIONS._replace(base_url="https://other.example")).written
    assert changed == ("blog/feed.atom", "robots.txt", "sitemap.xml")
    assert b"https://kindlechat.example" in before["blog/feed.atom"]
    assert b"https://kindlechat.example" not in tree(target)["blog/feed.atom"]


# What pages say about themselves


def test_lists_say_what_they_hold(source, target):
    said = "{{ summary }}"
    lists = ("blog", "archive", "year", "tags")
    write(source, {f"templates/{name}.html": said for name in lists})
    for day in range(1, 13):
        title = f"A post with a rather long name, number {day}"
        write(source, {f"content/en/blog/n{day}.md": front(title, date=f"2025-01-{day:02}")})
    build(source, target, OPTIONS)
    files = {path: data.decode(errors="replace") for path, data in tree(target).items()}
    first = files["blog/index.html"]
    assert first.startswith("Blog: Hello; A post with a rather long name, number 12; A post")
    assert first.endswith(" …")
    assert len(first) <= 160
    assert files["blog/page/2/index.html"] != first
    assert files["blog/tags/index.html"] == "Subjects: one; two"
    assert files["blog/tags/one/index.html"] == "Posts about one: Hello"
    assert files["blog/archive/index.html"] == "All posts: 2026; 2025"
    assert files["blog/archive/2026/index.html"] == "2026: Hello"


def test_a_page_has_a_picture_for_those_who_share_its_address(source, target):
    write(source, {"templates/page.html": "{{ picture }}", "images/desk.png": png()})
    write(source, {"content/en/other.md": front() + "![A desk](/images/desk.png)\n"})
    build(source, target, OPTIONS)
    assert tree(target)["index.html"] == b""
    write(source, {"static/card.png": png()})
    build(source, target, OPTIONS)
    files = tree(target)
    assert files["index.html"] == b"https://kindlechat.example/card.png"
    assert files["other/index.html"].startswith(b"https://kindlechat.example/assets/desk.")
    build(source, target, OPTIONS._replace(base_url=""))
    assert tree(target)["index.html"] == b""


def test_drafts_are_marked(source, target):
    later = front("Later", date="2030-01-01")
    write(source, {"content/en/draft.md": front("A draft", draft="true")})
    write(source, {"content/en/blog/later.md": later})
    write(source, {"templates/page.html": FILES["templates/page.html"] + "{{ published }}"})
    write(source, {"templates/post.html": "{{ published }}"})
    listed = "{% for post in part.posts %}{{ post.title }} {{ post.published }} {% endfor %}"
    write(source, {"templates/blog.html": listed})
    build(source, target, OPTIONS._replace(drafts=True))
    files = {path: data.decode(errors="replace") for path, data in tree(target).items()}
    assert files["draft/index.html"].endswith("False")
    assert files["index.html"].endswith("True")
    assert files["blog/later/index.html"] == "False"
    assert files["blog/hello/index.html"] == "True"
    assert files["blog/index.html"] == "Later False Hello True "


@cases("published", [True, False])
def test_the_mark_of_a_draft_is_above_its_title_in_our_templates(published):
    page = (
        Templates.load(SITE, demo=False)
        .localized("ru")
        .render(
            "page.html",
            title="Заглавие",
            summary="",
            wanted=False,
            address="/ru/a/",
            published=published,
            headings=(),
            body="",
            picture="",
        )
    )
    mark = page.partition("<h1>")[0].count("Ещё не опубликовано")
    assert mark == (0 if published else 1)

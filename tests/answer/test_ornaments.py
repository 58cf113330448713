"""Emoji that only adorn the beginning of a block go; those within a sentence stay."""

from kindlechat.rendering.answer.growing import Growing
from kindlechat.rendering.answer.tree import to_html, to_open_html
from tests.cases import cases


def html(text):
    return str(Growing().html(text, ended=True))


@cases(
    ("text", "expected"),
    [
        ("## 🚀 Launch", "<h2>Launch</h2>"),
        ("- ✨ New\n- 🔥 Hot", "<ul><li>New</li><li>Hot</li></ul>"),
        ("**💡 Tip:** read", "<p><strong>Tip:</strong> read</p>"),
        ("🎯 **Goal**", "<p><strong>Goal</strong></p>"),
        ("Tap the 🔍 icon.", "<p>Tap the 🔍 icon.</p>"),
        ("Done 🎉", "<p>Done 🎉</p>"),
        ("🎉", "<p>🎉</p>"),
        ("👍 Good", "<p>👍 Good</p>"),
        ("⭐⭐ Fair", "<p>⭐⭐ Fair</p>"),
        ("🔥 One\n💡 Two 💡\n🎉", "<p>One<br>Two 💡<br>🎉</p>"),
        ("`🚀 x`", "<p><code>🚀 x</code></p>"),
    ],
)
def test_only_ornament_goes(text, expected):
    assert html(text) == expected


@cases(
    "text",
    [
        "## 🚀 Launch day\n\n- ✨ New\n- 🔥 Hot\n\n🎉 Done\n",
        "🎉\n\n💡 🔥 a b\n\n🎯\n*c*",
        "a\n🚀 b\n🎉 *c*",
    ],
)
def test_a_page_that_only_grows_never_shows_what_goes(text):
    page, shown = Growing(), ""
    for end in range(len(text) + 1):
        settled = page.settled_chars(text[:end], still=True)
        html = to_open_html(page.nodes(text[:settled], ended=False))
        assert html.startswith(shown)
        shown = html
    assert to_html(page.nodes(text, ended=True)).startswith(shown)

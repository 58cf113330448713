"""Tags of HTML that the model writes: those that keep their meaning, and those that are text."""

from tests.answer.rendered import assert_safe, render_markdown
from tests.cases import cases


@cases(
    ("text", "html"),
    [
        ("SO<sub>4</sub><sup>2-</sup>", "SO<sub>4</sub><sup>2-</sup>"),
        ("<kbd>Alt</kbd>+<KBD>F4</kbd>", "<kbd>Alt</kbd>+<kbd>F4</kbd>"),
        ("<b>a</b> <strong>b</strong>", "<strong>a</strong> <strong>b</strong>"),
        ("<i>a</i> <em>b</em>", "<em>a</em> <em>b</em>"),
        ("<u>a</u> <ins>b</ins>", "<u>a</u> <u>b</u>"),
        ("<s>a</s> <del>b</del> <strike>c</strike>", "<s>a</s> <s>b</s> <s>c</s>"),
        ("<mark>a</mark>", "<strong>a</strong>"),
        ("<code>a</code> <samp>b</samp>", "<code>a</code> <code>b</code>"),
        ("<small>a</small> <q>b</q>", "<small>a</small> <q>b</q>"),
        ("<b>a **b** c</b>", "<strong>a <strong>b</strong> c</strong>"),
        ("**a <sub>2</sub>**", "<strong>a <sub>2</sub></strong>"),
        ("<b>one<br>two</b>", "<strong>one<br>two</strong>"),
        ("<b>one\ntwo</b>", "<strong>one<br>two</strong>"),
        ("x<sup>a<sub>b</sub></sup>", "x<sup>a<sub>b</sub></sup>"),
        ("*a <b>b* c</b>", "<em>a <strong>b</strong></em><strong> c</strong>"),
    ],
)
def test_tags_keep_their_meaning(text, html):
    shown = render_markdown(text)
    assert_safe(shown)
    assert shown == f"<p>{html}</p>"


@cases(
    "text",
    [
        "Use <b> for bold.",
        "It ends with </b>.",
        "Between <b> and </b> stands text.",
        "<b></b> is empty.",
        "</i>backwards<i>",
        '<b class="x">a</b>',
        "<span>a</span> <div>b</div> <p>c</p>",
        "<a href='https:'>a</a>",
        "<script>a</script>",
        "<think>a</think>",
        "<B onclick=a()>b</B>",
        "a<b and c>d",
        "List<String> and vector<int>",
        "<sub>a",
        "<details> is a tag",
        "<summary>a</summary>",
        "1 <2 and 3> 2, x<5",
    ],
)
def test_all_else_is_text(text):
    seen = assert_safe(render_markdown(text))
    assert seen.text == text
    assert seen.tags == {"p"}


def test_code_keeps_its_tags():
    assert assert_safe(render_markdown("`<b>a</b>`")).text == "<b>a</b>"


@cases(
    ("text", "html"),
    [
        (
            "<details>\n<summary>More *here*</summary>\n\n**Hidden**\n\n- a\n\n</details>\n\nAfter",
            "<details><summary>More <em>here</em></summary><p><strong>Hidden</strong></p>"
            "<ul><li>a</li></ul></details><p>After</p>",
        ),
        (
            "<details><summary>S</summary>Text</details>\nAfter",
            "<details><summary>S</summary><p>Text</p></details><p>After</p>",
        ),
        (
            "<details open>\n<summary>\nS\n</summary>\nText\n</details>",
            "<details><summary>S</summary><p>Text</p></details>",
        ),
        (
            "Before\n<DETAILS>\n\nText\n\nmore",
            "<p>Before</p><details><p>Text</p><p>more</p></details>",
        ),
        (
            "- a\n  <details>\n  <summary>S</summary>\n  b\n  </details>\n- c",
            "<ul><li>a\n<details><summary>S</summary><p>b</p></details></li><li>c</li></ul>",
        ),
        (
            "<details>\n<details>\na\n</details>\nb\n</details>\nc",
            "<details><details><p>a</p></details><p>b</p></details><p>c</p>",
        ),
        (
            "<details><summary>S</summary>\n\n```\ncode\n```\n</details>",
            "<details><summary>S</summary><pre><code>code\n</code></pre></details>",
        ),
    ],
)
def test_details_hold_blocks(text, html):
    shown = render_markdown(text)
    assert_safe(shown)
    assert shown == html


@cases("pattern", ["<b>", "</b>", "<b>a", "<details>\n", "<details>\n</details>\n", "<sub>x</sub>"])
def test_many_tags_are_safe(pattern):
    assert_safe(render_markdown(pattern * 5000))

"""Directions: each block runs as its own letters do, and code from left to right."""

from kindlechat.rendering.answer.direction import is_rtl
from tests.answer.rendered import assert_safe, render_markdown
from tests.cases import cases


@cases(
    ("text", "html"),
    [
        ("שלום לכם.\n\nHello.", '<p dir="rtl">שלום לכם.</p><p>Hello.</p>'),
        ("# مرحبا", '<h2 dir="rtl">مرحبا</h2>'),
        ("Linux هو نظام تشغيل حر", '<p dir="rtl">Linux هو نظام تشغيل حر</p>'),
        ("The word שלום means peace.", "<p>The word שלום means peace.</p>"),
        ("שלום (shalom) means peace in Hebrew.", "<p>שלום (shalom) means peace in Hebrew.</p>"),
        ("`ls` هو أمر", '<p dir="rtl"><code dir="ltr">ls</code> هو أمر</p>'),
        ("```\n# שלום\n```", "<pre><code># שלום\n</code></pre>"),
        ("> اقتباس", '<blockquote dir="rtl"><p>اقتباس</p></blockquote>'),
        ("> اقتباس طويل\n>\n> English", None),
        (
            "- واحد\n- two\n- ثلاثة",
            '<ul dir="rtl"><li dir="rtl">واحد</li><li dir="ltr">two</li><li dir="rtl">ثلاثة</li></ul>',
        ),
        ("1. one\n2. اثنان", '<ol><li>one</li><li dir="rtl">اثنان</li></ol>'),
        ("- one\n  - واحد", '<ul><li>one\n<ul dir="rtl"><li>واحد</li></ul></li></ul>'),
        (
            "HTML و CSS و JavaScript أساس الويب",
            '<p dir="rtl">HTML و CSS و JavaScript أساس الويب</p>',
        ),
        ("12:30 – 45", "<p>12:30 – 45</p>"),
        (
            "נכון: $3 + 4 = 7$, 5 > 2.",
            '<p dir="rtl">נכון: <span dir="ltr">3 + 4 = 7</span>, <span dir="ltr">5 &gt; 2</span>.</p>',
        ),
        ("الحل $2x - 1 < 9$ هنا", '<p dir="rtl">الحل <span dir="ltr">2x − 1 &lt; 9</span> هنا</p>'),
        (
            "12-15 בינואר, 10% הנחה, C++ و 3, 4",
            '<p dir="rtl">12-15 בינואר, 10% הנחה, C++ و 3, 4</p>',
        ),
        ("3 + 4 = 7 (שלום)", None),
    ],
)
def test_a_block_runs_as_its_letters_do(text, html):
    shown = render_markdown(text)
    assert_safe(shown)
    assert html is None or shown == html


def test_a_table_runs_as_its_letters_do():
    html = render_markdown("|اسم|قيمة|\n|-|-|\n|أحمد|English|")
    assert html.startswith('<table dir="rtl"><thead><tr><th>')
    assert '<td>أحمد</td><td dir="ltr">English</td>' in html


def test_code_within_another_direction_runs_from_left_to_right():
    html = render_markdown("- שורה\n\n  ```\n  a = 1\n  ```")
    assert '<pre dir="ltr"><code>' in html


@cases(
    ("text", "rtl"), [("מה שלומך?", True), ("What is שלום?", False), ("", False), ("123", False)]
)
def test_a_question_runs_as_its_letters_do(text, rtl):
    assert is_rtl(text) is rtl

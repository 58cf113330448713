"""Asterisks, underscores and tildes: which emphasise, and which are what the model wrote."""

import re
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from kindlechat.rendering.answer import emphasis
from kindlechat.rendering.answer.markdown import markdown_parser, parse_blocks
from kindlechat.rendering.answer.openings import read_inline
from tests.answer.rendered import assert_safe, render_markdown
from tests.cases import cases

AS_WRITTEN = [
    "It is 3**4 = 81 and 3**5 = 243.",
    "The area is w*h, the volume w*h*d.",
    "6*7*8 = 336",
    "So x**2 + y**2 = r**2 holds.",
    "Try (a+b)*c + d*(e+f) or (n-1)**2 - 4**(m).",
    "rate*(1+r)**n and fee*(1-q)**m",
    "a**b**c",
    "0.5*(a+b)*h",
    "A*B + C*D",
    "v=m*x+b, F=m*a, E=m*c**2",
    "'ab'*3 + 4*'cd'",
    "10**-3 to 10**-6",
    "x*=2; y**=3",
    "int* p; char* q; int **r, **s;",
    "def f(*args, **kwargs): ...",
    "5~~7 and 6~~8 people",
    "~5 to ~10 minutes, ~/notes and ~/mail",
    "src/**/*.css and docs/**/*.html, dist/**",
    "*.log and *.tmp",
    "/*odd*/ or /* usual */",
    "Edit __init__.py, then call obj.__len__() or __str__.",
    "see __tests__/unit and __all__ = []",
    "first_name_only and 5_000_000",
    "(f)_x + g_(y)",
    "10 * 5 * 2 and 2 ** 8",
    "price* and stock* are guesses",
    "src/**/spec_*.py and lib/**/spec_*.py",
    "30~40 °C, 5~6 h",
    "select count(*), max(a) from b and count(*) again, then (*) for a note",
    "*.* and dir *.*",
    "Patterns: .* and .*? and ^.*$ with [a-z]* or (.*) there",
    "20%*3 and 4%*5, 3!*2 and 45°*2",
    "p[*] = q[*]",
    'The "*" and the "*" again, “_” and “_”, (~~) or (~~), |*|*|',
    "Day ___/___/___ or ___|___ or (____) and (____)",
    "_own_name and its_other_ or _third and other_name_",
    r"\d+\.\d* or ^\w*\-\d{2}$ or (\(\s\))*\b and [\w.]+@[\w]+\.\w{2,}",
    r'print("Hi \(name), \(user.id), \(items[0])!")',
    r"So ¯\_(ツ)_/¯ and (^_^) -_- or >_< *_* ;_; and T_T, o_O.",
    r"sed 's/\(a\)\.b/\1c/g' then s/\[x\]\*/\2/",
    "function __construct($a) { parent::__construct($b); } self::__x, $this->_y, $_z, _f(1)_",
    "合同_草稿_二稿 和 数据_v3_汇总.xlsx",
    r"\\host\files and \\10.0.0.7\d$\_old, D:\tools\(x86)\[new]\!now, C:\*.txt",
    r"(E:\_notes\#1) .\_env\Scripts, %TEMP%\_a, HKLM\Software\_b",
]


@cases("text", AS_WRITTEN)
def test_operators_and_names_stay_as_they_are(text):
    seen = assert_safe(render_markdown(text))
    assert seen.text == text
    assert not seen.tags & {"em", "strong", "s"}


@cases(
    "text",
    [
        *("3**4 = 81", "w*h", "x**2 + y**2 = r**2", "(a+b)*c + d*(e+f)", "4**(m)", "10**-3"),
        *("x**=2", "src/**/*.css", "__init__.py", "5~~7", "'ab'*3", "m*c**2", "2 * 3"),
    ],
)
def test_they_do_not_end_what_they_stand_in(text):
    html = render_markdown(f"Note: **well {text} end** then")
    assert "<strong>well " in html
    assert " end</strong> then" in html


@cases(
    ("text", "html"),
    [
        ("*one* and _two_", "<em>one</em> and <em>two</em>"),
        ("**one** and __two__", "<strong>one</strong> and <strong>two</strong>"),
        ("***both***", "<em><strong>both</strong></em>"),
        ("~~gone~~ here", "<s>gone</s> here"),
        ("**P**ortable **N**etwork", "<strong>P</strong>ortable <strong>N</strong>etwork"),
        ("Hyper**T**ext", "Hyper<strong>T</strong>ext"),
        ("cant**o**, cant**as**", "cant<strong>o</strong>, cant<strong>as</strong>"),
        ("walk*ing*.", "walk<em>ing</em>."),
        ("**many words**ly", "<strong>many words</strong>ly"),
        ("**CO**2 and the **2**nd", "<strong>CO</strong>2 and the <strong>2</strong>nd"),
        ("**1999**, **2000** (**3**)", None),
        ("**w*h**", "<strong>w*h</strong>"),
        ("**Linux**/**macOS**", "<strong>Linux</strong>/<strong>macOS</strong>"),
        ("**/etc/hosts**", "<strong>/etc/hosts</strong>"),
        ("__Careful:__ now", "<strong>Careful:</strong> now"),
        ("**a *b* c**", "<strong>a <em>b</em> c</strong>"),
        (r"**D:\data\** and C:\\Users", r"<strong>D:\data\</strong> and C:\Users"),
        ("_two_words_ and _one more_", "<em>two_words</em> and <em>one more</em>"),
        ("**Careful:**now", "<strong>Careful:</strong>now"),
        ("**Hi!**You **(all)**come", "<strong>Hi!</strong>You <strong>(all)</strong>come"),
        ("**Внимание:**текст", "<strong>Внимание:</strong>текст"),
    ],
)
def test_emphasis_is_emphasis(text, html):
    shown = render_markdown(text)
    assert not re.search(r"[*_~]{2}", shown)
    assert html is None or shown == f"<p>{html}</p>"


@cases(
    ("text", "html"),
    [
        ("**提示：**请保存。", "<strong>提示：</strong>请保存。"),
        ("按**“开始”**键。", "按<strong>“开始”</strong>键。"),
        ("请**（必须）**填写", "请<strong>（必须）</strong>填写"),
        ("これは**「大事」**です。", "これは<strong>「大事」</strong>です。"),
        ("**終わり。**次へ", "<strong>終わり。</strong>次へ"),
        ("**서울(Seoul)**은 도시", "<strong>서울(Seoul)</strong>은 도시"),
        ("한국어*강조*입니다", "한국어<em>강조</em>입니다"),
        ('**"값"**을 넣는다', '<strong>"값"</strong>을 넣는다'),
        ("~~旧（廃止）。~~新", "<s>旧（廃止）。</s>新"),
        ("~~“旧”~~新", "<s>“旧”</s>新"),
        ("用**Git**管理", "用<strong>Git</strong>管理"),
        ("**`代码`**后", "<strong><code>代码</code></strong>后"),
        ("葛\U000e0100**「あ」**い", "葛\U000e0100<strong>「あ」</strong>い"),
        ("变量2**3等于8", "变量2**3等于8"),
        ("_这里_和__那里__。", "<em>这里</em>和<strong>那里</strong>。"),
        ("，_重点_是：__大事__吗", "，<em>重点</em>是：<strong>大事</strong>吗"),
        ("คำ**หนา**ต่อ", "คำ<strong>หนา</strong>ต่อ"),
        ("**หัวข้อ:**เนื้อหา", "<strong>หัวข้อ:</strong>เนื้อหา"),
    ],
)
def test_marks_beside_chinese_japanese_and_korean_signs(text, html):
    assert render_markdown(text) == f"<p>{html}</p>"


# Comparisons


@cases(
    "text",
    [
        "- < 5: low\n- > 20: high\n- >= 50: top",
        "1. > 90 %\n2. >=80 %",
        "* > $100\n* > -3 °C",
        "< 5: low\n> 20: high",
        "Under 5: low\n> 20: high\n> 50 = top",
        ">= 18 may vote",
        ">50% agree",
        "> 2,000 readers = many",
        "> 20 warm, < 5 cold",
        "> 90 → A\n> 80 → B",
        "< 5 low\n> 20 high\n> 50 top",
        "- item\n  - > 5 kg: heavy",
        "**Limits**\n> 25 kg: heavy",
        "> 100 readers: many\n< 100 readers: few",
    ],
)
def test_greater_than_a_number_is_no_quotation(text):
    seen = assert_safe(render_markdown(text))
    assert "blockquote" not in seen.tags
    assert seen.text.count(">") == text.count(">")


@cases(
    "text",
    [
        "> said",
        ">said",
        "> 42 is the answer, he said.",
        "> 1. first",
        "> 1969: a man walks on the moon",
        "> 10:30 is late",
        "> 2008 crisis: it began",
        "Words\n> quoted",
        "- item\n  > quoted",
        "> > twice",
    ],
)
def test_a_quotation_may_begin_with_a_number(text):
    seen = assert_safe(render_markdown(text))
    assert "blockquote" in seen.tags
    assert ">" not in seen.text


def test_an_operator_that_an_item_begins_with_is_no_list_of_its_own():
    html = render_markdown("- + adds\n- - subtracts\n- * multiplies\n  - a list")
    assert html == (
        "<ul><li>+ adds</li><li>- subtracts</li><li>* multiplies\n<ul><li>a list</li></ul></li></ul>"
    )


PARSER = markdown_parser()
AROUND_STRONG = ["**", "**", " **", "** ", "*", "_", "~~", "`", "[", "](http://a.b)", "<b>", "</b>"]
AROUND_STRONG += [
    "a",
    "b c",
    "é",
    "ж",
    "中",
    "ก",
    "7",
    " ",
    "\n",
    ".",
    ":",
    "://",
    "!",
    "?",
    ")",
    "(",
]
AROUND_STRONG += ['"', "–", "\\"]


@given(st.lists(st.sampled_from(AROUND_STRONG), max_size=16).map("".join))
def test_strong_text_that_is_read_at_once_is_what_the_rules_make_of_it(text):
    at_once = parse_blocks(text), read_inline(PARSER, text)
    with patch.object(emphasis, "PLAIN_STRONG", re.compile(r"(?!)")):
        assert (parse_blocks(text), read_inline(PARSER, text)) == at_once

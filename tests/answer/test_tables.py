"""Tables: real ones where they fit, else each row by itself."""

from kindlechat.rendering.answer.growing import Growing
from kindlechat.rendering.answer.tables import WIDE
from tests.answer.rendered import assert_safe, render_markdown


def test_a_table_too_wide_becomes_a_list_below_the_first_cells():
    wide = "|Name|Meaning|\n|-|-|\n|a < b|*less*|\n||more|"
    assert "<table>" in render_markdown(wide)
    assert Growing(columns=12).html(wide, ended=True) == (
        "<p>Name | Meaning</p><p><strong>a &lt; b</strong><br>Meaning: <em>less</em></p><p>Meaning: more</p>"
    )
    many = "|" + "a long heading|" * 5 + "\n|" + "-|" * 5 + "\n|" + "x|" * 5
    assert render_markdown(many).count("<br>a long heading: x") == 4


def test_a_heading_that_is_strong_is_not_so_twice():
    html = Growing(columns=9).html("|long name|b|\n|-|-|\n|**x**|*y*|", ended=True)
    assert html == "<p>long name | b</p><p><strong>x</strong><br>b: <em>y</em></p>"


def test_a_list_of_a_table_without_a_first_heading_has_no_line_of_labels():
    html = Growing(columns=9).html("||first|second|\n|-|-|-|\n|a|1|2|", ended=True)
    assert html == "<p><strong>a</strong><br>first: 1<br>second: 2</p>"


def test_a_label_that_ends_with_a_colon_has_one():
    html = Growing(columns=9).html("|name|long label:|\n|-|-|\n|a|1|", ended=True)
    assert html.endswith("<strong>a</strong><br>long label: 1</p>")


def test_a_list_in_a_cell_has_lines():
    html = render_markdown("|a|b|\n|-|-|\n|x|<ul><li>one</li> <li>two</li></ul>|\n|`<li>`|y|")
    assert "<td>• one<br>• two</td>" in html
    assert "<code>&lt;li&gt;</code>" in html


def test_a_wide_screen_has_real_tables():
    many = "|" + "a long heading|" * 12 + "\n|" + "-|" * 12 + "\n|" + "x|" * 12
    assert "<table>" in Growing(columns=WIDE).html(many, ended=True)


def test_chinese_cells_wrap_within_a_table():
    assert "<table>" in render_markdown("|项目|说明|\n|-|-|\n|甲|" + "很长的说明" * 10 + "|")


def test_cells_beyond_the_heads_are_kept():
    html = render_markdown("|a|b|\n|-|-|\n|1|2|*3*||4\\|5|\n|6|\n7|8|9")
    assert html == (
        "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>"
        "<tr><td>1</td><td>2 | <em>3</em> | 4|5</td></tr>"
        "<tr><td>6</td></tr><tr><td>7</td><td>8 | 9</td></tr></tbody></table>"
    )
    quoted = render_markdown("> |a|b|\n> |-|-|\n> |1|2|3|")
    assert "<td>2 | 3</td>" in quoted


def test_a_bar_in_the_address_of_a_link_parts_no_cells():
    html = render_markdown("|a|b|\n|-|-|\n|[x](https://x.example/p|q)|y|")
    assert "%7C" in html
    assert "<td>y</td>" in html


def test_a_bar_in_brackets_parts_no_cells_of_a_row_that_has_too_many():
    html = render_markdown("|a|b|\n|-|-|\n| y ~ (1 | g) | x |\n| u | v | w |")
    assert "<td>y ~ (1 | g)</td><td>x</td>" in html
    assert "<td>u</td><td>v | w</td>" in html


def test_a_row_of_nothing_is_no_line_of_a_list():
    html = Growing(columns=3).html("|aaaa|b|\n|-|-|\n|1|2|\n||\n|3|4|", ended=True)
    assert html.count("<p>") == 3


def test_a_cell_may_have_lines():
    assert "<td>1<br>2</td>" in render_markdown("|a|b|\n|-|-|\n|1<br>2|3|")


def test_a_table_keeps_its_cells_and_their_alignment():
    html = render_markdown("|a|b|c|\n|:-:|--:|:--|\n|1|2|3|")
    assert {"table", "thead", "tbody", "tr", "th", "td"} == assert_safe(html).tags
    assert '<th align="center">a</th><th align="right">b</th><th>c</th>' in html
    assert '<td align="center">1</td><td align="right">2</td><td>3</td>' in html

"""The hostile corpus: texts of any length that strain whatever parses, renders, cuts or compares answers.

Each pattern makes a text of so many characters. Most repeat one piece; the others grow, nest or begin
with something that all of the rest stands in.
"""

import string
from collections.abc import Callable, Iterator
from itertools import count

from kindlechat.rendering.answer.code import LANGUAGES

Pattern = Callable[[int], str]


def repeated(piece: str, before: str = "", after: str = "") -> Pattern:
    """A piece over and over, between a beginning and an end."""

    def make(chars: int) -> str:
        room = max(0, chars - len(before) - len(after))
        return (before + (piece * (room // len(piece) + 1))[:room] + after)[:chars]

    return make


def counted(piece: Callable[[int], str]) -> Pattern:
    """Pieces for 1, 2, 3 and so on, as many as there is room for."""

    def make(chars: int) -> str:
        pieces, length = [], 0
        for number in count(1):
            pieces.append(piece(number))
            length += len(pieces[-1])
            if length >= chars:
                return "".join(pieces)[:chars]
        raise AssertionError("a piece that is empty")

    return make


def halved(first: str, second: str) -> Pattern:
    """One piece over and over, then another: what the first opened, the second closes or keeps open."""

    def make(chars: int) -> str:
        half = chars // 2
        return repeated(first)(half) + repeated(second)(chars - half)

    return make


def _nested(number: int) -> str:
    """A line of a list that goes one level deeper each time, up to where it begins anew."""
    return "  " * (number % 30) + "- a\n"


def _row(cells: int) -> str:
    return "|a" * cells + "|\n"


def _table(cells: int, cell: str = "b", head: str = "a") -> Pattern:
    """A table of so many columns."""
    begun = f"|{head}" * cells + "|\n" + "|-" * cells + "|\n"
    return repeated(f"|{cell}" * cells + "|\n", before=begun)


def _one_wide_row(chars: int) -> str:
    """A table of as many columns as there is room for, in a head, a rule and a row."""
    cells = max(1, chars // 6 - 1)
    return (_row(cells) + "|-" * cells + "|\n" + _row(cells))[:chars].ljust(chars, "b")


def _every_fence(number: int) -> str:
    return "`" * (number % 200 + 3) + "\n"


def _ticks(number: int) -> str:
    return "`" * (number % 400 + 1) + "a"


def _code(language: str, piece: str) -> Pattern:
    return repeated(piece, before=f"```{language}\n")


PIECES: dict[str, str] = {
    # Blocks
    "items": "- ",
    "items of a letter": "- a\n",
    "numbered items": "1. an item\n",
    "items in items": "- - - a\n",
    "stars in stars": "* a\n  * b\n    * c\n      * d\n",
    "items with paragraphs": "- a\n\n  b\n\n",
    "tasks": "- [ ] a task\n",
    "quotes": ">",
    "quotes apart": "> ",
    "quotes in quotes": "> > > > a\n",
    "quoted lines": "> a line\n",
    "quotes and items": "> - > - > - > - ",
    "quotes and items of words": "> - > - > - > - word word\n",
    "quotes that end": "> a\n\n",
    "headings": "# a\n",
    "small headings": "###### a\n",
    "signs of headings": "#",
    "underlined": "x\n=\n",
    "rules": "---\n",
    "rules of stars": "* * *\n",
    "blank lines": "\n",
    "returns": "\r",
    "blanks": " ",
    "tabs": "\t",
    "indented lines": "    a\n",
    "letters on lines": "a\n",
    "letters apart": "a\n\n",
    "lines of words": "A line of some words,\n",
    "terms": "a\n: b\n",
    "comparisons": "> 5: a\n",
    "more than": ">= 5\n",
    # Emphasis
    "asterisks": "*",
    "asterisks and a letter": "*a ",
    "two asterisks and a letter": "**a ",
    "strong lines": "**a**\n",
    "asterisks in words": "a*b",
    "two asterisks in words": "a**b**",
    "three asterisks": "***a** ",
    "underscores": "_",
    "underscores and a letter": "_a ",
    "two underscores": "__a ",
    "names": "__init__ ",
    "names in names": "a_b_c_",
    "marks that cross": "*a **b _c ~~d ",
    "marks that close late": "**a _b ",
    "tildes": "~",
    "two tildes": "~~a ",
    "lines to write on": "___/___ ",
    "globs": "src/**/*.py ",
    # Code
    "backticks": "`",
    "backticks and a letter": "`a",
    "backticks of two lengths": "`a``",
    "code": "`a` ",
    "code with bars": "`a|b` ",
    "backticks and bars": "`|",
    "bars beside backticks": "| ` ",
    "fences": "```\n",
    "fences of tildes": "~~~\n",
    "named fences": "```md\n",
    "fences with text": "```\na\n```\n",
    "fences in items": "- ```\n",
    "fences in quotes": "> ```\n",
    # Links
    "brackets": "[",
    "closing brackets": "]",
    "brackets in pairs": "[]",
    "brackets and a letter": "[a",
    "pictures": "![",
    "links to nowhere": "[](",
    "links that are open": "[a](",
    "links in links": "[a](http://a.example/[",
    "links": "[a](http://a.example/) ",
    "links of other hosts": "[http://b.example](http://a.example/) ",
    "links by label": "[a][b] ",
    "labels that are open": "[a][",
    "definitions": "[a]: http://a.example/\n",
    "footnotes": "[^1] ",
    "footnotes' texts": "[^1]: a\n",
    "autolinks": "<http://a.example/>",
    "addresses": "http://a.example/ ",
    "addresses without end": "http://a.example/(",
    "schemes": "http://",
    "names of hosts": "www.a.example ",
    "www": "www.",
    "mail": "a@b.example ",
    "parentheses": "(",
    "nested parentheses": "[a](((((",
    "titles": '[a](http://a.example/ "',
    # Tables
    "bars": "|",
    "bars and a letter": "|a",
    "tables": "a|b\n-|-\n",
    "tables of one row": "|a|b|\n|-|-|\n|c|d|\n\n",
    "bars with formulas": "|$a|b$",
    "rules of tables": "|-|-|\n",
    "escaped bars": "\\|",
    # Formulas
    "dollars": "$",
    "dollars and a letter": "$a ",
    "dollars in pairs": "$a$",
    "prices": "$5 ",
    "three dollars": "$$$ ",
    "two dollars and a letter": "$$a",
    "two dollars on lines": "$$\n",
    "two dollars that never end": "$$a\n\n",
    "formulas": "$x^2$ ",
    "fractions": "$\\frac{a}{b}$ ",
    "matrices": "$$\\begin{matrix}a&b\\\\c&d\\end{matrix}$$\n\n",
    "parentheses of formulas": "\\(",
    "parentheses and a letter": "\\(a",
    "formulas in parentheses": "\\(a\\) ",
    "brackets of formulas": "\\[",
    "brackets on lines": "\\[\n",
    "brackets that close": "\\]\n\\[",
    "brackets in quotes": "> \\[\n",
    "dollars in items": "- $$\n",
    "beginnings": "\\begin{",
    "beginnings of align": "\\begin{align}\n",
    "ends of align": "\\end{align}\n",
    "dollar and backslash": "$\\",
    "backslashes": "\\",
    "dollars in words": "a$b ",
    "a dollar on each line": "$a\n",
    "brackets and a sign": "\\[=",
    "brackets in parentheses": "\\(\\[",
    "ends of parentheses": "\\)",
    "escapes": "\\*",
    "two backslashes": "\\\\[",
    # Tags and entities
    "less than": "<",
    "less than and a letter": "<a ",
    "greater than and a letter": "a>",
    "ampersands": "&",
    "entities": "&amp;",
    "entities that are open": "&amp",
    "numbers of signs": "&#65;",
    "bold tags": "<b>",
    "bold tags in pairs": "<b>a</b>",
    "bold tags that cross": "<b><i>a</b></i>",
    "ends of tags": "</b>",
    "line breaks": "<br>",
    "tags with attributes": '<a href="',
    "scripts": "<script>alert(1)</script>",
    "comments": "<!--",
    "processing": "<?",
    "declarations": "<![CDATA[",
    "details": "<details>\n",
    "details that end": "<details>\na\n</details>\n",
    "summaries": "<summary>a",
    "details with summaries": "<details><summary>a</summary>\n\nb\n\n</details>\n",
    "raised and lowered": "<sup>a<sub>b",
    # Signs
    "quotation marks": '"',
    "apostrophes": "'a",
    "bangs": "!",
    "colons": ":",
    "dots": ".",
    "sentences": "Yes. ",
    "hyphens": "-",
    "plus signs": "+\n",
    "equals signs": "=",
    "semicolons": "; ",
    "percent signs": "%41",
    "NULs": "\0",
    "form feeds": "\x0c",
    "separators": "\u2028",
    "digits": "1234567890",
    "digits and dots": "1.",
    # Scripts
    "Chinese": "这是一段没有标点也没有空白的中文文字",
    "Chinese sentences": "这是一句话。",
    "Chinese with marks": "这**是**一段",
    "Japanese": "これは「日本語」の文。",
    "Thai": "ภาษาไทยเขียนติดกัน",
    "Hebrew": "מילים ",
    "Arabic": "كلمات ",
    "directions in turn": "מילה word ",
    "marks of direction": "\u202e",
    "embeddings": "\u202aa\u202c",
    "accents": "\u0301",
    "a letter with accents": "e" + "\u0301" * 50,
    "joiners": "\u200d",
    "blanks before a letter": " " * 100 + "a\n",
    "words and a foreign letter": "word " * 100 + "é ",
    "spaces of no width": "\u200b",
    "soft hyphens": "a\u00ad",
    "hard spaces": "\u00a0",
    "emoji": "😀",
    "families": "👩\u200d👩\u200d👧\u200d👦",
    "skins": "👍🏽",
    "flags": "🇩🇪",
    "halves of flags": "🇩",
    "astral letters": "𝔘𝔫𝔦 ",
    "rare ideographs": "𠀀𠀁",
    "boxes": "┌─┐│",
    "fractions of a sign": "½¾⅞",
    "raised signs": "x²⁺ⁿ",
    "Greek letters": "αβγ ",
    "roots": "√2∑∫",
    # Words
    "words": "word ",
    "one word": "x",
    "one capital word": "W",
    "long words": "x" * 400 + " ",
    "hyphens in words": "long-long-",
    "words and slashes": "a/b/",
    "lines without end": "a b c d e f g h ",
}
"""Pieces that are repeated, by the name of their pattern."""

GROWING: dict[str, Pattern] = {
    "numbers on lines": counted(lambda number: f"{number}\n"),
    "deeper and deeper items": counted(_nested),
    "quotes of every depth": counted(lambda number: "> " * (number % 60 + 1) + "a\n"),
    "indented ever more": counted(lambda number: " " * (number % 200) + "a\n"),
    "fences of every length": counted(_every_fence),
    "backticks of every length": counted(_ticks),
    "tildes of every length": counted(lambda number: "~" * (number % 100 + 3) + "\n"),
    "asterisks of every length": counted(lambda number: "*" * (number % 50 + 1) + "a "),
    "words of every length": counted(lambda number: "x" * (number % 500 + 1) + " "),
    "many footnotes": counted(lambda number: f"a[^{number}]\n\n[^{number}]: b\n\n"),
    "many definitions": counted(lambda number: f"[a][{number}]\n\n[{number}]: http://a.example/{number}\n"),
    "many links": counted(lambda number: f"[word](http://a.example/{number}) "),
    "many sources": counted(lambda number: f"[{number}] [word](http://a.example/{number})\n"),
    "many numbered items": counted(lambda number: f"{number}. a\n"),
    "many addresses": counted(lambda number: f"http://a{number}.example/ "),
    "many lists": counted(lambda number: f"{number * 2}. a\n\nb\n\n"),
    "many languages": counted(lambda number: f"```lang{number}\na\n```\n"),
    "ever more cells": counted(lambda number: _row(number % 300 + 1)),
    "all signs": counted(lambda number: string.punctuation[number % 32] + "a"),
    "all of Unicode": counted(lambda number: chr(0xA1 + number * 7 % 0xD000)),
    "emoji of all kinds": counted(lambda number: chr(0x1F300 + number % 0x600)),
    "asterisks of two depths": halved("*a ", "b* "),
    "brackets that all close": halved("[", "]"),
    "links that all close": halved("[a", "](http://a.example/)"),
    "tags that all close": halved("<b>a", "</b>"),
    "details that all close": halved("<details>\n", "</details>\n"),
    "code that all closes": halved("`a", "``"),
    "braces that all close": halved("$\\frac{", "}"),
    "one formula of fractions": repeated("\\frac{a}{", before="$$"),
    "one formula of roots": repeated("\\sqrt{", before="\\["),
    "one formula of powers": repeated("x^{", before="$"),
    "one formula of environments": repeated("\\begin{cases}", before="$$\n"),
    "one formula of letters": repeated("a ", before="$$", after="$$"),
    "one matrix": repeated("a & b \\\\", before="$$\\begin{matrix}", after="\\end{matrix}$$"),
    "one item of words": repeated("word ", before="- "),
    "one item of lines": repeated("  a line\n", before="- a\n"),
    "one item of items": repeated("  - a\n", before="- a\n"),
    "one quote of words": repeated("word ", before="> "),
    "one heading": repeated("word ", before="# "),
    "one strong text": repeated("word ", before="**", after="**"),
    "one code": repeated("a ", before="`", after="`"),
    "one link": repeated("word ", before="[", after="](http://a.example/)"),
    "one address": repeated("a/", before="http://a.example/"),
    "one link to a long address": repeated("a", before="[a](http://a.example/", after=")"),
    "one long address in angles": repeated("a", before="<http://a.example/", after=">"),
    "one tag": repeated("a ", before="<b>", after="</b>"),
    "one detail": repeated("word\n\n", before="<details>\n<summary>a</summary>\n\n"),
    "one definition": repeated("a", before="[a]: http://a.example/"),
    "one fence": repeated("a line of code\n", before="```\n"),
    "one fence of blank lines": repeated("\n", before="```\n"),
    "one fence of a long line": repeated("code ", before="```\n"),
    "one fence of Markdown": repeated("```py\na\n```\n", before="```markdown\n"),
    "one fence of a formula": repeated("a ", before="```math\n"),
    "one row": _one_wide_row,
    "one row with more cells": repeated("|a word", before="|a|\n|-|\n"),
    "one cell of words": repeated("word ", before="|a|b|\n|-|-|\n|"),
    "one heading of words": repeated("word ", before="|", after="|\n|-|\n|a|"),
    "table of two": _table(2),
    "table of two, long cells": _table(2, cell="a long cell of words ", head="a long heading"),
    "table of fifty": _table(50),
    "table of a hundred": _table(100),
    "table of code": _table(3, cell="`a|b`"),
    "table of formulas": _table(3, cell="$a$"),
    "table of line breaks": _table(2, cell="a<br>" * 20),
    "table of lists": _table(2, cell="<ul><li>a</li></ul>"),
    "table with few cells": repeated("|b\n", before=_row(400) + "|-" * 400 + "|\n"),
    "table with more cells": repeated(_row(400), before="|a|\n|-|\n"),
    **{f"lines in {language}": _code(language, "if x: y = 'z' # a\n") for language in sorted(LANGUAGES)},
    **{
        f"{name} in {language}": _code(language, piece)
        for language in ("python", "html", "perl", "sql", "bash", "ruby")
        for name, piece in {
            "quotation marks": '"',
            "brackets": "([{",
            "comments": "/*<!--",
            "words": "word ",
        }.items()
    },
}  # fmt: skip

PATTERNS: dict[str, Pattern] = {
    **{name: repeated(piece) for name, piece in PIECES.items()},
    **GROWING,
}
"""All patterns by their names. `PATTERNS[name](chars)` is a text of exactly so many characters."""


def texts(chars: int) -> Iterator[tuple[str, str]]:
    """The name of each pattern, and its text of so many characters."""
    for name, pattern in PATTERNS.items():
        yield name, pattern(chars)

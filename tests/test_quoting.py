"""The upstream's own words in the log: no key, no text of a reader's, one short line."""

import json
from urllib.parse import quote

from kindlechat.upstream.quoting import MAX_CHARS, fit_for_log
from tests.cases import cases

KEY = "AQ.a-secret-key-of-mine"
QUESTION = "How do I tell my mother that I am leaving?\nОна не поймёт."


def quoted(words, *texts):
    return fit_for_log(words, keys=[KEY], texts=texts)


@cases(
    "words",
    [
        "models/gemini-9 is not found for API version v1beta, or is not supported.",
        "API key not valid. Please pass a valid API key.",
        "You exceeded your current quota, please check your plan and billing details.",
        "Request had invalid authentication credentials. Expected OAuth 2 access token.",
    ],
)
def test_what_helps_the_operator_stays(words):
    assert quoted(words, QUESTION) == words


@cases(
    "words",
    [
        f"bad key {KEY}",
        f"GET /v1beta/models?key={KEY}&alt=sse",
        "Incorrect API key provided: AQ.a-s***mine.",
        f"the key {KEY[:9]}… was refused",
        "headers: {'x-goog-api-key': 'AIzaSyA-other', 'Authorization': 'Bearer mine-too'}",
        "https://user:mine@proxy.example/ refused",
        '{"api_key": "mine"}',
        f"see /x?q={quote(KEY, safe='')}",
    ],
)
def test_no_key_is_quoted(words):
    line = quoted(words)
    assert "[…]" in line
    for piece in ("secret", "mine", "AQ.a-s", "SyA-other"):
        assert piece not in line


@cases("shown", ["plainly-mine-7", "PLAINLY-MINE-7", "plainly-mi", "lainly-mine-7"])
def test_a_key_of_any_make_is_known_by_its_pieces(shown):
    assert fit_for_log(f"who is {shown} ?", keys=["plainly-mine-7"], texts=[]) == "who is […] ?"


@cases(
    "echo",
    [
        QUESTION,
        QUESTION.upper(),
        json.dumps(QUESTION),
        json.dumps(QUESTION, ensure_ascii=False),
        quote(QUESTION),
        QUESTION.replace("\n", "&#10;"),
        QUESTION[5:30],
        QUESTION.replace("\n", "   "),
    ],
)
def test_no_text_of_a_readers_is_quoted(echo):
    line = quoted(f"Invalid value at contents[0]: {echo} (TYPE_STRING)", QUESTION)
    assert line.startswith("Invalid value at contents[0]: ")
    assert "[…]" in line
    for piece in ("mother", "leaving", "MOTHER", "поймёт"):
        assert piece not in line


@cases(("text", "words"), [("Зачем", "no: Зачем?"), ("密码", "不:密码是"), ("hi", "hi, no")])
def test_a_short_question_is_not_quoted_either(text, words):
    assert text not in quoted(words, text)
    assert quoted("this is what it is", "hi") == "this is what it is"


def test_it_is_one_short_line():
    line = quoted("a\nb\r\x1b[31m\u2028c\0" + "x" * 9999)
    assert line.startswith("a b [31m c ")
    assert len(line) <= MAX_CHARS + 1
    assert line.isprintable()
    assert quoted(" \n") == ""


def test_an_echo_is_found_wherever_it_stands_in_a_long_text():
    text = "".join(f"{number:05}" for number in range(2000))
    for start in range(100, 130):
        echo = text[start : start + 12]
        assert quoted(f"no: {echo}!", text) == "no: […]!"
        assert quoted(f"no: {echo[1:]}!", text) == f"no: {echo[1:]}!"
    assert quoted(f"no: {text[-12:]}!", text) == "no: […]!"
    assert quoted(f"no: {text[:12]}!", text) == "no: […]!"

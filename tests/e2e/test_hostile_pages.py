"""Hundreds of scripts in questions and answers, in a real browser: none runs, and none is even tried."""

import pytest

from harness.behaviours import answer
from harness.browsers.devtools import Chromium
from harness.browsers.programs import until
from harness.scripts import VECTORS
from harness.servers import AppServer

SCREEN = (758, 1024)

PAGES = 6

TEXTS = ["\n\n".join(VECTORS[number::PAGES]) for number in range(PAGES)]

FOREIGN = """(function () {
  var odd = [], elements = document.querySelectorAll("*");
  for (var i = 0; i < elements.length; i++) {
    var element = elements[i], tag = element.tagName.toLowerCase();
    if (/^(iframe|object|embed|img|svg|math|style|base|template|video)$/.test(tag)) odd.push(tag);
    if (tag === "script" && !/^\\/assets\\//.test(element.getAttribute("src"))) odd.push(tag);
    for (var j = 0; j < element.attributes.length; j++) {
      var name = element.attributes[j].name, value = element.attributes[j].value;
      if (/^on|srcdoc/.test(name)) odd.push(tag + " " + name);
      if (/^(href|src|action)$/.test(name) && !/^([\\/#?]|https?:\\/\\/)/.test(value)) odd.push(value);
    }
  }
  return odd;
})()"""
"""What no page of ours has: elements and attributes that run something, and addresses elsewhere than on
the web."""


@pytest.fixture(scope="module")
def server(site, upstream, tmp_path_factory):
    folder = tmp_path_factory.mktemp("app")
    with AppServer(folder, GEMINI_BASE_URL=upstream.base_url) as server:
        yield server


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """One page for all tests: to start a browser takes as long as most of them."""
    folder = tmp_path_factory.mktemp("chromium")
    with Chromium("chromium", folder, SCREEN) as browser, browser.page() as page:
        yield page


def assert_nothing_ran(page):
    assert page.run("window.ran === undefined")
    assert page.run(FOREIGN) == []
    tried = [said for said in page.complaints() if "status of 400" not in said]
    assert tried == [], "the policy of the page had nothing to refuse"


def ended(page):
    """A long answer has no state on its page: it comes in parts, and is loaded again until it has ended."""
    state = page.run("(document.getElementById('answer') || document.body).dataset.state || ''")
    again = page.run("document.querySelector('meta[http-equiv=refresh]') !== null")
    in_parts = page.run("location.pathname").startswith("/c/") and not again
    return page.loaded() and (state not in ("waiting", "streaming") if state else in_parts)


def test_there_are_hundreds_of_them():
    assert len(set(VECTORS)) > 400


@pytest.mark.parametrize("number", range(PAGES))
@pytest.mark.parametrize("path", ["/", "/poll/", "/plain/"])
def test_no_script_in_an_answer_runs(page, server, upstream, path, number):
    """While it grows by events, by polls or as a page; then on the finished page, and on its screens."""
    text = TEXTS[number]
    size = len(text) // 4
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    upstream.script(answer(pieces=pieces, delay_s=0.3))
    page.open(server.url + path)
    page.fill("message", f"Hostile {path} {number}?")
    page.press("send")
    until(lambda: page.loaded() and ended(page), "end")
    assert_nothing_ran(page)
    address = page.run("location.href").partition("?")[0].partition("#")[0].removesuffix("/live")
    if "/c/" not in address:
        address = (
            server.url
            + page.run("document.querySelector('#actions form').getAttribute('action')").rpartition(
                "/"
            )[0]
        )
    for view in ("?turn=1", "?screen=1", "?screen=2"):
        page.open(address + view)
        until(page.loaded, "page")
        assert_nothing_ran(page)


def test_no_script_in_a_question_runs(page, server, upstream):
    """On the page of its answer, in the form to edit it, and where it is refused and given back."""
    question = " ".join(VECTORS[::9])[:3000] + " </textarea><script>window.ran=1</script>"
    upstream.script(answer("Because."))
    page.open(f"{server.url}/plain/")
    page.fill("message", question)
    page.press("send")
    until(lambda: page.loaded() and ended(page), "end")
    assert_nothing_ran(page)
    page.press("edit")
    until(lambda: page.loaded() and page.run("location.pathname").endswith("/edit"), "form")
    assert_nothing_ran(page)
    page.fill("message", question + "x" * 8000)
    page.press("send")
    until(lambda: page.loaded() and "8000" in page.text().replace(",", ""), "refusal")
    assert_nothing_ran(page)

"""Languages: whose words a reader gets, by address, by link, and at the first visit."""

import re
from itertools import product
from urllib.parse import urlsplit

import pytest
import requests
from babel import Locale
from babel.numbers import format_decimal

from harness.behaviours import answer, refused_url
from harness.local_app import LocalApp
from harness.servers import ROOT, eventually
from kindlechat.rendering.ui.languages import TARGETS, Language, load_sentences
from tests.cases import cases

TIMEOUT_S = 20
SENTENCES = load_sentences(ROOT / "site/translations")
OTHERS = sorted(SENTENCES.keys() - {"en"})


@pytest.fixture(scope="module")
def app(site, upstream, tmp_path_factory):
    folder = tmp_path_factory.mktemp("app")
    with LocalApp(folder, GEMINI_BASE_URL=upstream.base_url) as server:
        yield server


def get(app, path, **headers):
    return requests.get(app.url + path, headers=headers, allow_redirects=False, timeout=TIMEOUT_S)


def post(app, path, **form):
    return requests.post(app.url + path, form, allow_redirects=False, timeout=TIMEOUT_S)


def lang(page):
    return re.search(r'<html[^>]* lang="([\w-]+)"', page.text)[1]


def instruction(upstream):
    """What the model was last told to be."""
    return upstream.requests[-1].body["systemInstruction"]["parts"][0]["text"]


def test_there_are_eleven_languages():
    assert set(SENTENCES) == set("en ru es de fr it nl ar hi zh-Hans pt-BR".split())


@cases(
    ("code", "own", "english"),
    [
        ("ru", "Русский", "Russian"),
        ("zh-Hans", "简体中文", "Simplified Chinese"),
        ("pt-BR", "Português (Brasil)", "Brazilian Portuguese"),
    ],
)
def test_a_language_has_a_name_for_its_readers_and_one_for_the_model(code, own, english):
    language = Language.of(code)
    assert (language.own_name, language.english_name) == (own, english)


def test_small_numbers_are_the_same_in_every_language():
    for code, number in product(TARGETS, (0, 7, 85, 999, 1000)):
        expected = format_decimal(number, locale=Locale.parse(code, sep="-"))
        assert Language.of(code).number(number) == expected


@cases(
    ("code", "territory", "script"),
    [
        ("zh-Hans", "", "Hans"),
        ("zh-Hans", "TW", "Hant"),
        ("pt-BR", "PT", "Latn"),
        ("ru", "XX", "Cyrl"),
    ],
)
def test_a_language_has_a_script_in_each_territory(code, territory, script):
    assert Language.of(code).script_in(territory) == script


# By the address


@pytest.mark.parametrize("code", OTHERS)
def test_a_conversation_is_in_the_language_of_its_address(app, upstream, code):
    words = SENTENCES[code]
    home = get(app, f"/{code}/")
    assert lang(home) == code
    assert words("ui.ask") in home.text
    (action,) = re.findall(r'action="(/[^"#]*ask)', home.text)
    upstream.script(answer("Blue."))
    asked = post(app, action, message="Why?", mode="refresh")
    assert asked.status_code == 303
    address = urlsplit(asked.headers["Location"]).path
    assert address.startswith(f"/{code}/c/")
    page = get(app, address)
    assert lang(page) == code
    assert words("ui.you_asked") in page.text
    for link in re.findall(r'(?:href|action)="(/[^"]*)"', page.text):
        assert link.startswith((f"/{code}/", "/assets/")), link
    assert lang(get(app, f"{address}/edit")) == code
    assert lang(get(app, address.removeprefix(f"/{code}"))) == "en", (
        "the same one, for another reader"
    )


@pytest.mark.parametrize(("root", "name"), [("", "English"), ("/ru", "Russian"), ("/fr", "French")])
@pytest.mark.parametrize("way", ["form", "api", "continue", "again"])
def test_the_model_is_asked_to_answer_in_the_readers_language(app, upstream, root, name, way):
    upstream.script(answer("Half", finish="MAX_TOKENS"))
    before = len(upstream.requests) + (way in ("continue", "again"))
    question = f"Why this {way}?"  # another one each time: a form sent twice asks nothing anew
    if way == "api":
        url = f"{app.url}{root}/api/replies"
        requests.post(url, json={"message": question}, timeout=TIMEOUT_S).raise_for_status()
    else:
        address = urlsplit(post(app, f"{root}/ask", message=question).headers["Location"]).path
        get(app, address)
        if way != "form":
            post(app, f"{address}/{way}")
            get(app, address)
    said = f"Answer in {name}, or in the language of the question if that is another one."
    eventually(lambda: len(upstream.requests) > before and said in instruction(upstream))


def test_the_api_speaks_the_language_of_its_address(app):
    response = requests.post(f"{app.url}/ru/api/replies", json={}, timeout=TIMEOUT_S)
    assert response.status_code == 400
    expected = SENTENCES["ru"]("error.bad_type", field="message")
    assert response.json()["error"] == {"code": "bad_type", "message": expected}
    made = requests.post(f"{app.url}/ru/api/replies", json={"message": "Why?"}, timeout=TIMEOUT_S)
    urls = made.json()
    assert all(urls[name].startswith("/ru/") for name in ("poll", "stream", "page"))


def test_trouble_is_told_in_the_readers_language(app, site, tmp_path):
    with LocalApp(tmp_path, haste=10, GEMINI_BASE_URL=refused_url()) as cut_off:
        address = urlsplit(post(cut_off, "/de/ask", message="Why?").headers["Location"]).path
        assert SENTENCES["de"]("reason.unreachable") in get(cut_off, address).text
    assert lang(get(app, "/nl/nothing")) == "nl"
    assert lang(get(app, "/nothing")) == "en"
    page = get(app, "/it/c/none")
    assert (page.status_code, lang(page)) == (404, "it")
    assert SENTENCES["it"]("error.unknown_conversation") in page.text


def test_numbers_are_written_as_the_language_does(app):
    assert "8.001" in post(app, "/de/ask", message="x" * 8001).text
    assert "8,001" in post(app, "/ask", message="x" * 8001).text


def test_the_refreshing_and_the_growing_page_stay_in_the_language(app, upstream):
    upstream.script(answer(pieces=["word "] * 20, delay_s=0.03))
    live = urlsplit(post(app, "/es/ask", message="Why so?", mode="live").headers["Location"]).path
    assert live.startswith("/es/c/")
    assert live.endswith("/live")
    page = get(app, live)
    assert lang(page) == "es"
    assert SENTENCES["es"]("ui.again") in page.text


# Settings


def test_settings_lead_back_into_the_language(app):
    page = get(app, "/fr/settings?back=/fr/c/abc")
    assert lang(page) == "fr"
    assert SENTENCES["fr"]("ui.save") in page.text
    saved = post(app, "/fr/settings", size="5", back="/fr/c/abc")
    assert saved.headers["Location"].startswith("/fr/c/abc?r=")
    assert post(app, "/fr/settings", size="5").headers["Location"].startswith("/fr/?r=")
    links = dict(re.findall(r'href="(/[^"]*settings[^"]*)" lang="([\w-]+)"', page.text))
    assert links == {
        f"{'' if code == 'en' else f'/{code}'}/settings?back={'' if code == 'en' else f'/{code}'}/c/abc": code
        for code in SENTENCES
        if code != "fr"
    }


def test_a_static_page_in_another_language_wears_the_settings_too(app):
    saved = post(app, "/ru/settings", size="5")
    cookies = {"reading": saved.cookies["reading"]}
    for path in ("/ru/", "/ru/help/", "/help/"):
        page = requests.get(app.url + path, cookies=cookies, timeout=TIMEOUT_S)
        assert 'class="size5"' in page.text
        assert lang(page) == ("ru" if path.startswith("/ru") else "en")


# At the first visit


@cases(
    ("accepted", "root"),
    [
        ("ru", "/ru/"),
        ("de-AT, de;q=0.9, en;q=0.5", "/de/"),
        ("ja, nl;q=0.5", "/nl/"),
        ("en-US, en;q=0.9, ru;q=0.8", None),
        ("ja", None),
        ("*", None),
        ("en-GB,ru;q=0.9", None),
        ("de-AT,en;q=0.5", "/de/"),
        ("ja,fr-CA;q=0.4,ru;q=0.9", "/ru/"),
        ("nonsense;;q=?", None),
        ("zh-CN,zh;q=0.9,en;q=0.8", "/zh-Hans/"),
        ("zh-SG", "/zh-Hans/"),
        ("zh-Hans-CN", "/zh-Hans/"),
        ("zh", "/zh-Hans/"),
        ("zh-Hant,en;q=0.5", None),
        ("zh-HK,fr;q=0.5", "/fr/"),
        ("zh-TW,zh;q=0.9,en-US;q=0.8", "/zh-Hans/"),
        ("pt-BR,pt;q=0.9,en;q=0.8", "/pt-BR/"),
        ("pt-PT", "/pt-BR/"),
        ("PT", "/pt-BR/"),
        ("ar-EG,ar;q=0.9", "/ar/"),
        ("hi-IN,en;q=0.9", "/hi/"),
        ("hi-Latn,en;q=0.9", None),
        ("ru;q=0,de;q=0.1", "/de/"),
    ],
)
def test_the_first_visit_leads_to_the_browsers_language(app, accepted, root):
    page = get(app, "/", **{"Accept-Language": accepted})
    assert page.headers.get("Location") == root
    assert page.status_code == (302 if root else 200)
    assert {"Accept-Language", "Cookie"} <= set(page.headers["Vary"].split(", "))


def test_a_link_means_what_it_says(app):
    prefers = {"Accept-Language": "ru"}
    assert get(app, "/", Referer=f"{app.url}/ru/", **prefers).status_code == 200
    assert get(app, "/", Referer="https://search.example/", **prefers).status_code == 302
    for path in ("/help/", "/plain/", "/c/none", "/de/"):
        assert "Location" not in get(app, path, **prefers).headers


def test_who_chooses_english_keeps_it(app):
    prefers = {"Accept-Language": "ru"}
    (link,) = re.findall(r'href="(/[^"]*)" lang="en"', get(app, "/ru/").text)
    chosen = get(app, link, **prefers)
    assert (chosen.status_code, lang(chosen)) == (200, "en")
    (cookie,) = chosen.cookies.items()
    again = get(app, "/", Cookie="=".join(cookie), **prefers)
    assert (again.status_code, lang(again)) == (200, "en")


def test_a_choice_of_nonsense_is_not_kept(app):
    page = get(app, "/?lang=klingon")
    assert page.status_code == 200
    assert not page.cookies


# By links


@pytest.mark.parametrize("path", ["/", "/help/", "/privacy/", "/plain/", "/settings"])
def test_every_language_is_offered(app, path):
    page = get(app, path)
    offered = set(re.findall(r'<a href="[^"]*" lang="([\w-]+)" hreflang="\1">', page.text))
    assert offered == set(OTHERS)
    assert "Русский" in page.text

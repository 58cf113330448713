"""A site below a path, behind a real nginx that leaves the path in addresses or takes it away."""

import re
from urllib.parse import urljoin

import pytest
import requests

from harness.nginx import Nginx
from harness.servers import AppServer

ROOT = "/chat"
FORWARDED = """
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
"""
TIMEOUT_S = 20


@pytest.fixture(scope="module")
def places(site, upstream_process, tmp_path_factory):
    """The address of the site at each way of leading there."""
    common = {"GEMINI_BASE_URL": upstream_process.url, "KINDLECHAT_TRUSTED_PROXIES": "1"}
    with (
        AppServer(tmp_path_factory.mktemp("told"), KINDLECHAT_ROOT=ROOT, **common) as told,
        AppServer(tmp_path_factory.mktemp("app"), **common) as app,
    ):
        places = {
            "kept": f"location /chat {{ proxy_pass {told.url}; }}",
            "stripped": f"location /chat/ {{ proxy_pass {told.url}/; }}",
            "named": f"location /chat/ {{ proxy_pass {app.url}/;"
            " proxy_set_header X-Forwarded-Prefix /chat; }",
        }
        with Nginx(tmp_path_factory.mktemp("nginx"), places, http=FORWARDED, path=ROOT) as nginx:
            yield nginx.urls


@pytest.fixture(params=["kept", "stripped", "named"])
def url(places, request):
    return places[request.param]


def own_addresses(html):
    return re.findall(r"""(?:href|src|action)="(/[^"]*)|;\s*url=(/[^"]*)""", html)


def check_page(session, url):
    """The page, all of whose addresses lie below the path; its assets are there."""
    page = session.get(url, timeout=TIMEOUT_S)
    found = ["".join(pair) for pair in own_addresses(page.text)]
    assert found
    assert [address for address in found if not address.startswith(f"{ROOT}/")] == []
    for asset in (address for address in found if "/assets/" in address):
        assert session.get(urljoin(url, asset), timeout=TIMEOUT_S).ok
    return page


@pytest.mark.parametrize("path", ["/", "/help/", "/ru/help/", "/blog/", "/settings", "/none"])
def test_every_address_on_a_page_lies_below_the_path(url, path):
    page = check_page(requests.Session(), url + path)
    assert page.status_code == (404 if path == "/none" else 200)
    assert int(page.headers.get("Content-Length", len(page.content))) == len(page.content)
    assert requests.head(url + path, timeout=TIMEOUT_S).status_code == page.status_code


def test_a_question_on_a_form_leads_to_its_conversation_and_cookies_stay_below(url):
    session = requests.Session()
    asked = session.post(
        f"{url}/ask", data={"message": "Why?"}, allow_redirects=False, timeout=TIMEOUT_S
    )
    assert asked.status_code == 303
    assert asked.headers["Location"].startswith(f"{ROOT}/c/")
    assert {cookie.path for cookie in session.cookies} == {ROOT}
    check_page(session, urljoin(url, asked.headers["Location"]))
    live = check_page(session, urljoin(url, asked.headers["Location"]) + "/live")
    assert "colours" in live.text


def test_a_first_visit_is_led_to_its_language_below_the_path(url):
    visit = requests.get(f"{url}/", headers={"Accept-Language": "ru"}, allow_redirects=False)
    assert urljoin(url, visit.headers["Location"]).endswith(f"{ROOT}/ru/")


def test_the_api_gives_addresses_below_the_path(url):
    created = requests.post(f"{url}/api/replies", json={"message": "Why?"}, timeout=TIMEOUT_S)
    reply = created.json()
    for name in ("poll", "stream", "page"):
        assert reply[name].startswith(f"{ROOT}/")
    assert created.headers["Location"] == reply["poll"]
    text = requests.get(urljoin(url, reply["stream"]), timeout=TIMEOUT_S).text
    told = requests.get(f"{urljoin(url, reply['poll'])}?format=html", timeout=TIMEOUT_S).json()
    assert told["state"] == "done"
    assert f'action="{ROOT}/c/' in told["actions"]
    assert requests.get(urljoin(url, reply["poll"]), timeout=TIMEOUT_S).json()["text"] == text


def test_words_that_look_like_an_address_are_left_as_they_are(url):
    message = 'What is <a href="/help/"> and href="/x"?'
    reply = requests.post(f"{url}/api/replies", json={"message": message}, timeout=TIMEOUT_S).json()
    page = requests.get(urljoin(url, reply["page"]), timeout=TIMEOUT_S).text
    assert ROOT not in page[page.index("What is") : page.index("What is") + 80]

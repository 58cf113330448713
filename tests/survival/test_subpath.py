"""A site below a path, behind a real nginx that leaves the path in addresses or takes it away."""

import re
import subprocess
from urllib.parse import urljoin

import pytest
import requests

from harness.servers import AppServer, eventually, free_port, is_up

ROOT = "/chat"
NGINX = """
daemon off;
pid {folder}/pid;
error_log stderr error;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    server {{
        listen 127.0.0.1:{kept};
        location /chat {{ proxy_pass http://127.0.0.1:{told_app}; }}
    }}
    server {{
        listen 127.0.0.1:{stripped};
        location /chat/ {{ proxy_pass http://127.0.0.1:{told_app}/; }}
    }}
    server {{
        listen 127.0.0.1:{named};
        location /chat/ {{
            proxy_pass http://127.0.0.1:{app}/;
            proxy_set_header X-Forwarded-Prefix /chat;
        }}
    }}
}}
"""
TIMEOUT_S = 20


@pytest.fixture(scope="module")
def places(site, upstream_process, tmp_path_factory):
    """The address of the site at each way of leading there."""
    folder = tmp_path_factory.mktemp("nginx")
    ports = {name: free_port() for name in ("kept", "stripped", "named")}
    common = {"GEMINI_BASE_URL": upstream_process.url, "KINDLECHAT_TRUSTED_PROXIES": "1"}
    with (
        AppServer(tmp_path_factory.mktemp("told"), KINDLECHAT_ROOT=ROOT, **common) as told,
        AppServer(tmp_path_factory.mktemp("app"), **common) as app,
    ):
        configuration = folder / "nginx.conf"
        configuration.write_text(
            NGINX.format(folder=folder, told_app=told.port, app=app.port, **ports)
        )
        nginx = subprocess.Popen(["/usr/sbin/nginx", "-c", configuration, "-p", folder])
        urls = {name: f"http://127.0.0.1:{port}{ROOT}" for name, port in ports.items()}
        for url in urls.values():
            eventually(lambda url=url: is_up(url))
        yield urls
        nginx.terminate()
        nginx.wait()


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

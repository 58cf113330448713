"""The connections to an upstream, as an environment wants them."""

import pytest

from kindlechat.upstream.connections import BUNDLES, CONNECTIONS, connections_to
from tests.cases import cases

URL = "https://model.example/v1beta/models/a-model:streamGenerateContent?alt=sse"
TARGET = "/v1beta/models/a-model:streamGenerateContent?alt=sse"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in (*PROXIES, *map(str.upper, PROXIES), *BUNDLES):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_without_a_proxy_they_lead_to_the_upstream():
    connections, target = connections_to(URL)
    assert (connections.scheme, connections.host, connections.port) == (
        "https",
        "model.example",
        443,
    )
    assert (connections.proxy, connections.cert_reqs, connections.ca_certs) == (
        *(None, "CERT_REQUIRED", None),
    )
    assert (connections.pool.maxsize, connections.block) == (CONNECTIONS, False)
    assert target == TARGET


@cases(
    ("url", "host", "target"),
    [
        ("http://[::1]:8080/a?b", "::1", "/a?b"),
        ("https://user:word@model.example/a", "model.example", "/a"),
        ("https://bücher.example/ä", "xn--bcher-kva.example", "/%C3%A4"),
    ],
)
def test_any_address_can_be_asked(url, host, target):
    connections, asked = connections_to(url)
    assert (connections.host, asked) == (host, target)


@pytest.mark.parametrize("name", BUNDLES)
def test_certificates_of_the_operators_are_trusted(environment, tmp_path, name):
    environment.setenv(name, str(tmp_path / "cert.pem"))
    assert connections_to(URL)[0].ca_certs == str(tmp_path / "cert.pem")
    environment.setenv(name, str(tmp_path))
    assert connections_to(URL)[0].ca_cert_dir == str(tmp_path)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_is_used(environment, name):
    environment.setenv(name, "http://me:word@proxy.example:3128")
    connections, target = connections_to(URL)
    assert (connections.proxy.host, connections.proxy.port) == ("proxy.example", 3128)
    assert "proxy-authorization" in {name.lower() for name in connections.proxy_headers}
    assert (connections.host, target) == ("model.example", TARGET)


def test_a_proxy_without_tls_gets_the_whole_address(environment):
    environment.setenv("HTTP_PROXY", "http://proxy.example:3128")
    assert connections_to("http://model.example/a?b")[1] == "http://model.example/a?b"


@pytest.mark.parametrize(
    "hosts", ["model.example", ".example", "*", "other.example, model.example:443"]
)
def test_a_host_may_need_no_proxy(environment, hosts):
    environment.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    environment.setenv("NO_PROXY", hosts)
    assert connections_to(URL.replace(".example/", ".example:443/"))[0].proxy is None

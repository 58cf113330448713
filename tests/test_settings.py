"""Settings: what an environment gives, and one clear line for what it must not."""

import re
from pathlib import Path

import pytest

from kindlechat.errors import SettingsError
from kindlechat.rate_limit import RateLimit
from kindlechat.settings import Settings
from kindlechat.site_settings import SiteSettings
from tests.cases import cases


def test_an_empty_environment_gives_the_defaults_and_the_demonstration():
    settings = Settings.from_env({})
    assert settings.demo
    assert (settings.port, settings.web_concurrency, settings.grace_s) == (8000, 1, 20)
    assert settings.gemini_model == "gemini-flash-latest"
    assert settings.data == Path("data")
    assert settings.rate_limits == (RateLimit(20, 1, "minute"), RateLimit(300, 1, "day"))
    assert (settings.concurrency_limit, settings.keep_days, settings.trusted_proxies) == (4, 30, 0)


@cases("name", ["GEMINI_API_KEY", "GEMINI_BASE_URL"])
def test_a_key_or_another_upstream_ends_the_demonstration(name):
    assert not Settings.from_env({name: "http://localhost:1"}).demo


def test_off_lifts_the_limits():
    settings = Settings.from_env(
        {"KINDLECHAT_RATE_LIMIT": "off", "KINDLECHAT_REPLIES_AT_ONCE": "off"}
    )
    assert settings.rate_limits == ()
    assert settings.concurrency_limit is None


def test_questions_a_day_are_limited_where_they_cost_money():
    assert Settings.from_env({}).daily_limit is None
    key = {"GEMINI_API_KEY": "AIza-secret"}
    assert Settings.from_env(key).daily_limit == 2000
    assert Settings.from_env({**key, "KINDLECHAT_DAILY_LIMIT": "off"}).daily_limit is None
    assert Settings.from_env({"KINDLECHAT_DAILY_LIMIT": "50"}).daily_limit == 50


class TestShortSecrets:
    def test_a_short_passcode_has_to_be_wanted(self):
        with pytest.raises(SettingsError, match="KINDLECHAT_PASSCODE_WEAK=allow") as caught:
            Settings.from_env({"KINDLECHAT_PASSCODE": "1984"})
        assert "1984" not in str(caught.value)
        wanted = {"KINDLECHAT_PASSCODE": "1984", "KINDLECHAT_PASSCODE_WEAK": "allow"}
        assert Settings.from_env(wanted).passcode == "1984"
        assert Settings.from_env({"KINDLECHAT_PASSCODE": "Überraum"}).passcode == "Überraum"

    def test_a_short_secret_key_is_refused_and_not_shown(self):
        with pytest.raises(SettingsError, match="at least 32") as caught:
            Settings.from_env({"SECRET_KEY": "hush" * 7})
        assert "hush" not in str(caught.value)
        assert Settings.from_env({"SECRET_KEY": "hush" * 8}).secret_key == "hush" * 8


@cases(
    "name", ["GEMINI_BASE_URL", "KINDLECHAT_BASE_URL", "KINDLECHAT_SMTP_URL", "REDIS_URL", "PORT"]
)
@cases(
    "value",
    [
        "ftp://user:hush-hush@host",
        "https://user:hush-hush@host/?query",
        "https://user:hush/hush#hush@host/?query",
        "https://hush-hush@host/?query",
        "user:hush@hush@host",
        "//user:hush\nhush@host/?query",
    ],
)
def test_the_password_in_an_address_is_never_shown(name, value):
    read = SiteSettings if name == "KINDLECHAT_BASE_URL" else Settings
    with pytest.raises(SettingsError) as caught:
        read.from_env({name: value, "SECRET_KEY": "s" * 32})
    assert "hush" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_mail_server_needs_an_address_to_send_from():
    assert not Settings.from_env({}).sends_mail
    url = {"KINDLECHAT_SMTP_URL": "smtps://us:hush@mail.example"}
    with pytest.raises(SettingsError, match="KINDLECHAT_MAIL_FROM: expected the address"):
        Settings.from_env(url)
    settings = Settings.from_env({**url, "KINDLECHAT_MAIL_FROM": "chat@site.example"})
    assert settings.sends_mail
    assert (settings.smtp.password, settings.mail_from) == ("hush", "chat@site.example")
    assert "hush" not in repr(settings) + repr(settings.smtp)


def test_nothing_kept_is_an_hour():
    assert Settings.from_env({"KINDLECHAT_KEEP_DAYS": "0"}).keep_s == 3600
    assert Settings.from_env({"KINDLECHAT_KEEP_DAYS": "2"}).keep_s == 2 * 86_400


def test_an_empty_value_counts_as_none():
    assert Settings.from_env({"PORT": "", "GEMINI_API_KEY": " "}).demo


@cases(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("PORT", "-1"),
        ("WEB_CONCURRENCY", "0"),
        ("GEMINI_BASE_URL", "ftp://x"),
        ("GEMINI_BASE_URL", "localhost:80"),
        ("GEMINI_BASE_URL", "http://[::1"),
        ("GEMINI_BASE_URL", "http://localhost:70000"),
        ("GEMINI_BASE_URL", "https://litellm.example/v1/"),
        ("GEMINI_BASE_URL", "https://x.example/v1beta/openai"),
        ("GEMINI_BASE_URL", "https://x.example/v1beta/models/m:streamGenerateContent"),
        ("GEMINI_API_KEY", '"AIza-secret"'),
        ("GEMINI_API_KEY", "'AIza-secret'"),
        ("KINDLECHAT_PASSCODE", '"long enough"'),
        ("KINDLECHAT_ROOT", "chat"),
        ("BIND_ADDRESS", "everywhere"),
        ("BIND_ADDRESS", "127.0.0.1:80"),
        ("KINDLECHAT_ROOT", "//chat"),
        ("KINDLECHAT_ROOT", "/a/../b"),
        ("KINDLECHAT_LOG_LEVEL", "loud"),
        ("KINDLECHAT_REDIS_CONNECTIONS", "1"),
        ("REDIS_URL", "redis://localhost:65536"),
        ("WEB_CONCURRENCY", "auto"),
        ("GEMINI_MODEL", "../x"),
        ("GEMINI_MAX_OUTPUT_TOKENS", "1e3"),
        ("GEMINI_TEMPERATURE", "nan"),
        ("GEMINI_TEMPERATURE", "2.5"),
        ("GEMINI_THINKING_LEVEL", "deep"),
        ("REDIS_URL", "http://localhost"),
        ("KINDLECHAT_RATE_LIMIT", "often"),
        ("KINDLECHAT_RATE_LIMIT", "0/minute"),
        ("KINDLECHAT_REPLIES_AT_ONCE", "none"),
        ("KINDLECHAT_DAILY_LIMIT", "0"),
        ("KINDLECHAT_DAILY_LIMIT", "many"),
        ("KINDLECHAT_PASSCODE", "1234567"),
        ("KINDLECHAT_PASSCODE_WEAK", "yes"),
        ("KINDLECHAT_HOSTS", "cafe:8000"),
        ("SECRET_KEY", "x" * 31),
        ("KINDLECHAT_TRUSTED_PROXIES", "yes"),
        ("KINDLECHAT_KEEP_DAYS", "-3"),
        ("KINDLECHAT_GRACE_S", "soon"),
        ("KINDLECHAT_SMTP_URL", "mail.example"),
        ("KINDLECHAT_SMTP_URL", "http://mail.example"),
        ("KINDLECHAT_SMTP_URL", "smtp://mail.example:0x"),
        ("KINDLECHAT_SMTP_URL", "smtp://mail.example/inbox"),
        ("KINDLECHAT_SMTP_URL", "smtps://user@mail.example"),
        ("KINDLECHAT_MAIL_FROM", "Kindlechat"),
        ("KINDLECHAT_MAIL_FROM", "a@b.de, c@d.de"),
        ("KINDLECHAT_HTTPS", "maybe"),
    ],
)
def test_a_wrong_value_is_told_in_one_line(name, value):
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({name: value})
    assert re.fullmatch(rf"{name}: expected .+, got .+", str(caught.value))


@cases("end", ["", "/", "/v1beta", "/v1beta/", "//"])
def test_the_base_url_is_understood_with_the_version_that_follows_it(end):
    settings = Settings.from_env({"GEMINI_BASE_URL": f"https://x.example/gemini{end}"})
    assert settings.upstream_url == "https://x.example/gemini"


@cases(
    ("name", "meant"),
    [
        ("KINDLECHAT_PASCODE", "KINDLECHAT_PASSCODE"),
        ("KINDLECHAT_RATELIMIT", "KINDLECHAT_RATE_LIMIT"),
        ("KINDLECHAT_PORT", "PORT"),
        ("KINDLECHAT_ZZZZZZ", "a setting that the README names"),
        ("GEMINI_KEY", "GEMINI_API_KEY"),
        ("GEMINI_MAX_TOKENS", "GEMINI_MAX_OUTPUT_TOKENS"),
        ("KINDLECHAT_SECRET_KEY", "SECRET_KEY"),
    ],
)
def test_a_name_that_means_nothing_stops_the_start_with_the_nearest_one(name, meant):
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({name: "hush"})
    assert str(caught.value).startswith(f"{name}: expected {meant}, got ")
    assert "hush" not in str(caught.value)


def test_what_orchestrators_say_of_a_service_called_kindlechat_is_no_setting():
    Settings.from_env(
        {
            "KINDLECHAT_PORT": "tcp://10.0.0.1:8000",
            "KINDLECHAT_PORT_8000_TCP": "tcp://10.0.0.1:8000",
            "KINDLECHAT_PORT_8000_TCP_PROTO": "tcp",
            "KINDLECHAT_SERVICE_HOST": "10.0.0.1",
            "KINDLECHAT_SERVICE_PORT_HTTP": "8000",
            "KINDLECHAT_NAME": "/web/kindlechat",
            "KINDLECHAT_BASE_URL": "https://chat.example",
        }
    )


def test_redis_needs_a_shared_secret():
    with pytest.raises(SettingsError, match="SECRET_KEY: expected"):
        Settings.from_env({"REDIS_URL": "redis://localhost"})


def test_https_is_forced_only_where_a_router_is_believed_that_says_it_was_used():
    """Behind a router that is not believed each page would be redirected to itself."""
    with pytest.raises(SettingsError, match="KINDLECHAT_TRUSTED_PROXIES: expected 1 or more"):
        Settings.from_env({"KINDLECHAT_HTTPS": "force"})
    trusting = {"KINDLECHAT_HTTPS": "force", "KINDLECHAT_TRUSTED_PROXIES": "1"}
    assert Settings.from_env(trusting).force_https


def test_no_secret_is_printed():
    env = {
        "GEMINI_API_KEY": "AIza-secret",
        "SECRET_KEY": "secret" * 6,
        "KINDLECHAT_PASSCODE": "secret" * 2,
    }
    assert "secret" not in repr(Settings.from_env(env))
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"GEMINI_API_KEY": "secret\x07key"})
    assert "secret" not in str(caught.value)


def test_every_setting_is_in_the_readme():
    source = Path("kindlechat/settings.py").read_text()
    names = set(re.findall(r'"([A-Z][A-Z_]+[A-Z])"', source)) - {"INFO"}
    readme = Path("README.md").read_text()
    assert names
    assert {name for name in names if f"`{name}`" not in readme} == set()


@cases(
    ("env", "address"),
    [
        ({}, ""),
        ({"KINDLECHAT_BASE_URL": "https://a.example/"}, "https://a.example"),
        ({"RENDER_EXTERNAL_URL": "https://a.onrender.com"}, "https://a.onrender.com"),
        ({"FLY_APP_NAME": "a"}, "https://a.fly.dev"),
        ({"FLY_APP_NAME": "a", "KINDLECHAT_BASE_URL": "https://b.example"}, "https://b.example"),
        ({"RAILWAY_PUBLIC_DOMAIN": "not a host"}, ""),
    ],
)
def test_the_sites_address_is_the_operators_or_else_the_platforms(env, address):
    assert SiteSettings.from_env(env).base_url == address


def test_a_number_of_workers_that_is_none_is_told_before_gunicorn_reads_it():
    with pytest.raises(SettingsError, match="WEB_CONCURRENCY: expected a whole number"):
        SiteSettings.from_env({"WEB_CONCURRENCY": "auto"})


@cases(("given", "root"), [("/", ""), ("/chat", "/chat"), ("/a/b/", "/a/b")])
def test_the_path_of_the_site_has_no_slash_at_its_end(given, root):
    assert Settings.from_env({"KINDLECHAT_ROOT": given}).root == root
    site = SiteSettings.from_env({"KINDLECHAT_ROOT": given, "KINDLECHAT_BASE_URL": "https://a.b"})
    assert site.base_url == f"https://a.b{root}"
    assert SiteSettings.from_env({"KINDLECHAT_ROOT": given}).base_url == ""

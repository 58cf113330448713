"""Today's Chromium, driven by chromedriver."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import gevent
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from harness.browsers.programs import installed

FLAGS = """
    --headless --no-sandbox --disable-gpu --disable-quic --disable-dev-shm-usage --no-first-run
    --no-proxy-server --disable-background-networking --disable-component-update --disable-sync
    --window-size=758,1024
"""
LOOK_EVERY_S = 0.02


@contextmanager
def chromium(profile: Path, *, scripts: bool = True) -> Iterator[Chrome]:
    """A browser with an empty profile. Without `scripts` it does not wait for pages to load."""
    options = ChromeOptions()
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.binary_location = installed("chromium")
    for flag in [*FLAGS.split(), f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    if not scripts:
        never = {"profile.managed_default_content_settings.javascript": 2}
        options.add_experimental_option("prefs", never)
        options.page_load_strategy = "none"
    driver = Chrome(options, Service(installed("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


def ask(driver: Chrome, url: str, question: str) -> None:
    """Open the page, type the question and press the button."""
    open_page(driver, url)
    send(driver, question)


def open_page(driver: Chrome, url: str) -> None:
    """Open a page that has a question box."""
    driver.get(url)
    until(lambda: driver.current_url == url and find(driver, "send"), "question box")


def send(driver: Chrome, question: str) -> None:
    """Type the question and press the button."""
    box = find(driver, "message")
    box.clear()
    box.send_keys(question)
    find(driver, "send").click()


def press(driver: Chrome, element: str) -> None:
    """Press a button or follow a link, once it is there."""
    until(lambda: find(driver, element), f"#{element}").click()


def find(driver: Chrome, element: str) -> WebElement:
    """The element with this id."""
    return driver.find_element(By.ID, element)


def text(driver: Chrome, element: str) -> str:
    """The text of the element with this id."""
    return find(driver, element).text.strip()


def until(condition: Callable[[], Any], what: str, within_s: float = 40) -> Any:
    """Wait until the condition gives something true, and return that. It may look for what is not there yet.

    A page that is just leaving makes the driver fail in several ways, all of them passing.
    """
    with gevent.Timeout(within_s, AssertionError(f"no {what} within {within_s} s")):
        while True:
            with suppress(WebDriverException):
                if value := condition():
                    return value
            gevent.sleep(LOOK_EVERY_S)

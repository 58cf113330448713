"""Takes the pictures of docs/screens: the pages as e-readers of several sizes show them, in 16 greys.

`make screens` runs it. Look at every picture.
"""

import base64
import io
import tempfile
from datetime import date
from pathlib import Path

import gevent
import requests
from PIL import Image
from selenium.webdriver import Chrome

from harness.behaviours import answer
from harness.browsers.chromium import ask, chromium, find, until
from harness.servers import ROOT, AppServer
from harness.upstream import Upstream
from kindlechat.rendering.device.devices import SCREENS
from kindlechat.rendering.device.reading import Reading, View
from kindlechat.site.building import build
from kindlechat.site.options import Options

TARGET = ROOT / "docs/screens"
SIZES = ("600x800", "758x1024", "1072x1448", "1236x1648", "1860x2480")
SHOWN_WIDTH = 450
QUESTION = "Why is the sky blue?"
TEXT = (ROOT / "tests/fixtures/answer.md").read_text()
WORDS = [word + " " for word in TEXT.replace("\n", " \n").split(" ")]
HALF = 60
"""How many words of the answer the picture of the growing page has."""

GREYS = 16
KINDS = ("home", "growing", "finished", "pages", "settings", "error")


def main() -> None:
    """Take a picture of every kind of page at every size."""
    TARGET.mkdir(exist_ok=True)
    build(
        ROOT / "site", ROOT / "public", Options("http://localhost:8000", date.today(), server=True)
    )
    with tempfile.TemporaryDirectory() as folder, Upstream() as upstream:
        with (
            AppServer(Path(folder), GEMINI_BASE_URL=upstream.base_url) as app,
            chromium(Path(folder) / "profile") as driver,
        ):
            for size in SIZES:
                screen = SCREENS[size]
                width, height = map(int, size.split("x"))
                driver.execute_cdp_cmd(
                    "Emulation.setDeviceMetricsOverride",
                    {
                        "width": screen.width,
                        "height": screen.height,
                        "mobile": True,
                        "screenWidth": width,
                        "screenHeight": height,
                        "deviceScaleFactor": 1,
                    },
                )
                take(driver, app, upstream, size)
    (TARGET / "README.md").write_text(overview())


def take(driver: Chrome, app: AppServer, upstream: Upstream, size: str) -> None:
    """Take all kinds of pages at one size."""
    upstream.script(answer(TEXT))
    page = requests.post(f"{app.url}/api/replies", json={"message": QUESTION}, timeout=10).json()[
        "page"
    ]
    gevent.sleep(1)
    code = Reading(view=View.PAGES, screen=size).code
    for kind, path in [
        ("home", "/"),
        ("finished", page),
        ("pages", f"{page}?r={code}&screen=2"),
        ("settings", "/settings"),
        ("error", "/c/unknown"),
    ]:
        driver.get(app.url + path)
        save(driver, f"{kind}-{size}")
    upstream.script(answer("", pieces=[*WORDS[:HALF], *["" for _ in range(40)]], delay_s=0.03))
    ask(driver, f"{app.url}/", QUESTION)
    until(lambda: "Second" in find(driver, "answer").text, "half an answer")
    save(driver, f"growing-{size}")
    find(driver, "stop").click()


def save(driver: Chrome, name: str) -> None:
    """Save the window as an e-ink screen shows it, reduced for the overview."""
    png = base64.b64decode(driver.execute_cdp_cmd("Page.captureScreenshot", {})["data"])
    image = Image.open(io.BytesIO(png)).convert("L")
    image = image.resize(
        (SHOWN_WIDTH, round(image.height * SHOWN_WIDTH / image.width)), Image.Resampling.LANCZOS
    )
    step = 255 // (GREYS - 1)
    greys = image.point([round(level / step) * step for level in range(256)])
    greys.quantize(GREYS).save(TARGET / f"{name}.png", optimize=True, bits=4)


def overview() -> str:
    """The page that shows all pictures."""
    lines = [
        "# Screens",
        "",
        "The pages as a browser on each size of screen shows them, in 16 greys and reduced to 450 dots in"
        " width; made by `make screens`.",
    ]
    for size in SIZES:
        shown = " ".join(f"![{kind} at {size}]({kind}-{size}.png)" for kind in KINDS)
        lines += ["", f"## {size.replace('x', ' × ')}", "", shown]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()

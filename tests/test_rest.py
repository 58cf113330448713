"""What a worker leaves alone until somebody needs it: each would take a megabyte or more of every worker."""

import subprocess
import sys

from harness.servers import clean_environment

UNUSED = {
    *("asyncio", "babel.dates", "babel.numbers", "charset_normalizer", "email.headerregistry"),
    *("pygments.lexers", "requests", "segno", "smtplib"),
}

SHOW = "import sys, kindlechat.web.serving.worker, app; print(*sys.modules)"


def test_a_worker_at_rest_has_not_loaded_what_few_need(tmp_path, site):
    settings = {"GEMINI_API_KEY": "key", "KINDLECHAT_DATA": str(tmp_path)}
    environment = {
        name: value for name, value in clean_environment().items() if "proxy" not in name.lower()
    }
    shown = subprocess.run(
        [sys.executable, "-c", SHOW],
        env=environment | settings,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert UNUSED.isdisjoint(shown.stdout.split())

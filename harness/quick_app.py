"""The application with its time-outs divided by TEST_HASTE, so that tests wait less."""

from gevent import monkey

monkey.patch_all()

import os

from harness.haste import hastened
from kindlechat.settings import Settings
from kindlechat.timings import Timings
from kindlechat.web.app import create_app

app = create_app(
    Settings.from_env(os.environ), timings=hastened(Timings(), float(os.environ["TEST_HASTE"]))
)

"""The packages that only comparisons need, in a Python of their own below .tools/."""

import subprocess
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / ".tools/relay-bench"
BIN = TOOLS / "bin"
PACKAGES = ("starlette", "httpx", "uvicorn[standard]", "litellm[proxy]", "matplotlib")


def install() -> None:
    """Install the newest of them from PyPI."""
    venv.create(TOOLS, with_pip=True)
    subprocess.run([BIN / "pip", "install", "--quiet", *PACKAGES], check=True)

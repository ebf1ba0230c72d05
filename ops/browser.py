"""The browser that pages are looked at with: Debian's Chromium, without a window."""

import os
import shutil
from pathlib import Path

from ops import debian

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
QUIET = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
"""How it is started: it shows nothing and asks nobody."""


def found() -> Path | None:
    """Return where the browser is, if it is on this machine."""
    there = next((path for name in NAMES if (path := shutil.which(name))), None)
    return Path(there) if there else None


def ensure() -> Path:
    """Return where the browser is; install it where that is possible, or say what to install."""
    there = found()
    if there is None:
        debian.install(["chromium"])
        there = found()
    assert there is not None, "apt-get installed chromium, and it is not there"
    return there


def arguments() -> list[str]:
    """Return how to start it; its sandbox cannot be had as root."""
    return [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]

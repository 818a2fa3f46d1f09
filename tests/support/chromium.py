"""The browser that the suite looks at the documentation pages with."""

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def find_chromium() -> Path | None:
    """Return the browser named by the variable CHROMIUM, else the first that is installed, else None.

    Raises FileNotFoundError when CHROMIUM names none: another browser is not what was asked for.
    """
    if wanted := os.environ.get("CHROMIUM"):
        found = shutil.which(wanted)
        if found is None:
            raise FileNotFoundError(f"CHROMIUM names {wanted}, which is not a program")
        return Path(found)
    for name in (*NAMES, *MAC_APPLICATIONS):
        if found := shutil.which(name):
            return Path(found)
    return None


def launch_arguments() -> list[str]:
    """Return arguments that keep the browser from calling home, and let it run where its sandbox cannot."""
    arguments = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-gpu",
        "--disable-quic",
        "--disable-sync",
        "--no-first-run",
    ]
    # Chromium's sandbox refuses to run as root, which is who tests run as in most containers.
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return arguments

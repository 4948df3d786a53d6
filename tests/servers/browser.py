"""The browser of the end-to-end tests: Debian's Chromium, or what the machine has."""

import shutil
from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# WebGL 2 in software, and pages drawn without it: by the same emulated device one screenshot can take half a minute.
# No sandbox inside containers that run as root; nothing asked of the network.
ARGUMENTS = (
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",
    "--disable-gpu-rasterization",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)


def program() -> Path | None:
    """Return the browser program, or nothing where there is none."""
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    return Path(found) if found else None

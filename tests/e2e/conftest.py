"""A real portal and a real browser: `manage.py demo` on a data folder of its own, Chromium in front of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, expect
from playwright.sync_api import Error as PlaywrightError

from config.env import ROOT, child_environment
from tests.servers import deployment
from tests.servers.process import free_port

READY_S = 300.0
# Two cores carry portal, worker and browser, and other tests beside them.
expect.set_options(timeout=15_000)
# A process of its own: not the settings of the suite.
SETTINGS = {"DJANGO_SETTINGS_MODULE": "config.settings.dev"}
SHOTS = ROOT / "build" / "screenshots"


@dataclass(frozen=True)
class Portal:
    """The running portal and where its data lies."""

    base: str
    data: Path
    log: Path
    addresses: dict[str, str] = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """What its processes find in their environment."""
        return child_environment({**SETTINGS, "BITEWING_DATA_DIR": str(self.data), **self.addresses})

    def manage(self, *arguments: str) -> str:
        """Run a management command beside it; returns stdout."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment | {"BITEWING_BASE_URL": self.base},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Run the demo as its README says, and end it as a person does."""
    folder = tmp_path_factory.mktemp("portal")
    port = free_port()
    running = Portal(f"http://127.0.0.1:{port}", folder / "var", folder / "log.txt", deployment.addresses())
    with running.log.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(port)],
            cwd=ROOT,
            env=running.environment,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            _wait_until_ready(running, process)
            yield running
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            # It gives each of its two processes eight seconds.
            process.wait(60)


def _wait_until_ready(running: Portal, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_S
    answer = "no answer"
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            response = httpx.get(f"{running.base}/readyz")
            answer = response.text
            # Its pages answer before all of its studies are stored.
            if response.status_code == 200 and "all studies are in" in running.log.read_text():
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    pytest.fail(f"the demo is not ready: {answer}\n{running.log.read_text()[-3000:]}")


@pytest.fixture(autouse=True)
def _leave(browser: Browser) -> Iterator[None]:
    """Close all windows after each test: a page that is left open goes on asking and drawing."""
    yield
    for context in browser.contexts:
        context.close()


def captured(take: Callable[[], bytes]) -> bytes:
    """Return a screenshot as PNG: without a graphics card Chromium now and then has no frame, and has the next."""
    try:
        return take()
    except PlaywrightError as error:
        if "Unable to capture screenshot" not in error.message:
            raise
    return take()


@dataclass
class Person:
    """One person at a device: a browser profile of their own, and what went wrong on their pages."""

    context: BrowserContext
    page: Page
    problems: list[str]

    def shoot(self, name: str, *, full_page: bool = False) -> None:
        """Take a screenshot for people to look at."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        (SHOTS / f"{name}.png").write_bytes(captured(lambda: self.page.screenshot(full_page=full_page)))


# A long story is told on a phone, which is harder, and in `make soak` at a desk too; pages are looked at on both.
ON_DEVICES = pytest.mark.parametrize(
    "phone", [pytest.param(False, id="1440", marks=pytest.mark.soak), pytest.param(True, id="390")]
)
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


def arrive(browser: Browser, *, phone: bool = False, dark: bool = False) -> Person:
    """Open a fresh browser profile."""
    context = browser.new_context(
        viewport=PHONE if phone else DESKTOP,
        has_touch=phone,
        color_scheme="dark" if dark else "light",
        accept_downloads=True,
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(_told(message)) if message.type == "error" else None)
    return Person(context, page, problems)


def _told(message: ConsoleMessage) -> str:
    return f"{message.text} [{urlsplit(message.location['url']).path}]"

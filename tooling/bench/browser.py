"""A reader's browser: a fresh one for every visit, on a desktop beside the server or on a phone behind a slow line."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import Page, sync_playwright

from tests.servers import browser as chromium

_POLL_MS = 100


@dataclass(frozen=True)
class Line:
    """What Chromium makes of the connection, for each request."""

    bits_per_s: float
    latency_ms: float

    def conditions(self) -> dict[str, Any]:
        """Return the parameters of `Network.emulateNetworkConditions`."""
        bytes_per_s = self.bits_per_s / 8
        speeds = {"downloadThroughput": bytes_per_s, "uploadThroughput": bytes_per_s}
        return {"offline": False, "latency": self.latency_ms, **speeds}


@dataclass(frozen=True)
class Device:
    """Options of a browser's context, and its line where that is not the machine's own."""

    options: dict[str, Any]
    line: Line | None = None


DESKTOP = Device({"viewport": {"width": 1440, "height": 900}})
PHONE = Device(
    {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "is_mobile": True, "has_touch": True},
    Line(bits_per_s=20e6, latency_ms=50),
)


@dataclass
class Visit:
    """A page that opens, and what it has loaded so far: addresses, and bytes on the line."""

    page: Page
    loaded: list[tuple[str, int]] = field(default_factory=list)

    @property
    def megabytes(self) -> float:
        return sum(size for _, size in self.loaded) / 1e6

    def count(self, part: str) -> int:
        """Return how many addresses with this in them have been loaded."""
        return sum(part in url for url, _ in self.loaded)

    def wait(self, expression: str, timeout_s: float) -> Any:
        """Wait until an expression of the page is something, whatever its Content-Security-Policy says to scripts."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            found = self.page.evaluate(f"({expression}) ?? null")
            if found is not None:
                return found
            self.page.wait_for_timeout(_POLL_MS)
        raise TimeoutError(f"the page had no {expression} after {timeout_s:.0f} s")

    def wait_for(self, part: str, timeout_s: float) -> None:
        """Wait until an address with this in it has been loaded."""
        deadline = time.monotonic() + timeout_s
        while not self.count(part):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{part} was not loaded after {timeout_s:.0f} s")
            self.page.wait_for_timeout(_POLL_MS)


def is_possible() -> bool:
    """Say whether this machine has a browser."""
    return chromium.program() is not None


@contextmanager
def visit(device: Device, url: str, *, script: str, cookies: dict[str, str] | None = None) -> Iterator[Visit]:
    """Open an address in a new browser of its own, with a script that runs before those of the page."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium.program(), args=list(chromium.ARGUMENTS))
        try:
            context = launched.new_context(**device.options)
            base = urljoin(url, "/")
            context.add_cookies(
                [{"name": name, "value": value, "url": base} for name, value in (cookies or {}).items()]
            )
            page = context.new_page()
            page.add_init_script(script)
            visiting = Visit(page)
            _listen(visiting, device.line)
            page.goto(url, wait_until="commit")
            yield visiting
        finally:
            launched.close()


def _listen(visiting: Visit, line: Line | None) -> None:
    protocol = visiting.page.context.new_cdp_session(visiting.page)
    protocol.send("Network.enable")
    if line is not None:
        protocol.send("Network.emulateNetworkConditions", line.conditions())
    asked: dict[str, str] = {}

    def sent(event: dict[str, Any]) -> None:
        asked[event["requestId"]] = event["request"]["url"]

    def finished(event: dict[str, Any]) -> None:
        visiting.loaded.append((asked.get(event["requestId"], ""), int(event["encodedDataLength"])))

    protocol.on("Network.requestWillBeSent", sent)
    protocol.on("Network.loadingFinished", finished)

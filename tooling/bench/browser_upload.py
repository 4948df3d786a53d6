"""Upload in the browser against a plain POST of the same bytes to the same portal: the ratio of their speeds.

All send 320 slices in batches of the size that the page makes, as many at a time. The plain side has nothing to do but
to send them from memory; the browser chooses the folder, looks at each file, begins the upload, sends, and reads the
answers. Its clock runs from the choice to the word Done.

Between them stands what this browser can at all: a script of a few lines that posts the same files by `fetch`, without
looking at them. Browser and portal share the machine, so that its processor time is the portal's loss.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.factories.portal import Portal, portal
from tests.servers import browser as chromium
from tooling.bench.client import Connection
from tooling.bench.studies import BOUNDARY, Slice, Study, body_of, make_cbct, relabelled

FILES = 320
REPEATS = 3
MUST, AIM = 0.7, 1.0
_STOW = {"Content-Type": f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'}
_WAIT_MS = 300_000
# There is no graphics processor here: composed in software, the page costs a tenth of what software GL costs.
_ARGUMENTS = (*(word for word in chromium.ARGUMENTS if "swiftshader" not in word), "--disable-gpu")
# From the choice of the folder to the last answer, by the page's own clock.
_CLOCK = """
addEventListener("change", () => { window.began = performance.now(); }, true);
new MutationObserver(() => {
  if (document.querySelector("[data-part=headline]")?.textContent.trim() === "Done") {
    window.tookMs ??= performance.now() - window.began;
  }
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
# The batches of `batches_of`, as bodies whose files the browser reads while it sends them.
_BARE = """
async ({ counts, parallel, address, headers, boundary }) => {
  const files = [...document.querySelector("#bare").files];
  const batches = counts.map((count) => files.splice(0, count));
  const head = `--${boundary}\\r\\nContent-Type: application/dicom\\r\\n\\r\\n`;
  const bodies = batches.map(
    (batch) => new Blob([...batch.flatMap((file) => [head, file, "\\r\\n"]), `--${boundary}--\\r\\n`]),
  );
  const began = performance.now();
  const lane = async () => {
    for (let body = bodies.shift(); body; body = bodies.shift()) {
      const response = await fetch(address, { method: "POST", credentials: "omit", headers, body });
      if (response.status !== 200) throw new Error(`the portal answered ${response.status}`);
      await response.text();
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return performance.now() - began;
}
"""


@dataclass(frozen=True)
class Manner:
    """How the page sends: bytes a batch, and batches at a time."""

    batch_bytes: int
    parallel: int


@dataclass(frozen=True)
class Measured:
    """Speeds in MB/s, one a repeat."""

    plain: list[float]
    bare: list[float]
    browser: list[float]

    @property
    def ratio(self) -> float:
        """How many times as fast the page is as the plain POST."""
        return statistics.median(self.browser) / statistics.median(self.plain)

    @property
    def ceiling(self) -> float:
        """How many times as fast the browser's own POST is as the plain one."""
        return statistics.median(self.bare) / statistics.median(self.plain)

    def as_json(self) -> dict[str, list[float] | float]:
        """Return raw figures and ratios."""
        return {
            "plain_mb_per_s": self.plain,
            "bare_mb_per_s": self.bare,
            "browser_mb_per_s": self.browser,
            "ratio": self.ratio,
            "ceiling": self.ceiling,
        }

    def lines(self) -> list[str]:
        """Say it in words."""
        plain, bare, browser = (statistics.median(some) for some in (self.plain, self.bare, self.browser))
        return [
            f"upload in the browser, {FILES} files: {browser:.0f} MB/s, plain POST of the same bytes: {plain:.0f} MB/s",
            f"ratio {self.ratio:.2f} (must {MUST}, aim {AIM})",
            f"a bare script of this browser: {bare:.0f} MB/s, {self.ceiling:.2f}; the page: {browser / bare:.0%} of it",
        ]


def measure(repeats: int = REPEATS) -> Measured:
    """Run a portal and a browser, and send studies by both ways in turn."""
    cbct = make_cbct(slices=FILES)
    measured = Measured([], [], [])
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-upload-")))
        running = stack.enter_context(portal(scratch / "portal", is_demo=True, with_worker=False))
        token = running.create_token("lakeside-imaging")
        page = _page(stack, running)
        manner = _manner(running, page)
        # One of each first: what is loaded once is not the upload.
        for number in range(repeats + 1):
            plain = _post(running, token, relabelled(cbct, 3 * number + 1), manner)
            bare = _post_barely(running, page, token, relabelled(cbct, 3 * number + 2), manner)
            browser = _upload(running, page, relabelled(cbct, 3 * number + 3))
            if number:
                measured.plain.append(plain)
                measured.bare.append(bare)
                measured.browser.append(browser)
    return measured


def _page(stack: ExitStack, running: Portal) -> Page:
    program = chromium.program()
    if program is None:
        raise SystemExit("no Chromium on this machine: tooling/browser.sh says how to get one")
    playwright = stack.enter_context(sync_playwright())
    launched = playwright.chromium.launch(executable_path=str(program), args=list(_ARGUMENTS))
    stack.callback(launched.close)
    page = launched.new_page()
    page.add_init_script(_CLOCK)
    page.goto(f"{running.url}/demo/sign-in/technician/")
    return page


def _manner(running: Portal, page: Page) -> Manner:
    page.goto(f"{running.url}/studies/upload/")
    element = page.locator("upload-folder")
    found = (element.get_attribute(name) or "" for name in ("data-batch-bytes", "data-parallel"))
    return Manner(*map(int, found))


def _post(running: Portal, token: str, study: Study, manner: Manner) -> float:
    """Send the batches by STOW-RS, as many at once as the page does; return MB/s."""
    bodies = [body_of(batch) for batch in batches_of(study.slices, manner.batch_bytes)]

    def send(body: tuple[list[bytes | memoryview], int]) -> int:
        with Connection(running.port, {"Authorization": f"Bearer {token}"}) as connection:
            return connection.request("POST", "/dicom-web/studies", _STOW, body[0], body[1]).status

    started = time.monotonic()
    with ThreadPoolExecutor(manner.parallel) as pool:
        statuses = list(pool.map(send, bodies))
    took_s = time.monotonic() - started
    if set(statuses) != {200}:
        raise RuntimeError(f"the portal answered {sorted(set(statuses))}")
    return study.size / 1e6 / took_s


def batches_of(slices: Sequence[Slice], limit: int) -> list[tuple[Slice, ...]]:
    """Pack files as the page does."""
    batches: list[list[Slice]] = [[]]
    for one in slices:
        if batches[-1] and sum(held.size for held in batches[-1]) + one.size > limit:
            batches.append([])
        batches[-1].append(one)
    return [tuple(batch) for batch in batches]


def _written(study: Study, running: Portal) -> Path:
    """Write a study as a folder of files, which goes with the portal."""
    folder = Path(tempfile.mkdtemp(prefix="study-", dir=running.folder))
    for number, one in enumerate(study.slices):
        (folder / f"IM{number:05}.dcm").write_bytes(one.head + bytes(one.pixels))
    return folder


def _post_barely(running: Portal, page: Page, token: str, study: Study, manner: Manner) -> float:
    """Send a folder by a script that does nothing else; return MB/s."""
    page.goto(f"{running.url}/studies/upload/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<input id=bare type=file webkitdirectory>')")
    page.locator("#bare").set_input_files(_written(study, running))
    what = {
        "counts": [len(batch) for batch in batches_of(study.slices, manner.batch_bytes)],
        "parallel": manner.parallel,
        "address": "/dicom-web/studies",
        "headers": {**_STOW, "Authorization": f"Bearer {token}"},
        "boundary": BOUNDARY,
    }
    return study.size / 1e3 / float(page.evaluate(_BARE, what))


def _upload(running: Portal, page: Page, study: Study) -> float:
    """Choose a folder in the browser and wait until all is stored; return MB/s."""
    page.goto(f"{running.url}/studies/upload/")
    page.locator("input[data-part=folder]").set_input_files(_written(study, running))
    expect(page.locator("[data-part=headline]")).to_have_text("Done", timeout=_WAIT_MS)
    took_ms = page.evaluate("window.tookMs")
    stored = page.locator("[data-part=stored]").inner_text()
    if stored != str(FILES):
        raise RuntimeError(f"{stored} files were stored")
    return study.size / 1e3 / float(took_ms)


def main() -> int:
    """Run from the command line; raw figures go to standard output as JSON."""
    measured = measure()
    print("\n".join(measured.lines()), file=sys.stderr)
    print(json.dumps(measured.as_json()))
    return 0 if measured.ratio >= MUST else 1


if __name__ == "__main__":
    raise SystemExit(main())

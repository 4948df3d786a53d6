"""WCAG 2.2 AA, as far as a program can tell: axe-core in the page."""

from playwright.sync_api import Page

from config.env import ROOT

SCRIPT = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
# Colours change gradually, from the second frame on: what is half way has no contrast of its own.
SETTLED = """() => new Promise(requestAnimationFrame).then(() => new Promise(requestAnimationFrame)).then(
    () => Promise.allSettled(
        document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finished)
    )
)"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def found(page: Page) -> list[str]:
    """Return what axe finds on the page as it is."""
    page.wait_for_load_state()
    page.evaluate(SETTLED)
    page.evaluate(SCRIPT.read_text())
    violations = page.evaluate("rules => axe.run(document, {runOnly: rules}).then(r => r.violations)", RULES)
    return [f"{page.url}: {v['id']}: {v['help']} {[node['target'] for node in v['nodes']][:3]}" for v in violations]


def check(page: Page) -> None:
    """Fail with what axe finds on the page as it is."""
    assert found(page) == []

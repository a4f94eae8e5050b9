"""axe-core over a page: what its rules for WCAG 2.2 AA and good practice object to."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

OPTIONS: dict[str, Any] = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],
}
RUN = """async (options) => {
    // Half-way through a fade the contrast is that of the moment.
    await Promise.allSettled(document.getAnimations().map((each) => each.finished));
    const { violations } = await axe.run(document, options);
    return violations.map(
        ({ id, nodes }) => `${id}: ${nodes.length} × ${nodes[0].html.slice(0, 120)}`);
}"""


def violations(page: Page) -> list[str]:
    """Return a line for each rule that is broken, with the first place."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    broken: list[str] = page.evaluate(RUN, OPTIONS)
    return broken

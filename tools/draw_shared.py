"""Draw what a link that is passed on is shown with: `python -m tools.draw_shared`.

Writes static/img/share.png, and share-<language>.png for the languages named below; run it again
when the sentence of the form, the mark or the colours change. Needs Playwright and Chromium.
"""

import re
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.needs import needed
from tracking_site.telling.words import Words

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "static" / "img"
NAMES = {"id": "share.png", "en": "share-en.png"}
SIZE = {"width": 1200, "height": 630}
"""As the Open Graph wants it; messengers cut anything else."""

_STYLE = """
body { margin: 0; height: 630px; box-sizing: border-box; padding: 133px 110px;
       background: var(--accent-ground); font: 700 76px/86px var(--font); color: var(--ink); }
svg { display: block; width: 150px; height: 150px; margin-bottom: 40px; }
b { display: block; color: var(--large); font-weight: 700; }
"""


def page_of(language: str) -> str:
    """Return the picture of a language as a page; its last two words stand in the accent."""
    words = Words.load(language).gettext("Sudah sampai mana klaim Anda?").split()
    tokens = (ROOT / "static/css/tokens.css").read_text(encoding="utf-8")
    light = re.split(r"@media", tokens)[0]
    mark = (PICTURES / "icon.svg").read_text(encoding="utf-8")
    first, last = " ".join(words[:-2]), " ".join(words[-2:])
    return (
        f'<!doctype html><html lang="{language}"><style>{light}{_STYLE}</style>'
        f"{mark}{first} <b>{last}</b></html>"
    )


def main() -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=needed("browser"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
        for language, name in NAMES.items():
            page.set_content(page_of(language))
            page.screenshot(path=PICTURES / name)
            print(f"static/img/{name}")
        browser.close()


if __name__ == "__main__":
    main()

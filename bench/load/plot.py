"""A bar chart as SVG: ratios with the line of bare Flask across them."""

from collections.abc import Sequence
from html import escape

WIDTH, LEFT, RIGHT, ROW, BAR, TOP = 720, 250, 60, 34, 18, 34
COLOURS = ("#0b6e4f", "#3a7ca5", "#8a8d91")
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#222}.n{fill:#555}"
    "@media(prefers-color-scheme:dark){rect.b{fill:#1b1b1b}text{fill:#eee}.n{fill:#bbb}}"
)

Bar = tuple[str, float, int]
"""What it is, its ratio, and the number of its colour."""


def bars(title: str, rows: Sequence[Bar], mark: str) -> str:
    """Draw the rows from top to bottom; `mark` names the line at 1."""
    longest = max(1.0, *(ratio for _, ratio, _ in rows))
    scale = (WIDTH - LEFT - RIGHT) / longest
    height = TOP + ROW * len(rows) + 30
    one = LEFT + scale
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<rect class="b" width="{WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for place, (name, ratio, colour) in enumerate(rows):
        y = TOP + ROW * place
        parts += [
            f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{LEFT}" y="{y}" width="{ratio * scale:.1f}" height="{BAR}" '
            f'fill="{COLOURS[colour]}"/>',
            f'<text class="n" x="{LEFT + ratio * scale + 6:.1f}" y="{y + 14}">{ratio:.2f}</text>',
        ]
    parts += [
        f'<path d="M{one:.1f} {TOP - 8}V{height - 26}" stroke="#c8553d" stroke-dasharray="4 3"/>',
        f'<text x="{one:.1f}" y="{TOP - 14}" text-anchor="middle">{escape(mark)}</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"

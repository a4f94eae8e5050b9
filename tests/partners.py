"""Files of partners, as an operator writes them."""

import json
from pathlib import Path


def partner(slug: str, origin: str = "", **more: object) -> str:
    """Return one entry. Without an origin it lies at `https://<slug>.example`."""
    origins = [origin or f"https://{slug}.example"]
    told = {"slug": slug, "name": slug.capitalize(), "origins": origins, **more}
    # Of what an entry may hold, TOML and JSON write every value alike.
    lines = [f"{name} = {json.dumps(value)}" for name, value in told.items()]
    return "\n".join(["[[partner]]", *lines, ""])


def partners_file(folder: Path, *entries: str) -> Path:
    path = folder / "partners.toml"
    path.write_text("".join(entries))
    return path

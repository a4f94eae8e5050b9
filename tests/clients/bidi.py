"""Stands between Playwright and a Firefox: `python bidi.py <firefox> <its arguments>`.

Playwright speaks WebDriver BiDi to the Firefox that a system has, and asks one thing of every
window that long-term releases learn later: light colours, which they show anyway. That alone is
answered here as done where Firefox does not know it; everything else passes as it came.
"""

import asyncio
import json
import re
import sys
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

_LISTENING = re.compile(rb"ws://\S+")
_USUAL_LOOK = ({"prefers-color-scheme": "light"}, {"prefers-color-scheme": None}, {})


class Translator:
    """Passes messages on in both directions, one connection to Firefox for each of Playwright."""

    def __init__(self, firefox: str) -> None:
        self._firefox = firefox

    async def serve(self, playwright: ServerConnection) -> None:
        assert playwright.request is not None
        address = self._firefox + playwright.request.path
        async with connect(address, max_size=None, ping_interval=None) as firefox:
            usual: set[int] = set()
            ways = [
                asyncio.create_task(_ask(playwright, firefox, usual)),
                asyncio.create_task(_answer(playwright, firefox, usual)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()


async def _ask(playwright: ServerConnection, firefox: ClientConnection, usual: set[int]) -> None:
    async for text in playwright:
        if asks_usual_look(command := json.loads(text)):
            usual.add(command["id"])
        await firefox.send(text)


async def _answer(playwright: ServerConnection, firefox: ClientConnection, usual: set[int]) -> None:
    async for text in firefox:
        await playwright.send(answered(text, usual) if usual else text)


def asks_usual_look(command: dict[str, Any]) -> bool:
    """Return whether a command asks for what any Firefox without settings shows."""
    is_look = command["method"] == "emulation.setMediaFeaturesOverride"
    return is_look and command["params"]["features"] in _USUAL_LOOK


def answered(text: str | bytes, usual: set[int]) -> str | bytes:
    """Return an answer as Playwright is to hear it."""
    answer = json.loads(text)
    if answer.get("id") not in usual:
        return text
    usual.discard(answer["id"])
    if answer.get("error") != "unknown command":
        return text
    return json.dumps({"type": "success", "id": answer["id"], "result": {}})


async def main(firefox: str, *arguments: str) -> int:
    """Run Firefox, and name our own address where it names its own."""
    process = await asyncio.create_subprocess_exec(
        firefox, *arguments, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    async for line in process.stderr:
        if found := _LISTENING.search(line):
            translator = Translator(found[0].decode().rstrip("/"))
            server = await serve(
                translator.serve, "127.0.0.1", 0, max_size=None, ping_interval=None
            )
            port = server.sockets[0].getsockname()[1]
            line = line.replace(found[0], f"ws://127.0.0.1:{port}".encode())
        sys.stderr.buffer.write(line)
        sys.stderr.flush()
    return await process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))

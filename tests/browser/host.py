"""A page of somebody else, on an origin of its own, that frames the site or sends forms to it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


class HostPage:
    """Serves one page; its origin differs from the site's in host and port.

    `/hop/<n>` leads over n redirects that keep the method (307) to the address in `onward`, itself
    by one more. Without a `port` it takes a free one.
    """

    def __init__(self, port: int = 0) -> None:
        self.html = ""
        self.onward = ""
        self.headers: dict[str, str] = {}
        page = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                left = int(self.path.rpartition("/")[2])
                self.send_response(307)
                self.send_header("Location", f"/hop/{left - 1}" if left else page.onward)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                body = page.html.encode() if self.path == "/" else b""
                self.send_response(200 if self.path == "/" else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                for name, value in page.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def origin(self) -> str:
        return f"http://localhost:{self._server.server_port}"

    def frame(self, address: str) -> None:
        """Show the address in a frame with the attributes that partners are told to set."""
        self.html = (
            '<!doctype html><html lang="id"><title>Koran</title><link rel="icon" href="data:,">'
            f'<h1>Koran</h1><iframe title="Lacak klaim" src="{address}" width="360" height="900"'
            ' referrerpolicy="strict-origin" sandbox="allow-scripts allow-forms allow-same-origin'
            ' allow-popups allow-popups-to-escape-sandbox"></iframe></html>'
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

"""OHIF as its makers build it, in front of the portal; `/dicom-web/` beside its files gets a token on the way."""

import json
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from config.env import ROOT

# Where tooling/judges.sh puts it.
DIST = ROOT / "build" / "ohif" / "dist"
_SERVICES = "/dicom-web/"
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding"})
_CONFIG = {
    "routerBasename": "/",
    "extensions": [],
    "modes": [],
    "showStudyList": False,
    "maxNumberOfWebWorkers": 1,
    "defaultDataSourceName": "dicomweb",
    "dataSources": [
        {
            "namespace": "@ohif/extension-default.dataSourcesModule.dicomweb",
            "sourceName": "dicomweb",
            "configuration": {
                "friendlyName": "Portal",
                "name": "portal",
                "qidoRoot": "/dicom-web",
                "wadoRoot": "/dicom-web",
                "wadoUriRoot": "/dicom-web",
                "qidoSupportsIncludeField": True,
                "supportsFuzzyMatching": True,
                "supportsWildcard": True,
                "imageRendering": "wadors",
                "thumbnailRendering": "wadors",
                "enableStudyLazyLoad": True,
                "singlepart": "bulkdata,pdf",
                "bulkDataURI": {"enabled": True},
            },
        }
    ],
}


def is_installed() -> bool:
    """Say whether it has been put there."""
    return (DIST / "index.html").is_file()


@contextmanager
def serving(portal: str, token: str) -> Iterator[str]:
    """Serve OHIF until the block ends; yields its address."""
    handler = type("Handler", (_Handler,), {"portal": urlsplit(portal).netloc, "token": token})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, name="ohif", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    portal = ""
    token = ""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith(_SERVICES):
            self._pass_on()
        elif path == "/app-config.js":
            self._send(f"window.config = {json.dumps(_CONFIG)};".encode(), "text/javascript")
        else:
            file = DIST / path.lstrip("/")
            # Every other address is one of the program's own pages.
            file = file if file.is_file() else DIST / "index.html"
            self._send(file.read_bytes(), _type_of(file))

    def _pass_on(self) -> None:
        connection = HTTPConnection(self.portal, timeout=60)
        wanted = {name: self.headers[name] for name in ("Accept", "Accept-Encoding", "Range") if name in self.headers}
        connection.request("GET", self.path, headers={**wanted, "Authorization": f"Bearer {self.token}"})
        answer = connection.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {*_HOP_BY_HOP, "content-length"}:
                self.send_header(name, value)
        self._end(body)
        connection.close()

    def _send(self, body: bytes, media_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self._end(body)

    def _end(self, body: bytes) -> None:
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        """Say nothing."""


def _type_of(file: Path) -> str:
    return {".wasm": "application/wasm", ".js": "text/javascript"}.get(
        file.suffix, mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    )

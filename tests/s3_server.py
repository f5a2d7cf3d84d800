"""A bucket on loopback, as far as rclone copies to one, compares and fetches, and the ways in which it refuses."""

import contextlib
import hashlib
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

KEY, SECRET = "CLINIC", "loopback"
DATE = "Mon, 02 Mar 2026 03:10:00 GMT"
REFUSALS = {
    "refuses": (403, "AccessDenied"),
    "is missing": (404, "NoSuchBucket"),
    "is full": (507, "XMinioStorageFull"),
    "is away": (503, "SlowDown"),
}
# What each trouble concerns: a key without the right to write still lists.
WRITES_ONLY = {"is full", "hangs up"}


class Bucket(ThreadingHTTPServer):
    """Objects by path, whole ones only, and what is the matter at the moment (REFUSALS, "hangs up" or nothing)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.trouble = ""
        self.refused = 0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """The few requests of rclone's S3 backend."""

    protocol_version = "HTTP/1.1"
    server: Bucket

    def log_message(self, *args: object) -> None:
        """Print nothing."""

    def _refuse(self, body_read: bool = False) -> bool:
        """Answer with the trouble of the moment, if it concerns this request."""
        writes = self.command == "PUT"
        status, code = REFUSALS.get(self.server.trouble, (0, ""))
        if not re.search(rf"Credential={KEY}/", self.headers.get("Authorization", "")):
            status, code = 403, "InvalidAccessKeyId"
        elif self.server.trouble in WRITES_ONLY and not writes:
            return False
        if not self.server.trouble and not status:
            return False
        self.server.refused += 1
        if not status:  # hangs up
            self.rfile.read(1000)
            self.close_connection = True
            self.connection.close()
            return True
        if writes:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode())
        return True

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_PUT(self) -> None:
        if self._refuse():
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = unquote(urlsplit(self.path).path).strip("/")
        if "/" in path:  # else the bucket itself is made
            meta = {k: v for k, v in self.headers.items() if k.lower().startswith("x-amz-meta-")}
            self.server.objects[path] = body, meta
        self._answer(200, ETag=f'"{hashlib.md5(body).hexdigest()}"')

    def do_GET(self) -> None:
        if self._refuse():
            return
        split = urlsplit(self.path)
        path, query = unquote(split.path).strip("/"), parse_qs(split.query)
        if "/" not in path:
            self._answer(
                200, self._listing(path, query.get("prefix", [""])[0]), Content_Type="application/xml"
            )
        elif found := self.server.objects.get(path):
            body, meta = found
            tag = hashlib.md5(body).hexdigest()
            self._answer(200, body, ETag=f'"{tag}"', Last_Modified=DATE, **meta)
        else:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def _listing(self, bucket: str, prefix: str) -> bytes:
        rows = [
            f"<Contents><Key>{escape(key)}</Key><Size>{len(body)}</Size><LastModified>2026-03-02T03:10:00.000Z"
            f"</LastModified><ETag>&quot;{hashlib.md5(body).hexdigest()}&quot;</ETag></Contents>"
            for path, (body, _) in sorted(self.server.objects.items())
            if path.startswith(f"{bucket}/") and (key := path.removeprefix(f"{bucket}/")).startswith(prefix)
        ]
        found = "".join(rows)
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>".encode()


@contextlib.contextmanager
def bucket_on_loopback() -> Iterator[Bucket]:
    """Serve a bucket until the block ends."""
    with Bucket() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()

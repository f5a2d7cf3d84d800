"""A push service on loopback: a real https server that decrypts what it gets by RFC 8291, with a browser's own key."""

import json
import ssl
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import NameOID

HOST = "updates.push.services.mozilla.com"
AUTH = b"sixteen-bytes-ok"
PUSH_KEY = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"  # the example key of RFC 8291
Answer = Callable[["PushHandler"], None]


def encode(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def decrypt(body: bytes, key: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """Read RFC 8188's header and record, with the keys of RFC 8291."""
    salt, record_size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
    sender, sealed = body[21 : 21 + length], body[21 + length :]
    assert len(sealed) <= record_size
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
    info = b"WebPush: info\x00" + point_of(key.public_key()) + sender
    secret = HKDF(hashes.SHA256(), 32, auth, info).derive(shared)
    content_key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\x00").derive(secret)
    nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\x00").derive(secret)
    padded = AESGCM(content_key).decrypt(nonce, sealed, None).rstrip(b"\x00")
    assert padded.endswith(b"\x02"), "the last record"
    return padded[:-1]


@dataclass(frozen=True)
class Received:
    """One push as the browser would read it."""

    path: str
    said: dict[str, Any]
    headers: dict[str, str]


class PushHandler(BaseHTTPRequestHandler):
    """Reads a push, then answers as the test scripted for its path."""

    service: "PushService"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        said = json.loads(decrypt(body, self.service.key, AUTH))
        self.service.received.append(Received(self.path, said, dict(self.headers)))
        self.service.answers.get(self.path, answer(201))(self)

    def log_message(self, *args: Any) -> None:
        pass


def answer(status: int, **headers: str) -> Answer:
    def send(handler: PushHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return send


def stall(handler: PushHandler) -> None:
    """Send a byte now and then, and never an answer."""
    for _ in range(40):
        try:
            handler.wfile.write(b"H")
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(0.1)


class PushService:
    """The server, its certificate, and the key of every browser that it serves."""

    def __init__(self, folder: Path) -> None:
        self.key = ec.derive_private_key(4711, ec.SECP256R1())
        self.received: list[Received] = []
        self.answers: dict[str, Answer] = {}
        self.certificate = make_certificate(folder, HOST)
        handler = type("Handler", (PushHandler,), {"service": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        # The handshake in the handler's thread: a client that stalls in it holds up no other.
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.server.handle_error = lambda *args: None  # type: ignore[method-assign]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def subscription(self, name: str) -> dict[str, str]:
        """What a browser hands to the page when it subscribes."""
        return {
            "endpoint": f"https://{HOST}:{self.server.server_port}/push/{name}",
            "p256dh": encode(point_of(self.key.public_key())),
            "auth": encode(AUTH),
        }

    def words(self) -> list[str]:
        return [one.said["body"] for one in self.received]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def from_base64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def make_certificate(folder: Path, host: str) -> Path:
    """Return a file with a key and its own authority's certificate for a host."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(tz=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=4000))
        .not_valid_after(now + timedelta(days=4000))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "push.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path

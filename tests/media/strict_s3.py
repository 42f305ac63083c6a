"""Moto's server, made to check what S3 checks and moto does not: presigned requests and checksums."""

import hashlib
import hmac
import io
import threading
from base64 import b64encode
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.server import ThreadedMotoServer
from werkzeug.serving import make_server

_ERROR = "<?xml version='1.0'?><Error><Code>{}</Code><Message>refused</Message></Error>"


class StrictMotoServer(ThreadedMotoServer):
    """A server of its own address, with the one secret that its clients know."""

    def __init__(self, secret: str) -> None:
        super().__init__(ip_address="127.0.0.1", port=0, verbose=False)
        self.secret = secret

    def _server_entry(self) -> None:
        app = _Strict(DomainDispatcherApplication(create_backend_app), self.secret)
        self._server = make_server(self._ip_address, self._port, app, True, request_handler=MotoRequestHandler)
        self._server_ready_event.set()
        self._server.serve_forever()


class _Strict:
    def __init__(self, app: Callable[..., Iterable[bytes]], secret: str) -> None:
        self._app, self._secret = app, secret
        self._one_at_a_time = threading.Lock()  # what S3 does is atomic; moto mixes up two joins of the same parts

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path, _, query = environ["RAW_URI"].partition("?")
        given = dict(parse_qsl(query, keep_blank_values=True))
        refusal = self._refusal(environ, path, given) if "X-Amz-Signature" in given else None
        if refusal is None and environ["REQUEST_METHOD"] == "PUT":
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            refusal = _wrong_checksum(environ, body)
        if refusal is None:
            try:
                with self._one_at_a_time:
                    return list(self._app(environ, start_response))
            except KeyError:  # moto breaks off where parts are joined that were dropped
                if "uploadId" not in given:
                    raise
                refusal = "404 Not Found", "NoSuchUpload"
        status, code = refusal
        start_response(status, [("content-type", "application/xml")])
        return [_ERROR.format(code).encode()]

    def _refusal(self, environ: dict[str, Any], path: str, given: dict[str, str]) -> tuple[str, str] | None:
        """What S3 says to a presigned request that is over or is not the one that was signed."""
        begun = datetime.strptime(given["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if datetime.now(UTC) > begun + timedelta(seconds=int(given["X-Amz-Expires"])):
            return "403 Forbidden", "AccessDenied"
        if not hmac.compare_digest(self._signature(environ, path, given), given["X-Amz-Signature"]):
            return "403 Forbidden", "SignatureDoesNotMatch"
        return None

    def _signature(self, environ: dict[str, Any], path: str, given: dict[str, str]) -> str:
        signed = given["X-Amz-SignedHeaders"].split(";")
        headers = "".join(f"{name}:{_header(environ, name)}\n" for name in signed)
        rest = sorted((_quoted(k), _quoted(v)) for k, v in given.items() if k != "X-Amz-Signature")
        query = "&".join(f"{name}={value}" for name, value in rest)
        request = "\n".join(
            [environ["REQUEST_METHOD"], quote(unquote(path)), query, headers, ";".join(signed), "UNSIGNED-PAYLOAD"]
        )
        scope = given["X-Amz-Credential"].partition("/")[2]
        text = "\n".join(["AWS4-HMAC-SHA256", given["X-Amz-Date"], scope, hashlib.sha256(request.encode()).hexdigest()])
        key = b"AWS4" + self._secret.encode()
        for step in scope.split("/"):
            key = hmac.digest(key, step.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")


def _header(environ: dict[str, Any], name: str) -> str:
    plain = name.upper().replace("-", "_")
    return str(environ.get(plain if plain in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{plain}", "")).strip()


def _wrong_checksum(environ: dict[str, Any], body: bytes) -> tuple[str, str] | None:
    claimed = environ.get("HTTP_X_AMZ_CHECKSUM_SHA256")
    if claimed is None or claimed == b64encode(hashlib.sha256(body).digest()).decode():
        return None
    return "400 Bad Request", "BadDigest"

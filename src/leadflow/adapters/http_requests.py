"""One request over HTTP: no redirects, complete within a time, and whether anything was sent if it fails."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPMessage, HTTPResponse, HTTPSConnection
from io import BufferedReader, RawIOBase
from socket import socket
from time import monotonic
from typing import IO, Any, Final, NoReturn
from urllib.error import HTTPError
from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, Request, build_opener

__all__ = ["OPENER", "NotConnected"]


class NotConnected(OSError):
    """There was no connection (no such host, no route, a certificate that is not trusted, …): nothing was sent."""


class _InTime(RawIOBase):
    """What comes from a socket within its timeout in all, not for each byte."""

    def __init__(self, raw: Any, sock: socket) -> None:
        self._raw, self._sock, self._until = raw, sock, monotonic() + (sock.gettimeout() or 0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        came: int | None = self._raw.readinto(buffer)
        return came

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    """An answer, headers and all, that must be there within the timeout."""

    def __init__(self, sock: socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp: BufferedReader = BufferedReader(_InTime(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _Response

    def connect(self) -> None:
        try:
            super().connect()
        except OSError as wrong:
            raise NotConnected(str(wrong)) from wrong


class _SecureConnection(_Connection, HTTPSConnection):
    """The same, over TLS."""


class _Http(HTTPHandler):
    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_Connection, req)


class _Https(HTTPSHandler):
    def https_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_SecureConnection, req)


class _NoRedirects(HTTPRedirectHandler):
    """What is sent goes to the service that was named, and nowhere else."""

    def redirect_request(
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,  # noqa: ARG002  (as urllib gives it)
    ) -> NoReturn:
        raise HTTPError(req.full_url, code, msg, headers, fp)


OPENER: Final = build_opener(_NoRedirects, _Http, _Https)
"""Opens http and https with these rules; its proxies are those of the environment."""

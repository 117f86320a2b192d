"""The mailer during one tick: its session is opened for the first message, and closed after the last."""

from __future__ import annotations

import logging
from typing import Any

from leadflow.entities import Message
from leadflow.errors import Deferred, described
from leadflow.flow.effects import Program, call

__all__ = ["Outbox"]

_log = logging.getLogger("leadflow")


class Outbox:
    """Sends messages one after the other by a host's mailer: in one session, if the mailer has sessions."""

    def __init__(self, mailer: Any) -> None:
        self.mailer = mailer
        self._session: Any = None
        self._open: Any = None

    def send(self, message: Message) -> Program[None]:
        """Hand a message to the mail server."""
        if self._open is None:
            self._open = yield from self._opened()
        yield from call(self._open.send, message)

    def _opened(self) -> Program[Any]:
        if not callable(getattr(type(self.mailer), "session", None)):  # many a mailer keeps an HTTP session there
            return self.mailer
        try:
            session = self.mailer.session()
            opened = yield from call(session.__enter__ if hasattr(session, "__enter__") else session.__aenter__)
        except Exception as error:
            raise Deferred(f"no session with the mail server: {described(error)}") from error
        self._session = session
        return opened

    def close(self) -> Program[None]:
        """Close the session, if one was opened; what is wrong then concerns no message."""
        session, self._session, self._open = self._session, None, None
        if session is None:
            return
        leave = session.__exit__ if hasattr(session, "__exit__") else session.__aexit__
        try:
            yield from call(leave, None, None, None)
        except Exception as error:  # noqa: BLE001  (all messages have their outcome)
            _log.info("the session with the mail server did not end well: %s", type(error).__name__)

"""The HTTP server under the app: uvicorn, with llhttp as its parser, bounded."""

import math
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.settings import Settings

# Bytes that may come without anything coming of them: the head of a request, what frames a piece of its body, or what
# stands behind it. What one read brings may be more, once.
MAX_UNREAD = 64 * 1024
# Requests of one connection that may wait for the one before them; browsers and proxies send one at a time.
MAX_PIPELINED = 16


def options(settings: Settings) -> dict[str, Any]:
    """How uvicorn serves the app, in the words of ``uvicorn.Config``."""
    return {
        "host": settings.host,
        "port": settings.port,
        "http": Protocol,
        "loop": "asyncio",  # uvloop gained 2 %, within the noise
        "ws": "none",
        "proxy_headers": True,
        "forwarded_allow_ips": settings.trusted_proxies,
        "server_header": False,
        "log_config": None,
        "access_log": False,  # its lines hold what visitors asked
        "timeout_graceful_shutdown": math.ceil(settings.deadline),
    }


class Protocol(HttpToolsProtocol):
    """uvicorn's faster protocol, with bounds: its parser keeps whatever it has not understood yet, however much.

    Its other one, on h11, has such bounds of its own, and takes a fifth longer for a question.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unread = 0

    def data_received(self, data: bytes) -> None:
        """Parse what has come, and refuse what nothing comes of."""
        self._unread += len(data)
        super().data_received(data)
        if self._unread > MAX_UNREAD and not self.transport.is_closing():
            self.send_400_response("Head of the request too large.")

    def on_headers_complete(self) -> None:
        """A request has come; too many at once are an error of the sender."""
        self._unread = 0
        if len(self.pipeline) == MAX_PIPELINED:
            raise ValueError("too many requests at once")  # the parser ends, and answers 400
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body has come."""
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """All of a request has come."""
        self._unread = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Tell the sender, unless an answer is on its way to it, into which this would be written."""
        if self.cycle is None or self.cycle.response_complete:
            super().send_400_response(msg)
        else:
            self.transport.close()

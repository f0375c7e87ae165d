"""One request at a time to a host, and a pause between any two."""

from collections.abc import Callable

from ingest.web.failures import Failure


class Manners:
    """When each host may be asked again."""

    def __init__(
        self, pause: float, patience: float, *, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        """Know no host yet.

        Args:
            pause: Seconds between two requests to a host, unless it wants more.
            patience: Most seconds to wait for a host.
            clock: Seconds since some time or other.
            sleep: Waits so many seconds.
        """
        self._pause = pause
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._pauses: dict[str, float] = {}
        self._free: dict[str, float] = {}

    def wait(self, host: str) -> None:
        """Wait until a host may be asked.

        Raises:
            Failure: That is further off than anybody would wait.
        """
        wait = self._free.get(host, 0.0) - self._clock()
        if wait > self._patience:
            raise Failure(f"{host} asks to be left alone for another {wait:.0f} s; try again after that")
        if wait > 0:
            self._sleep(wait)

    def asked(self, host: str) -> None:
        """Count a pause from now on, when an answer has been received or given up."""
        self.leave(host, self._pauses.get(host, self._pause))

    def leave(self, host: str, seconds: float) -> None:
        """Leave a host alone for so many seconds at least."""
        self._free[host] = max(self._free.get(host, 0.0), self._clock() + seconds)

    def slow_down(self, host: str, pause: float) -> None:
        """Make the pauses for a host as long as it asks, if they are shorter."""
        self._pauses[host] = max(self._pauses.get(host, self._pause), pause)

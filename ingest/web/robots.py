"""What a site lets a robot fetch (RFC 9309); the only importer of protego."""

from dataclasses import dataclass

from protego import Protego

PRODUCT = "onrecord"
"""Product token that sites name us by."""

MOST_BYTES = 500 * 1024
"""What a crawler has to read of a robots.txt (RFC 9309, 2.5); what is beyond is not looked at."""

KEPT = 24 * 3600
"""Seconds for which a robots.txt is good (RFC 9309, 2.4)."""


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one origin.

    Attributes:
        delay: Seconds between requests that it asks for; None if it does not.
    """

    _rules: Protego
    delay: float | None

    @classmethod
    def parse(cls, data: bytes) -> "Robots":
        """Read a robots.txt; whatever is no rule is passed over, so that nothing at all allows everything."""
        rules = Protego.parse(data.decode("utf-8-sig", errors="replace"))
        return cls(rules, rules.crawl_delay(PRODUCT))

    def allow(self, url: str) -> bool:
        """Whether a page of this origin may be fetched."""
        return self._rules.can_fetch(url, PRODUCT)

"""Why something could not be fetched, before it is known for which address to say so.

Failure            will not be otherwise if it is tried again at once
├── NotPermitted   we may not: an address that is not public, a port, a scheme, robots.txt
└── Passing        may be gone in a moment: a connection that broke off

:class:`~ingest.web.fetch.Fetcher` turns them into :class:`~retrieval.errors.SourceError`; nobody else sees them.
"""


class Failure(Exception):
    """Something cannot be fetched.

    Attributes:
        problem: What is wrong and what to do about it, on one line; nothing in it is a server's own words.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class NotPermitted(Failure):
    """We may not fetch it, whether or not we could."""


class Passing(Failure):
    """Worth another try."""

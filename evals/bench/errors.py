"""What keeps a bench from being run to its end."""

from retrieval.errors import OnRecordError


class BenchFailed(OnRecordError):
    """A program under test failed or is missing, or something was asked for that cannot be measured here."""

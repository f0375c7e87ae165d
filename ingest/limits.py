"""How much reading one file may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a worker that reads files.

    Attributes:
        memory: Bytes of data that the process may have.
        seconds: Of processor time until the next document of a file, or its end.
        patience: Seconds on the clock until then.
        characters: Of one article.
    """

    memory: int = 320 << 20
    seconds: int = 30
    patience: int = 120
    characters: int = 2_000_000

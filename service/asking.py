"""All that makes up one question to the service, and the name by which feedback speaks of it."""

import hashlib
import json
from dataclasses import dataclass, fields

from retrieval.store import State
from retrieval.types import Filters, ReadAs

_FILTERS = tuple(field.name for field in fields(Filters))


@dataclass(frozen=True, slots=True)
class Asking:
    """What somebody asks; see ``Archive.ask``."""

    question: str
    k: int = 10
    filters: Filters = Filters()
    read_as: ReadAs = ReadAs()

    def query_id(self, state: State) -> str:
        """The same for whoever asks the same of the same archive: 128 bits in hexadecimal."""
        told = {
            "question": self.question,
            "k": self.k,
            "filters": {name: getattr(self.filters, name) for name in _FILTERS},
            "read_as": {"speakers": self.read_as.speakers, "topic": self.read_as.topic},
        }
        return hashlib.sha256(json.dumps([state.digest, told]).encode()).hexdigest()[:32]

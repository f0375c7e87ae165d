"""All that makes up one question to the service, and the name by which feedback speaks of it."""

import hashlib
import json
from dataclasses import asdict, dataclass

from retrieval.store import State
from retrieval.types import Filters, ReadAs


@dataclass(frozen=True, slots=True)
class Asking:
    """What somebody asks; see ``Archive.ask``."""

    question: str
    k: int = 10
    filters: Filters = Filters()
    read_as: ReadAs = ReadAs()

    def query_id(self, state: State) -> str:
        """The same for whoever asks the same of the same archive: 128 bits in hexadecimal."""
        return hashlib.sha256(json.dumps([state.digest, asdict(self)]).encode()).hexdigest()[:32]

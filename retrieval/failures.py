"""What of the sources could not be read, and why: by reason, for everybody, and by place, for the operator.

A problem is said in words that may name files, quote articles and repeat what a parser said of them. A reason is what
remains without these: the same for all problems of a kind, and nothing that a visitor must not know.
"""

import json
import re
from collections import defaultdict
from dataclasses import dataclass

from retrieval.database import Connection

# Names of fields that an article states; these are ours.
_FIELDS = {f'"{name}"' for name in "id text title url publisher author published corrected kind".split()}
# Quotation marks as repr() sets them, and as people do; an apostrophe stands behind a letter. What was cut has no end.
_QUOTED = re.compile(r"""(?<!\w)(?:'(?:[^'\\]|\\.)*(?:'|\\?$)|"(?:[^"\\]|\\.)*(?:"|\\?$)|“[^”]*(?:”|$))""")
# What a parser or the system said stands behind a colon or in brackets.
_TOLD = re.compile(r":\s.*|\s*\([^()]*\)")
# What may be a path, an address or the name of a file, or has a number in it.
_PLACE = re.compile(r"\S*(?:[/\\\d]|\w[.@]\w)\S*?(?=[,;]?(?:\s|$))")
_AGAIN = re.compile(r"…(?:[\s,;]*(?:or\s)?…)+")
# So much of a problem is looked at, and so much of a reason is told.
_READ, _LONGEST = 2000, 200


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be read the last time.

    Attributes:
        source: Name of the source; empty for what was named on the command line.
        where: Path or address, with the line if there are lines.
        problem: What is wrong there.
        read_at: When it was found, ISO 8601 in UTC.
    """

    source: str
    where: str
    problem: str
    read_at: str


@dataclass(frozen=True, slots=True)
class FailedFor:
    """All that could not be read for one reason; ``failures`` are examples, the newest first."""

    reason: str
    count: int
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class SourceRead:
    """A source that was read.

    Attributes:
        source: Its name; empty for what was named on the command line, of which only problems are kept.
        items: Files, pages or feeds of it that something is known of.
        failed: How many things in them could not be read.
        read_at: When anything of it was read last.
    """

    source: str
    items: int
    failed: int
    read_at: str


@dataclass(frozen=True, slots=True)
class Failures:
    """What of the sources of an archive could not be read the last time.

    Attributes:
        count: How many things in all.
        reasons: The most frequent reasons, most first.
        different: How many reasons there are in all.
        sources: By name.
    """

    count: int
    reasons: tuple[FailedFor, ...]
    different: int
    sources: tuple[SourceRead, ...]

    @property
    def read_at(self) -> str | None:
        """When anything was read last, as far as that is kept."""
        return max((one.read_at for one in self.sources), default=None)


def failures(connection: Connection, limit: int, examples: int) -> Failures:
    """What could not be read.

    Args:
        connection: To the archive.
        limit: How many reasons to return, at most.
        examples: How many failures of each.
    """
    by_reason: defaultdict[str, list[Failure]] = defaultdict(list)
    counted: defaultdict[str, int] = defaultdict(int)
    by_source: defaultdict[str, int] = defaultdict(int)
    for source, problems, read_at in connection.execute(
        "SELECT source, problems, read_at FROM readings WHERE problems <> '[]' ORDER BY read_at DESC, source, item"
    ):
        for where, problem in json.loads(problems):
            reason = reason_of(problem)
            counted[reason] += 1
            by_source[source] += 1
            if len(by_reason[reason]) < examples:
                by_reason[reason].append(Failure(source, where, problem, read_at))
    most = sorted(counted, key=lambda reason: (-counted[reason], reason))[:limit]
    sources = connection.execute("SELECT source, COUNT(*), MAX(read_at) FROM readings GROUP BY source ORDER BY source")
    return Failures(
        count=sum(counted.values()),
        reasons=tuple(FailedFor(reason, counted[reason], tuple(by_reason[reason])) for reason in most),
        different=len(counted),
        sources=tuple(SourceRead(name, items, by_source[name], read_at) for name, items, read_at in sources),
    )


def reason_of(problem: str) -> str:
    """A problem without what is quoted in it, the places that it names, and numbers.

    >>> reason_of("the id 'a1' is already that of an article in /home/ann/a.jsonl")
    'the id … is already that of an article in …'
    """
    said = " ".join(problem[:_READ].split())
    said = _QUOTED.sub(lambda quoted: quoted[0] if quoted[0] in _FIELDS else "…", said)
    said = _AGAIN.sub("…", _PLACE.sub("…", _TOLD.sub("", said)))
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"

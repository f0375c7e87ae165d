"""The errors that this software raises on purpose.

OnRecordError
├── SourceError        a source of articles cannot be read; names the file and, where there is one, the line
│   └── SourceGone         there was something at this address once, and its server says that there no longer is
├── ArchiveError       the archive cannot be used as asked
│   ├── ArchiveMissing     there is no archive in that folder
│   ├── ArchiveMismatch    written by a newer format, or with another model or other settings
│   ├── ArchiveDamaged     the database itself does not hold together
│   ├── ArchiveUnwritable  no space, or no right, to write
│   ├── ArchiveBusy        others hold what is needed
│   └── ShardsMissing      a part of the archive that is needed does not answer
├── ArticleNotFound    no article, or no such version of it, has that id
├── SpeakerNotFound    nobody of that name is quoted
├── InvalidRequest     a question, a filter or a setting that cannot be meant
└── EvaluationError    an evaluation set that is not what it should be
    └── Incomparable       what a run is to be compared with is not there, unreadable, or of other questions or articles

Every message is one line that says what is wrong and what to do about it.
"""

from collections.abc import Collection


class OnRecordError(Exception):
    """Base of all errors raised on purpose; anything else is a defect."""


class SourceError(OnRecordError):
    """A source of articles cannot be read.

    Attributes:
        where: The file, with ``:line`` where the format has lines.
        problem: What is wrong there, without naming the file.
        field: The field of a record that is to blame, if one is.
    """

    def __init__(self, where: str, problem: str, field: str | None = None) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem
        self.field = field

    def __reduce__(self) -> tuple[type["SourceError"], tuple[str, str, str | None]]:
        """Errors that are kept are copied along with what keeps them."""
        return type(self), (self.where, self.problem, self.field)


class SourceGone(SourceError):
    """What an address led to is there no longer; other failures to fetch it say nothing about that."""


class ArchiveError(OnRecordError):
    """The archive cannot be used as asked."""


class ArchiveMissing(ArchiveError):
    """There is no archive in that folder."""


class ArchiveMismatch(ArchiveError):
    """The archive was written by a newer format, or with another model or other settings."""


class ArchiveDamaged(ArchiveError):
    """The archive's database does not hold together."""


class ArchiveUnwritable(ArchiveError):
    """There is no space, or no right, to write."""


class ArchiveBusy(ArchiveError):
    """Another process or thread holds what is needed."""


class ShardsMissing(ArchiveError):
    """A part of the archive that is needed does not answer.

    Attributes:
        shards: The numbers of the shards.
    """

    def __init__(self, shards: Collection[int]) -> None:
        numbers = ", ".join(map(str, sorted(shards)))
        super().__init__(f"a part of the archive does not answer (shard {numbers}); try again in a moment")
        self.shards = tuple(sorted(shards))

    def __reduce__(self) -> tuple[type["ShardsMissing"], tuple[tuple[int, ...]]]:
        """Errors travel between processes."""
        return type(self), (self.shards,)


class ArticleNotFound(OnRecordError):
    """No article, or no such version of it, has that id."""


class SpeakerNotFound(OnRecordError):
    """Nobody of that name is quoted."""


class InvalidRequest(OnRecordError):
    """A question, a filter or a setting that cannot be meant."""


class EvaluationError(OnRecordError):
    """An evaluation set that is not what it should be."""


class Incomparable(EvaluationError):
    """What a run is to be compared with is not there, cannot be read, or is of other questions or articles."""

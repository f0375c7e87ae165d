"""The core: everything that a question needs.

from retrieval import Archive

with Archive.open("archive") as archive:
    answer = archive.ask("what did Loughton say about caseloads?")
    for hit in answer.passages:
        print(hit.confidence, hit.citation.title, hit.text)
"""

from typing import TYPE_CHECKING, Any

from retrieval.types import Answer, Article, Citation, Draft, Filters, Hit, Span

if TYPE_CHECKING:
    from retrieval.archive import Archive

__all__ = ["Answer", "Archive", "Article", "Citation", "Draft", "Filters", "Hit", "Span"]


def __getattr__(name: str) -> Any:
    """The archive with its indexes is imported by whoever uses it: workers that read files need the errors alone."""
    if name == "Archive":
        from retrieval.archive import Archive  # noqa: PLC0415

        return Archive
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""The core: everything that a question needs.

from retrieval import Archive

with Archive.open("archive") as archive:
    answer = archive.ask("what did Loughton say about caseloads?")
    for hit in answer.passages:
        print(hit.confidence, hit.citation.title, hit.text)
"""

from retrieval.archive import Archive
from retrieval.types import Answer, Article, Citation, Draft, Filters, Hit, Span

__all__ = ["Answer", "Archive", "Article", "Citation", "Draft", "Filters", "Hit", "Span"]

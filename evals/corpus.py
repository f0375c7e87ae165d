"""An archive's articles and passages as the gold of a set is held against them; each is read once."""

from collections.abc import Iterable, Mapping
from functools import cache

from evals.gold import Gold, fold, holds
from retrieval import Archive
from retrieval.errors import ArticleNotFound
from retrieval.types import Article, Passage


class Corpus:
    """The current articles of an archive, and which of their passages gold makes relevant."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self._read = cache(self._article_and_passages)
        self._folded = cache(lambda article_id: fold(self.article(article_id).text))

    def __contains__(self, article_id: str) -> bool:
        try:
            self._read(article_id)
        except ArticleNotFound:
            return False
        return True

    def article(self, article_id: str) -> Article:
        """An article.

        Raises:
            ArticleNotFound: There is none of that id.
        """
        return self._read(article_id)[0]

    def says(self, gold: Gold) -> int:
        """How many times an article has a quote, compared folded.

        Raises:
            ArticleNotFound: See ``article``.
        """
        return self._folded(gold.article).count(fold(gold.quote))

    def passages(self, article_id: str) -> list[Passage]:
        """Its passages, in reading order.

        Raises:
            ArticleNotFound: See ``article``.
        """
        return self._read(article_id)[1]

    def relevant(self, gold: Iterable[Gold]) -> Mapping[str, int]:
        """Relevance (1) by id of every passage that holds at least half of a gold quote.

        Raises:
            ArticleNotFound: See ``article``.
        """
        return {
            passage.id: 1 for one in gold for passage in self.passages(one.article) if holds(passage.text, one.quote)
        }

    def _article_and_passages(self, article_id: str) -> tuple[Article, list[Passage]]:
        stored = self.archive.article(article_id)
        return stored.article, self.archive.passages(stored)

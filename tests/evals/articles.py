"""A small archive of made-up articles, with an encoder that is made in no time."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest.pipeline import ingest_articles
from retrieval import Archive
from retrieval.types import Article
from tests.evals.onrecord import make

ARTICLES = {
    "bridge": (
        "Council votes to repair the bridge.\n\n"
        "The old bridge over the Teme will be closed for nine weeks from June, the council decided on Monday.\n\n"
        "“We can’t wait for another winter,” said Ann Price, who leads the council. She put the cost at £2m.\n\n"
        "Shopkeepers in the lower town fear for their trade. The work begins on 3 June."
    ),
    "school": (
        "A school without bells.\n\n"
        "Pupils at the Hill School go to lessons without a bell. Head teacher Omar Reid says that they are calmer.\n\n"
        "The work begins on 3 June. The work begins on 3 June, the builders confirm."
    ),
}

ROW: dict[str, Any] = {
    "id": "t-1",
    "question": "who leads the town?",
    "kind": "fact",
    "gold": [{"article": "bridge", "quote": "said Ann Price, who leads the council"}],
    "answerable": True,
}
"""A question of a set about them."""


def archive_of(folder: Path, articles: Mapping[str, str] = ARTICLES) -> Archive:
    archive = make(folder)
    ingest_articles(archive, [Article(id=id_, text=text, title=id_) for id_, text in articles.items()])
    return archive

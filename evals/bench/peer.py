"""The peers as programs.

``python -m evals.bench.peer NAME index PASSAGES FOLDER MODEL`` makes an index, ``NAME serve FOLDER PORT`` serves it.

Each is set up as its own documentation does it for search by words and by meaning. txtai has an HTTP interface, and is
asked through that; bm25s (words alone) and Haystack have none, and get the least that FastAPI makes possible.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

Search = Callable[[str, int], list[dict[str, Any]]]


def main() -> None:
    """Do what the arguments say."""
    name, task, *arguments = sys.argv[1:]
    if task == "index":
        passages, folder, model = arguments
        Path(folder).mkdir(parents=True, exist_ok=True)
        _INDEX[name](Path(passages), Path(folder), model)
    else:
        folder, port = arguments
        uvicorn.run(_SERVE[name](Path(folder)), host="127.0.0.1", port=int(port), log_level="warning")


def _passages(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            one = json.loads(line)
            yield one["id"], one["text"]


def _app(search: Search) -> FastAPI:
    app = FastAPI()

    # Not async: FastAPI runs it in a thread, so that one search does not hold up the next request's reading.
    @app.get("/search")
    def _(query: str, limit: int = 10) -> list[dict[str, Any]]:
        return search(query, limit)

    return app


# txtai ----------------------------------------------------------------------------------------------------


def _index_txtai(passages: Path, folder: Path, model: str) -> None:
    from txtai import Embeddings  # noqa: PLC0415  each peer may be installed or not

    embeddings = Embeddings(path=model, hybrid=True, content=True)
    embeddings.index((id_, text, None) for id_, text in _passages(passages))
    embeddings.save(str(folder / "index"))


def _serve_txtai(folder: Path) -> FastAPI:
    config = folder / "config.yml"
    config.write_text(f"path: {json.dumps(str(folder / 'index'))}\nembeddings:\n  hybrid: true\n  content: true\n")
    os.environ["CONFIG"] = str(config)
    from txtai.api import app  # noqa: PLC0415  it reads CONFIG

    served: FastAPI = app
    return served


# bm25s ----------------------------------------------------------------------------------------------------


def _index_bm25s(passages: Path, folder: Path, _: str) -> None:
    import bm25s  # noqa: PLC0415
    import Stemmer  # noqa: PLC0415

    corpus = [{"id": id_, "text": text} for id_, text in _passages(passages)]
    tokens = bm25s.tokenize(
        [one["text"] for one in corpus], stopwords="en", stemmer=Stemmer.Stemmer("english"), show_progress=False
    )
    retriever = bm25s.BM25()
    retriever.index(tokens, show_progress=False)
    retriever.save(str(folder / "index"), corpus=corpus)


def _serve_bm25s(folder: Path) -> FastAPI:
    import bm25s  # noqa: PLC0415
    import Stemmer  # noqa: PLC0415

    retriever = bm25s.BM25.load(str(folder / "index"), load_corpus=True)
    stemmer = Stemmer.Stemmer("english")

    def search(question: str, limit: int) -> list[dict[str, Any]]:
        tokens = bm25s.tokenize(question, stopwords="en", stemmer=stemmer, show_progress=False)
        found, scores = retriever.retrieve(tokens, k=limit, show_progress=False)
        return [{**one, "score": float(score)} for one, score in zip(found[0], scores[0], strict=True)]

    return _app(search)


# Haystack -------------------------------------------------------------------------------------------------


def _index_haystack(passages: Path, folder: Path, model: str) -> None:
    from haystack import Document  # noqa: PLC0415
    from haystack.document_stores.in_memory import InMemoryDocumentStore  # noqa: PLC0415
    from haystack_integrations.components.embedders.sentence_transformers import (  # noqa: PLC0415
        SentenceTransformersDocumentEmbedder,
    )

    store = InMemoryDocumentStore()
    embedder = SentenceTransformersDocumentEmbedder(model=model, progress_bar=False)
    embedder.warm_up()
    documents = [Document(id=id_, content=text) for id_, text in _passages(passages)]
    store.write_documents(embedder.run(documents)["documents"])
    store.save_to_disk(str(folder / "store.json"))
    (folder / "model").write_text(model, encoding="utf-8")


def _serve_haystack(folder: Path) -> FastAPI:
    from haystack import Pipeline  # noqa: PLC0415
    from haystack.components.joiners import DocumentJoiner  # noqa: PLC0415
    from haystack.components.retrievers.in_memory import (  # noqa: PLC0415
        InMemoryBM25Retriever,
        InMemoryEmbeddingRetriever,
    )
    from haystack.document_stores.in_memory import InMemoryDocumentStore  # noqa: PLC0415
    from haystack_integrations.components.embedders.sentence_transformers import (  # noqa: PLC0415
        SentenceTransformersTextEmbedder,
    )

    store = InMemoryDocumentStore.load_from_disk(str(folder / "store.json"))
    model = (folder / "model").read_text(encoding="utf-8")
    pipeline = Pipeline()
    pipeline.add_component("embedder", SentenceTransformersTextEmbedder(model=model, progress_bar=False))
    pipeline.add_component("dense", InMemoryEmbeddingRetriever(store))
    pipeline.add_component("words", InMemoryBM25Retriever(store))
    pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
    pipeline.connect("embedder.embedding", "dense.query_embedding")
    pipeline.connect("dense", "joiner")
    pipeline.connect("words", "joiner")

    def search(question: str, limit: int) -> list[dict[str, Any]]:
        asked = {"embedder": {"text": question}, "words": {"query": question}, "joiner": {"top_k": limit}}
        found = pipeline.run(asked)["joiner"]["documents"]
        return [{"id": one.id, "text": one.content, "score": one.score} for one in found]

    return _app(search)


_INDEX = {"txtai": _index_txtai, "bm25s": _index_bm25s, "haystack": _index_haystack}
_SERVE = {"txtai": _serve_txtai, "bm25s": _serve_bm25s, "haystack": _serve_haystack}

if __name__ == "__main__":
    main()

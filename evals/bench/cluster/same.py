"""Whether two services answer the same."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from evals.bench import processes
from evals.bench.cluster.figures import Same
from evals.bench.systems import DEPTH

Answer = Mapping[str, Any]

# Questions that are named where the order differs.
_NAMED = 5
# What of a passage is the same wherever it is found; its rank, its confidence and what is marked are of the answer.
_OF_PASSAGE = ("id", "text", "citation")


def ask(port: int, question: str, k: int = DEPTH) -> Answer:
    """The answer of a service on this machine.

    Raises:
        BenchFailed: There is none.
    """
    answer: Answer = json.loads(processes.get(port, f"/v1/ask?{urlencode({'q': question, 'k': k})}"))
    return answer


def same(questions: Sequence[str], one: Sequence[Answer], other: Sequence[Answer]) -> Same:
    """Hold answers to the same questions against each other.

    Args:
        questions: At least one.
        one: An answer to each.
        other: An answer to each.
    """
    pairs = list(zip(one, other, strict=True))
    in_order = [_order(a) == _order(b) for a, b in pairs]
    alike = [ordered and _confidences(a) == _confidences(b) for ordered, (a, b) in zip(in_order, pairs, strict=True)]
    return Same(
        questions=len(pairs),
        order=sum(in_order) / len(pairs),
        confidence=sum(alike) / len(pairs),
        largest=max(
            (abs(x - y) for a, b in pairs for x, y in zip(_confidences(a), _confidences(b), strict=False)), default=0.0
        ),
        overlap=sum(_overlap(a, b) for a, b in pairs) / len(pairs),
        differing=tuple(question for question, ok in zip(questions, in_order, strict=True) if not ok)[:_NAMED],
    )


def wrong(part: Answer, whole: Answer, article: Callable[[str], str]) -> bool:
    """Whether an answer from some shards has what the whole archive has not, or cites it in another way.

    Args:
        part: From some shards.
        whole: From all, much longer. What even that does not reach is looked up in its article.
        article: The text of one of the whole archive, by its id.
    """
    known = {one["id"]: one for one in whole["passages"]}
    return any(
        any(passage[name] != known[passage["id"]][name] for name in _OF_PASSAGE)
        if passage["id"] in known
        else not _cited_rightly(passage, article(passage["citation"]["article_id"]))
        for passage in part["passages"]
    )


def article_text(port: int, article_id: str) -> str:
    """The text of an article of a service on this machine.

    Raises:
        BenchFailed: It has none.
    """
    return str(json.loads(processes.get(port, f"/v1/articles/{quote(article_id, safe='')}"))["text"])


def _cited_rightly(passage: Mapping[str, Any], text: str) -> bool:
    cited = passage["citation"]
    digest = hashlib.sha256(passage["text"].encode()).hexdigest()
    return bool(text[cited["start"] : cited["end"]] == passage["text"] and cited["text_sha256"] == digest)


def _order(answer: Answer) -> tuple[object, ...]:
    return answer["answered"], answer["reason"], [one["id"] for one in answer["passages"]]


def _confidences(answer: Answer) -> list[float]:
    return [answer["confidence"] or 0.0, *(one["confidence"] for one in answer["passages"])]


def _overlap(one: Answer, other: Answer) -> float:
    wanted = {passage["id"] for passage in one["passages"]}
    return len(wanted & {passage["id"] for passage in other["passages"]}) / len(wanted) if wanted else 1.0

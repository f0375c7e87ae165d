"""What is told of an archive as figures: for ``GET /v1/stats``, ``onrecord stats`` and the page of what it covers.

All is bounded, however large the archive: what is left out is counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from retrieval.store import Store
from retrieval.types import Holding

# Confidence is told in bands that begin here.
_BANDS = (0.9, 0.7, 0.5, 0.0)
# Statements are counted by confidence in so many passages: all of them would have to be read for it.
_SAMPLED = 1000


def statistics(store: Store, limit: int) -> Mapping[str, Any]:
    """What a store holds, and what could not be read; no place that was read is named.

    Args:
        store: Being read, so that all of it is of one change.
        limit: Of how many publishers, speakers and reasons to tell all, at most.
    """
    held = store.holdings()
    return {
        **asdict(store.coverage()),
        "publishers": [{"publisher": one.publisher, "articles": one.articles} for one in held.publishers],
        "kinds": [{"kind": name, "articles": count} for name, count in held.kinds],
        "holdings": {
            **_holding(held.all),
            "publishers": [
                {"publisher": one.publisher, "articles": one.articles, **_holding(one)}
                for one in held.publishers[:limit]
            ],
            "different": len(held.publishers),
        },
        "copied": store.copied(),
        "speakers": _speakers(store, limit),
        "failed": _failed(store, limit),
    }


def _holding(one: Holding) -> dict[str, Any]:
    return {
        "first": one.first,
        "last": one.last,
        "undated": one.undated,
        "months": dict(one.months),
        "gaps": [asdict(gap) for gap in one.gaps],
    }


def _speakers(store: Store, limit: int) -> dict[str, Any]:
    names, statements = store.said_in_all()
    looked_into, confidences = store.confidences(_SAMPLED)
    return {
        "names": names,
        "statements": statements,
        "most_quoted": [
            {"name": one.name, "statements": one.statements, "articles": one.articles}
            for one in store.speakers_by_prefix("", limit)
        ],
        "sample": {
            "passages": looked_into,
            "statements": len(confidences),
            "by_confidence": [{"least": least, "statements": count} for least, count in _by_confidence(confidences)],
            "unattributed": confidences.count(None),
        },
    }


def _by_confidence(confidences: Sequence[float | None]) -> list[tuple[float, int]]:
    counted = dict.fromkeys(_BANDS, 0)
    for confidence in confidences:
        if confidence is not None:
            counted[next(least for least in _BANDS if confidence >= least)] += 1
    return list(counted.items())


def _failed(store: Store, limit: int) -> dict[str, Any]:
    found = store.failures(limit, examples=0)
    return {
        "count": found.count,
        "reasons": [{"reason": one.reason, "count": one.count} for one in found.reasons],
        "different": found.different,
        "read_at": found.read_at,
    }

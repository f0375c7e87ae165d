"""Answers as the service gives them, for a test to change what it is about."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

QUESTION = "what did Okafor say about the ferry?"


def citation(**changed: Any) -> Json:
    return {
        "article_id": "harbour",
        "version": 1,
        "title": "Harbour ferry to keep its night service",
        "publisher": "The Tidewater Gazette",
        "author": "Anna Brandt",
        "published": "2019-05-03",
        "url": None,
        "link": "/articles/harbour#v1-0-60",
        "start": 0,
        "end": 60,
        "text_sha256": "0" * 64,
        "prefix": "",
        "suffix": "",
    } | changed


def passage(rank: int = 1, **changed: Any) -> Json:
    return {
        "rank": rank,
        "id": f"harbour:1:{rank}",
        "text": "“The night ferry stays,” Okafor said. Tickets cost more from June.",
        "confidence": 0.93,
        "score": 2.5,
        "segments": [
            {"text": "“The night ferry stays,”", "highlight": True},
            {"text": " Okafor said. Tickets cost more from June.", "highlight": False},
        ],
        "quotes": [],
        "attribution": {"relation": "said_by", "name": "Ines Okafor", "office": "head of the ferry company"},
        "citation": citation(),
        "copies": [],
    } | changed


def answer(*passages: Mapping[str, Any], **changed: Any) -> Json:
    return {
        "question": QUESTION,
        "query_id": "0123456789abcdef0123456789abcdef",
        "answered": True,
        "confidence": 0.93,
        "reason": None,
        "interpretation": {
            "speakers": ["Ines Okafor"],
            "topic": "the ferry",
            "published_from": None,
            "published_to": None,
        },
        "passages": list(passages) or [passage()],
        "archive": {
            "version": 1,
            "articles": 5,
            "passages": 61,
            "published_from": "2010-03-11",
            "published_to": "2011-02-09",
        },
        "asked_for": [{"name": "Ines Okafor", "statements": 3, "articles": 1}],
        "spoken_of_by": [],
        "took_ms": 3.9,
    } | changed


def unanswered(reason: str, *passages: Mapping[str, Any], **changed: Any) -> Json:
    return answer(*passages, answered=False, reason=reason, confidence=0.04, **changed)

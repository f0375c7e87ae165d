"""Made-up articles: the same for everybody, and like real ones where it matters for search."""

import hashlib
import json
import math
import os
import re
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from evals.bench import questions, words
from evals.bench.articles import Made, article, write
from evals.bench.world import Pool, plural, world
from evals.gold import validate
from tests.conftest import ROOT

DIGEST = """
import hashlib, json
from evals.bench.articles import article
from evals.bench.world import world
print(hashlib.sha256(json.dumps([article(world(5), number).record for number in range(4)]).encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def made() -> list[Made]:
    return [article(world(5), number) for number in range(400)]


def test_a_seed_gives_the_same_bytes_in_every_process(made: list[Made]) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", DIGEST]
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=500).stdout
    assert printed.strip() == hashlib.sha256(json.dumps([one.record for one in made[:4]]).encode()).hexdigest()
    assert article(world(6), 0).record["text"] != made[0].record["text"]


def test_an_article_does_not_depend_on_how_many_are_made(made: list[Made], tmp_path: Path) -> None:
    assert article(world(5), 371) == made[371]
    write(world(5), range(10, 13), tmp_path / "some.jsonl")
    written = [json.loads(line) for line in (tmp_path / "some.jsonl").read_text(encoding="utf-8").splitlines()]
    assert written == [one.record for one in made[10:13]]


def test_statements_stand_verbatim_in_their_article(made: list[Made]) -> None:
    for one in made:
        for said in one.said:
            assert said.quote in one.record["text"]
            assert said.about in said.quote
            assert said.place in said.quote
            assert said.speaker.surname in one.record["text"]
            if said.direct:
                assert re.search(f"“{re.escape(said.quote)}[.,]”", one.record["text"])


def test_questions_with_known_answers_are_a_sound_set(made: list[Made]) -> None:
    asked = list(questions.known(world(5), len(made), 70))
    assert asked == list(questions.known(world(5), len(made), 70))
    validate(asked, {one.record["id"]: one.record["text"] for one in made})
    kinds = Counter(one.kind for one in asked)
    assert kinds == {"said": 20, "surname": 10, "keywords": 10, "dated": 10, "absent topic": 10, "absent person": 10}
    assert all(one.answerable is not one.kind.startswith("absent") for one in asked)


def test_what_is_asked_for_in_vain_stands_in_no_article(made: list[Made]) -> None:
    everything = "\n".join(one.record["text"] + one.record["title"] for one in made).lower()
    known = {word for one in words.TRADES.values() for part in one for word in re.findall(r"\w+", part)}
    for topic in words.ABSENT:
        assert topic not in everything
        assert not set(topic.split()) <= {plural(word) for word in known} | known
    assert not [name for name in words.ABSENT_SURNAMES if name.lower() in everything]


def test_questions_for_load_never_come_twice() -> None:
    assert len(set(islice(questions.load(world(5), 3), 3000))) == 3000


def test_words_are_as_frequent_and_as_rare_as_in_newspapers(made: list[Made]) -> None:
    """Of PolNeAR's 1,008 articles, by paragraphs: document frequency falls with the rank, by about its inverse."""
    paragraphs = [part for one in made for part in one.record["text"].split("\n\n")]
    found = Counter(word for part in paragraphs for word in set(re.findall(r"\w+", part.lower())))
    frequencies = [count / len(paragraphs) for _, count in found.most_common()]
    assert frequencies[0] > 0.8
    assert 0.03 < frequencies[99] < 0.15
    assert 0.002 < frequencies[999] < 0.012
    assert len(frequencies) > 5000
    slope = math.log(frequencies[2999] / frequencies[99]) / math.log(2999 / 99)
    assert -1.8 < slope < -0.8


def test_a_few_people_say_much_and_many_say_something(made: list[Made]) -> None:
    said = Counter(one.speaker.name for each in made for one in each.said)
    assert len(said) > 700
    assert said.most_common(1)[0][1] > 8 * sum(said.values()) / len(said)
    kinds = Counter(one.direct for each in made for one in each.said)
    assert 0.5 < kinds[True] / kinds.total() < 0.7


def test_lengths_and_dates_vary(made: list[Made]) -> None:
    lengths = sorted(len(one.record["text"]) for one in made)
    assert 2300 < lengths[len(lengths) // 2] < 3600
    assert lengths[-1] > 4 * lengths[0]
    assert len({one.record["published"][:4] for one in made}) == 16
    assert len({one.record["publisher"] for one in made}) > 20


def test_zipfs_law_is_drawn_from() -> None:
    from random import Random

    drawn = Pool([str(number) for number in range(100)], 1).stream(Random(1))
    counts = Counter(drawn() for _ in range(20_000))
    assert 1.7 < counts["0"] / counts["1"] < 2.3
    assert 7 < counts["0"] / counts["9"] < 14


@pytest.mark.parametrize(
    ("one", "many"), [("nurse", "nurses"), ("jury", "juries"), ("bus", "buses"), ("tray", "trays")]
)
def test_plurals(one: str, many: str) -> None:
    assert plural(one) == many

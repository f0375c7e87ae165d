"""What becomes of an archive when one of its shards does not answer."""

from concurrent.futures import Future

import pytest

from retrieval import Archive, Filters
from retrieval.errors import ArticleNotFound, ShardsMissing
from retrieval.sharded.archive import ShardedArchive
from retrieval.sharded.manifest import owner
from retrieval.sharded.transport import ShardLost
from tests.retrieval.sharded.conftest import Sharded, drafted, lose

ABOUT = [f"The minister spoke of caseloads in town {number}, and of schools." for number in range(12)]


@pytest.fixture
def towns(sharded: Sharded) -> ShardedArchive:
    archive = sharded(3)
    archive.put([drafted(f"town-{number}", text) for number, text in enumerate(ABOUT)])
    return archive


def articles_of(shard: int) -> set[str]:
    return {f"town-{number}" for number in range(12) if owner(f"town-{number}", 3) == shard}


@pytest.mark.parametrize("lost", [{0}, {1}, {2}, {0, 2}])
def test_an_answer_says_which_shards_are_missing_and_is_right_about_the_rest(
    towns: ShardedArchive, lost: set[int]
) -> None:
    everything = towns.ask("what was said of caseloads", 20)
    assert everything.missing == ()
    lose(towns, *lost)
    answer = towns.ask("what was said of caseloads", 20)
    gone = set().union(*map(articles_of, lost))
    assert answer.missing == tuple(sorted(lost))
    left = [hit for hit in everything.passages if hit.citation.article_id not in gone]
    assert [(hit.id, hit.text, hit.citation) for hit in answer.passages] == [
        (hit.id, hit.text, hit.citation) for hit in left
    ]
    # What is known of all shards together is still known.
    assert answer.archive == everything.archive


def test_a_partial_answer_claims_nothing_of_what_is_missing(towns: ShardedArchive) -> None:
    only = Filters(article="town-4")
    assert towns.ask("caseloads", 5, Filters(article="nowhere")).reason == "no_article_matches"
    lose(towns, owner("town-4", 3))
    answer = towns.ask("caseloads", 5, only)
    assert (answer.passages, answer.answered, answer.reason) == ((), False, "low_confidence")


def test_a_shard_that_does_not_say_what_is_new_in_it_is_asked_nothing_and_told_of(
    towns: ShardedArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = towns.store.transport  # type: ignore[attr-defined]
    send = transport.send

    def slow(shard: int, method: str, *arguments: object) -> object:
        if (shard, method) != (1, "changes"):
            return send(shard, method, *arguments)
        future: Future[object] = Future()
        future.set_exception(ShardLost())
        return future

    monkeypatch.setattr(transport, "send", slow)
    transport._shards[1].archive.put([drafted("town-new", "The minister spoke of caseloads in a new town.")])
    answer = towns.ask("what was said of caseloads", 20)
    assert answer.missing == towns.missing_shards() == (1,)
    assert not articles_of(1) & {hit.citation.article_id for hit in answer.passages}
    with pytest.raises(ShardsMissing, match="1"):
        towns.refresh()
    monkeypatch.undo()
    answer = towns.ask("what was said of caseloads", 20)
    assert answer.missing == towns.missing_shards() == ()
    assert "town-new" in {hit.citation.article_id for hit in answer.passages}


def test_with_all_shards_missing_there_is_no_answer(towns: ShardedArchive) -> None:
    lose(towns, 0, 1, 2)
    with pytest.raises(ShardsMissing, match="0, 1, 2"):
        towns.ask("what was said of caseloads")


def test_a_shard_that_did_not_answer_is_not_waited_for_again(
    towns: ShardedArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = towns.store.transport  # type: ignore[attr-defined]
    send, asked = transport.send, []

    def noted(shard: int, method: str, *arguments: object) -> object:
        if method == "candidates":
            transport.lost = {0}
        if transport.lost and shard == 0:
            asked.append(method)
        return send(shard, method, *arguments)

    monkeypatch.setattr(transport, "send", noted)
    assert towns.ask("what was said of caseloads", 20).missing == (0,)
    assert asked == ["candidates"]


def test_an_article_that_is_changed_while_a_question_is_answered_is_in_the_answer(
    towns: ShardedArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = towns.store.transport  # type: ignore[attr-defined]
    send = transport.send
    shard = transport._shards[owner("town-4", 3)].archive
    new = drafted("town-4", "The minister spoke of caseloads in town 4, and of nothing else.")

    def changing(number: int, method: str, *arguments: object) -> object:
        if method == "candidates" and shard.article("town-4").version == 1:
            shard.put([new])
        return send(number, method, *arguments)

    monkeypatch.setattr(transport, "send", changing)
    found = {hit.citation.article_id: hit.text for hit in towns.ask("what was said of caseloads", 20).passages}
    assert found["town-4"] == new.article.text


def test_a_deletion_whose_acknowledgement_was_lost_is_done(
    towns: ShardedArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = towns.store.transport  # type: ignore[attr-defined]
    send = transport.send

    def twice(shard: int, method: str, *arguments: object) -> object:
        if method == "delete":
            send(shard, method, *arguments).result()
        return send(shard, method, *arguments)

    monkeypatch.setattr(transport, "send", twice)
    towns.delete("town-4")
    assert "town-4" not in {one.article.id for one in towns.articles(limit=20)[0]}
    with pytest.raises(ArticleNotFound):
        towns.delete("town-4")


def test_what_is_put_is_known_at_once_though_it_may_be_a_copy_of_what_is_in_a_lost_shard(sharded: Sharded) -> None:
    archive = sharded(2)
    story = " ".join(f"Sentence {number} of a report on the harbour of Leith is its own." for number in range(30))
    homes = [next(f"paper-{n}" for n in range(20) if owner(f"paper-{n}", 2) == shard) for shard in (0, 1)]
    archive.put([drafted(homes[0], story, publisher="The First")])
    lose(archive, 0)
    other = next(f"other-{n}" for n in range(20) if owner(f"other-{n}", 2) == 1)
    archive.put([drafted(homes[1], story, publisher="The Second"), drafted(other, "A word on lighthouses.")])
    assert {one.article.id for one in archive.articles()[0]} == {*homes, other}
    lose(archive)
    assert [one.article.id for one in archive.copies(homes[0])] == [homes[1]]
    assert [one.article.id for one in archive.copies(homes[1])] == [homes[0]]


def test_when_it_answers_again_nothing_is_missing(towns: ShardedArchive) -> None:
    everything = towns.ask("caseloads in town 4", 20)
    lose(towns, 0)
    towns.ask("caseloads in town 4", 20)
    lose(towns)
    assert towns.ask("caseloads in town 4", 20) == everything
    assert towns.missing_shards() == ()


def test_whatever_else_needs_a_missing_shard_says_so(towns: ShardedArchive) -> None:
    lose(towns, 1)
    inside, outside = sorted(articles_of(1))[0], sorted(articles_of(0))[0]
    assert towns.missing_shards() == (1,)
    assert towns.article(outside).article.id == outside
    with pytest.raises(ShardsMissing, match="shard 1"):
        towns.article(inside)
    with pytest.raises(ShardsMissing):
        towns.delete(inside)
    with pytest.raises(ShardsMissing):
        towns.refresh()
    # This is in the catalogue.
    assert {one.article.id for one in towns.articles(limit=20)[0]} == {f"town-{number}" for number in range(12)}


def test_what_is_put_into_a_missing_shard_is_not_acknowledged_and_can_be_put_again(towns: ShardedArchive) -> None:
    drafts = [drafted(f"new-{number}", f"A note on harbours, number {number}.") for number in range(6)]
    there = {one.article.id for one in drafts if owner(one.article.id, 3) != 2}
    lose(towns, 2)
    with pytest.raises(ShardsMissing, match="shard 2"):
        towns.put(drafts)
    lose(towns)
    outcomes = towns.put(drafts)
    assert {one.article_id for one in outcomes if one.outcome == "unchanged"} == there
    assert {one.version for one in outcomes} == {1}
    found = {hit.citation.article_id for hit in towns.ask("harbours", 20).passages}
    assert {one.article.id for one in drafts} <= found


def test_a_shard_that_is_lost_between_search_and_citation_leaves_a_partial_answer(
    towns: ShardedArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = towns.store.transport  # type: ignore[attr-defined]
    send = transport.send

    def failing(shard: int, method: str, *arguments: object) -> object:
        if method == "cited":
            transport.lost = {0}
        return send(shard, method, *arguments)

    monkeypatch.setattr(transport, "send", failing)
    answer = towns.ask("what was said of caseloads", 20)
    assert answer.missing == (0,)
    assert answer.passages
    assert not {hit.citation.article_id for hit in answer.passages} & articles_of(0)


def test_statistics_are_of_all_shards_though_one_is_missing(towns: ShardedArchive) -> None:
    lose(towns, 0)
    assert towns.coverage().articles == 12
    assert towns.interpret("what was said of caseloads").topic


def test_pairs_of_copies_are_not_lost_with_a_shard(sharded: Sharded, whole: Archive) -> None:
    """Copies are found when a change is taken up, for which both texts are needed."""
    story = " ".join(f"Sentence {number} of a report on the harbour of Leith is its own." for number in range(30))
    ids = [f"paper-{number}" for number in range(4)]
    drafts = [drafted(id_, story, publisher=id_, published="2020-01-02") for id_ in ids]
    archive = sharded(2)
    homes = {id_: owner(id_, 2) for id_ in ids}
    assert set(homes.values()) == {0, 1}
    first = [one for one in drafts if homes[one.article.id] == 0]
    archive.put(first)
    # The other shard's are put there directly, and the first shard is lost when they are to be taken up.
    other = archive.store.transport._shards[1].archive  # type: ignore[attr-defined]
    other.put([one for one in drafts if homes[one.article.id] == 1])
    lose(archive, 0)
    archive.ask("harbour")
    lose(archive)
    whole.put(drafts)
    for id_ in ids:
        assert [one.article.id for one in archive.copies(id_)] == [one.article.id for one in whole.copies(id_)] != []
    assert (
        archive.ask("harbour of Leith", 1).passages[0].carried == whole.ask("harbour of Leith", 1).passages[0].carried
    )

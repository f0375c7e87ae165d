"""Sources to an archive in shards, on Ray: the stages as a stream of Ray Data, and shards that are written beside.

Workers read, draft and encode whatever is free to be done next, and Ray Data holds each stage back as long as the one
behind it has enough. Rows come out in the order of the sources, so that of two articles of one id the first is taken,
whoever is quicker, and a second run takes the same.
"""

import logging
import pickle
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO

import ray
import ray.data
from ray.exceptions import RayError
from ray.util.queue import Queue

from ingest.cluster.connection import NoCluster
from ingest.cluster.stages import Batch, Drafting, Encoding, Model, Place, items, packed, packs, read_places
from ingest.cluster.writers import Writers
from ingest.failures import keep_failures
from ingest.pipeline import Summary
from ingest.read import is_address, places
from retrieval.archive import LoadEncoder
from retrieval.encoder import load
from retrieval.errors import OnRecordError
from retrieval.sharded.archive import ShardedArchive
from retrieval.sharded.manifest import Manifest

# Files that one worker reads at a time are at most so many, or have about so many bytes.
_FILES, _BYTES = 16, 1_000_000
# Rows of documents that are encoded together: what is encoded at once should fill batches of every length.
_ROWS = 4
# Passages, or articles that are there already, of one transaction of a shard; see ``ingest.pipeline``.
_WEIGHT = 512
# Transactions that a shard may have before it.
_WAITING = 2
# Bytes of a block of rows. Ray Data's own are larger than many a source, which one worker would then do all of.
_BLOCK = 128_000
# Rows that wait between this process and the worker that takes what only this process can read.
_QUEUE = 16
# Of a core each. A core has room for one worker of each kind: they take turns as there is work for them.
_READING, _DRAFTING, _ENCODING = 0.25, 0.5, 0.25


def ingest(
    folder: Path,
    sources: Sequence[str],
    *,
    stdin: BinaryIO | None = None,
    options: Mapping[str, Any] | None = None,
    on_progress: Callable[[Summary], None] = lambda _: None,
    load_encoder: LoadEncoder = load,
) -> Summary:
    """Put what sources hold into the archive in shards that is in a folder; Ray is connected.

    What is counted is in its shard, durably. Interrupted at any point, every shard is sound, and running again goes on
    from there: what is in its shard is read again, but neither encoded nor written.

    Args:
        folder: Of the archive, on this machine, where the shards are written. A machine that does not see it needs the
            model itself.
        sources: See ``ingest.read.read``. Files are read by workers, so all machines have to see them under one path;
            what is piped in or fetched, by this process.
        stdin: See there.
        options: See there.
        on_progress: Called with the summary so far whenever a shard has taken something.
        load_encoder: See ``Archive.open``; workers call it.

    Raises:
        ArchiveError: A shard cannot be written; see ``Archive.put``.
        NoCluster: A worker was lost that nothing could be put in place of.
    """
    started, began = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    summary = Summary()
    folder = folder.absolute()
    folders = Manifest.read(folder).paths(folder)
    with _plainly():
        writers = Writers(folders, load_encoder)
        with ShardedArchive.over(folder, writers, load_encoder=load_encoder) as whole:
            model = Model(whole.settings["model"], folder / "model", whole.settings["model_sha256"], load_encoder)
            with _places(sources, stdin, options or {}) as (rows, queues):
                read = partial(read_places, queues=queues, options=options or {}, folder=str(Path.cwd()))
                parts = _parts(rows, read, model, int(whole.settings["passage_tokens"]), writers)
                for done in _written(parts, writers):
                    summary.merge(done)
                    on_progress(summary)
            whole.refresh()
            keep_failures(whole, sources, summary.failed, began)
    summary.seconds = time.monotonic() - started
    on_progress(summary)
    return summary


def _parts(
    rows: Sequence[bytes], read: Callable[..., Iterator[Batch]], model: Model, tokens: int, writers: Writers
) -> Iterator[Mapping[str, Any]]:
    """What each shard gets, in the order of the sources: rows as ``Encoding`` returns them."""
    of_each = [one["Resources"].get("CPU", 0) for one in ray.nodes() if one["Alive"]]
    cores, machines = max(1, int(sum(of_each))), max(1, sum(map(bool, of_each)))
    drafting = ray.data.ActorPoolStrategy(min_size=1, max_size=cores, initial_size=cores)
    # The encoder uses all cores of its machine, and nothing but these: no GPU is asked for, as it could not use one.
    encoding = ray.data.ActorPoolStrategy(min_size=1, max_size=machines, initial_size=machines)
    with _context():
        stream = (
            ray.data.from_items([{"places": row} for row in rows], override_num_blocks=len(rows))
            .map_batches(read, batch_size=1, num_cpus=_READING, concurrency=min(len(rows), max(1, cores // 2)))
            .map_batches(
                Drafting,
                batch_size=1,
                num_cpus=_DRAFTING,
                compute=drafting,
                fn_constructor_args=(model, tokens, writers.names),
            )
            .map_batches(
                Encoding,
                batch_size=_ROWS,
                num_cpus=_ENCODING,
                compute=encoding,
                fn_constructor_args=(model, writers.shards),
            )
        )
        batches: Any = stream.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=1)
        for batch in batches:
            yield from batch.to_pylist()


@contextmanager
def _context() -> Iterator[None]:
    """Settings of Ray Data, for as long as it works for us."""
    before = ray.data.DataContext.get_current()
    ours = before.copy()
    ours.enable_progress_bars = False
    ours.execution_options.preserve_order = True
    ours.target_max_block_size = _BLOCK
    ours.raise_original_map_exception = True
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # errors are raised
    with ray.data.DataContext.current(ours):
        yield


def _written(parts: Iterable[Mapping[str, Any]], writers: Writers) -> Iterator[Summary]:
    """Have parts put into their shards, and count what is in there.

    Each shard gets its own in the order in which they come, and as many at a time as make a transaction. Where one has
    enough before it, no more are taken for any.
    """
    kept: list[list[bytes]] = [[] for _ in writers.actors]
    weights = [0] * writers.shards
    waiting: deque[ray.ObjectRef[Summary]] = deque()

    def hand_over(shard: int) -> None:
        waiting.append(writers.actors[shard].put.remote(*kept[shard]))
        kept[shard], weights[shard] = [], 0

    for part in parts:
        shard = part["shard"]
        kept[shard].append(part["part"])
        weights[shard] += part["weight"]
        if weights[shard] >= _WEIGHT:
            hand_over(shard)
        while waiting and (len(waiting) > _WAITING * writers.shards or _is_done(waiting[0])):
            yield ray.get(waiting.popleft())
    for shard, left in enumerate(kept):
        if left:
            hand_over(shard)
    while waiting:
        yield ray.get(waiting.popleft())


def _is_done(asked: "ray.ObjectRef[Summary]") -> bool:
    return bool(ray.wait([asked], timeout=0)[0])


@contextmanager
def _places(
    sources: Sequence[str], stdin: BinaryIO | None, options: Mapping[str, Any]
) -> Iterator[tuple[list[bytes], list[Queue]]]:
    """Rows of ``read_places``, and queues that are filled as they are read: what is piped in, and what is fetched."""
    rows: list[bytes] = []
    here: list[tuple[str, Place]] = []
    for some in _groups(places(sources)):
        if _only_here(some[0][1]):
            rows.append(packed(len(here)))
            here += some
        else:
            rows.append(packed(some))
    # One place after the other: nobody is to be asked for pages twice as fast because there are more of us.
    queues = [Queue(_QUEUE, actor_options={"num_cpus": 0}) for _ in here]
    thread = Thread(target=_fill, args=(queues, here, stdin, options), name="places", daemon=True)
    thread.start()
    try:
        yield rows or [packed([])], queues
    finally:
        for queue in queues:
            queue.shutdown(force=True)


def _fill(
    queues: Sequence[Queue], here: Sequence[tuple[str, Place]], stdin: BinaryIO | None, options: Mapping[str, Any]
) -> None:
    try:
        for queue, place in zip(queues, here, strict=True):
            number = 0
            try:
                for row in packs(items([place], options, stdin)):
                    queue.put((number, row))
                    number += 1
                queue.put((number, None))
            except RayError:
                raise
            except Exception as error:  # noqa: BLE001  is raised by whoever reads the queue
                queue.put((number, _sendable(error)))
    except RayError:  # nobody wants it any more
        return


def _sendable(error: Exception) -> Exception:
    """An error, or what it says, where it would not arrive at another process."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  it is our own
    except Exception:  # noqa: BLE001  whatever its class does
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _only_here(place: Place) -> bool:
    return isinstance(place, str) and (place == "-" or is_address(place))


def _groups(found: Iterable[tuple[str, Place]]) -> Iterator[list[tuple[str, Place]]]:
    """Places that one worker reads, in order; what only this process can read, each by itself."""
    group: list[tuple[str, Place]] = []
    size = 0
    for name, place in found:
        if group and (_only_here(place) or len(group) >= _FILES or size >= _BYTES):
            yield group
            group, size = [], 0
        group.append((name, place))
        size += _size(place)
        if _only_here(place):
            yield group
            group, size = [], 0
    if group:
        yield group


def _size(place: Place) -> int:
    try:
        return place.stat().st_size if isinstance(place, Path) else 0
    except OSError:
        return 0  # reading it will say what is wrong with it


@contextmanager
def _plainly() -> Iterator[None]:
    """Raise what a worker has raised on purpose as it would be raised without Ray."""
    try:
        yield
    except RayError as error:
        cause = getattr(error, "cause", None)
        if isinstance(cause, OnRecordError):
            raise cause from error
        if cause is not None:
            raise
        raise NoCluster(
            f"a worker was lost ({' '.join(str(error).split())[:300]}); what is counted is kept: run it again"
        ) from error

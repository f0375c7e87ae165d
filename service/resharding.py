"""``onrecord reshard``: an archive put into another number of shards."""

from dataclasses import asdict
from typing import Annotated

import typer

from service.commands import ArchiveOption, JsonOption, folder_of, print_json


def reshard(
    shards: Annotated[int, typer.Option(help="How many shards there shall be.", min=1)],
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put an archive into another number of shards: all is copied, nothing encoded again. Restart the service then."""
    import time

    from retrieval.sharded.resharding import articles_in
    from retrieval.sharded.resharding import reshard as run
    from service.progress import progress

    folder = folder_of(archive)
    started = time.monotonic()
    with progress("reshard", articles_in(folder)) as shown:
        done = run(folder, shards, shown)
    seconds = time.monotonic() - started
    if as_json:
        print_json({**asdict(done), "seconds": round(seconds, 1), "archive": str(folder)})
    elif done.before == done.shards:
        print(f"{folder}: in {_shards(shards)} already; nothing was changed")  # noqa: T201
    else:
        before = "one piece" if done.before is None else _shards(done.before)
        print(  # noqa: T201
            f"{folder}: {done.articles} articles and {done.passages} passages from {before} to {_shards(shards)} "
            f"in {seconds:.1f} s"
        )


def _shards(count: int) -> str:
    return "1 shard" if count == 1 else f"{count} shards"

"""``onrecord shards``: what is done to one shard while the others, and it, are asked."""

from typing import Annotated

import typer

from service.commands import ArchiveOption, folder_of

shards = typer.Typer(help="See to the shards of an archive.", no_args_is_help=True)


@shards.callback()
def _several() -> None:
    """Have ``replace`` be named, although there is no other yet."""


@shards.command()
def replace(
    number: Annotated[int, typer.Argument(help="Number of the shard, from 0.", min=0, metavar="NUMBER")],
    archive: ArchiveOption = None,
) -> None:
    """Make the indexes of a shard anew from its database, on the machine that has it.

    Questions are answered meanwhile. The processes that serve the shard take the new indexes up by themselves within
    seconds, one after the other.
    """
    from retrieval.archive import Archive
    from retrieval.sharded.manifest import Manifest

    folder = folder_of(archive)
    folders = Manifest.read(folder).paths(folder)
    if number >= len(folders):
        raise typer.BadParameter(f"the shards of {folder} are 0 to {len(folders) - 1}", param_hint="NUMBER")
    with Archive.open(folders[number]) as opened:
        opened.renew_indexes()
    print(f"replaced the indexes of shard {number}")  # noqa: T201

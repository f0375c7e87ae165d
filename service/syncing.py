"""``onrecord sync``: an archive kept in step with its sources."""

import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from retrieval.errors import ArchiveMissing, SourceError
from service.commands import (
    ArchiveOption,
    JsonOption,
    folder_of,
    make_archive,
    open_archive,
    print_json,
    tell_passed_over,
)

if TYPE_CHECKING:
    from ingest.sources import Source
    from ingest.sync import Synced
    from retrieval import Archive


def sync(
    sources: Annotated[Path, typer.Argument(help="File that names the sources and their rules (TOML).")],
    archive: ArchiveOption = None,
    only: Annotated[list[str] | None, typer.Option(help="Only the source of this name.", metavar="NAME")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what would be.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Read what has not changed as well.")] = False,
    many_gone: Annotated[
        bool, typer.Option("--many-gone", help="Withdraw articles even when most of a source has gone.")
    ] = False,
    forgotten: Annotated[
        list[str] | None,
        typer.Option(
            "--forget", help="First let go of this source, renamed or given up; its articles stay.", metavar="NAME"
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on, and look at each source as often as its rules say.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Keep an archive in step with its sources: read what has changed, and see what has gone."""
    from ingest.sources import sources as named
    from retrieval.opening import exists

    if watch and dry_run:
        raise typer.BadParameter("a dry run is not repeated; leave one of the two out", param_hint="--watch")
    chosen = _chosen(named(sources), only or [], sources)
    folder = folder_of(archive)
    if dry_run and not exists(folder):
        raise ArchiveMissing(f"no archive in {folder} yet, so all would be new; without --dry-run it is made")
    with open_archive(folder) if dry_run else make_archive(folder, None, None) as opened:
        for name in forgotten or []:
            _forget(opened, name, dry=dry_run)
        if watch:
            _watch(opened, chosen, as_json=as_json)
            return
        reports = [_sync(opened, source, everything=everything, dry=dry_run, many_gone=many_gone) for source in chosen]
    tell_passed_over(str(one.path) for one in chosen if one.path is not None)
    if as_json:
        print_json({"dry_run": dry_run, "sources": [_shown(one) for one in reports]})
    else:
        from service.terminal import print_synced

        for one in reports:
            print_synced(one, dry=dry_run)
    if any(one.failed for one in reports):
        raise typer.Exit(1)


def _chosen(sources: "Sequence[Source]", only: Sequence[str], file: Path) -> "list[Source]":
    names = [one.name for one in sources]
    for name in only:
        if name not in names:
            raise typer.BadParameter(f"{file} names no source {name!r}; it has {', '.join(names)}", param_hint="--only")
    return [one for one in sources if not only or one.name in only]


def _forget(archive: "Archive", name: str, *, dry: bool) -> None:
    from ingest.sync import forget

    if dry or not name:
        raise typer.BadParameter("a dry run forgets nothing, and a source has a name", param_hint="--forget")
    if not forget(archive, name):
        raise typer.BadParameter(f"this archive knows no source {name!r}", param_hint="--forget")


def _sync(archive: "Archive", source: "Source", **how: bool) -> "Synced":
    from ingest.sync import sync as run
    from service.progress import progress

    with progress(f"sync {source.name}", None) as shown:
        return run(archive, source, on_progress=shown, **how)


def _watch(archive: "Archive", sources: "Sequence[Source]", *, as_json: bool) -> None:
    """Look at each source when it is due, until somebody says stop; what is broken is said and tried again."""
    from service.terminal import print_synced

    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    due = dict.fromkeys((one.name for one in sources), 0.0)
    told: dict[str, list[str]] = {}
    while not stopped.is_set():
        source = min(sources, key=lambda one: due[one.name])
        if stopped.wait(max(0.0, due[source.name] - time.monotonic())):
            break
        report = _sync(archive, source)
        due[source.name] = time.monotonic() + source.every
        problems = [str(error) for error in report.failed]
        # What has not changed since it was last told is not told again and again.
        if report.new or report.changed or report.withdrawn or problems != told.get(source.name, []):
            told[source.name] = problems
            if as_json:
                print_json(_shown(report))
            else:
                print_synced(report, dry=False)
            sys.stdout.flush()


def _shown(report: "Synced") -> dict[str, Any]:
    return {**asdict(report), "failed": [_failure(error) for error in report.failed]}


def _failure(error: SourceError) -> dict[str, str]:
    return {"where": error.where, "problem": error.problem}

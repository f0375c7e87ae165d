"""``onrecord``: the command line, and the one place where the parts are put together.

Heavy imports stand inside the commands that need them: listing articles must not wait for a neural network.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from retrieval.errors import Incomparable, OnRecordError
from service.commands import (
    ArchiveOption,
    JsonOption,
    OnRay,
    RayOption,
    RerankerOption,
    folder_of,
    ingest_on_ray,
    make_archive,
    open_archive,
    print_json,
    tell_passed_over,
)
from service.evaluating import evaluation
from service.resharding import reshard
from service.shards import shards
from service.syncing import sync

if TYPE_CHECKING:
    from service.keys import Keyring
    from service.settings import Settings

app = typer.Typer(
    name="onrecord",
    help="Ask an archive of articles who said what: ranked passages with citations that can be checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
articles_app = typer.Typer(help="List, show, compare and delete articles.", no_args_is_help=True)
app.add_typer(articles_app, name="articles")
keys_app = typer.Typer(help="Make, list and revoke the keys of the service.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")
app.add_typer(evaluation, name="eval")
app.add_typer(shards, name="shards")
app.command()(sync)
app.command()(reshard)


def main() -> None:
    """Run the command line: exit 0, 1 where something failed, 2 where it was used wrongly."""
    try:
        app()
    except OnRecordError as error:
        print(f"onrecord: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(_status(error))
    except KeyboardInterrupt:
        print("onrecord: interrupted; nothing that was reported as done is lost", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read our output has seen enough (`| head`); a second complaint at exit would be noise.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _status(error: OnRecordError) -> int:
    from service.settings import Misconfigured

    return 2 if isinstance(error, Misconfigured | Incomparable) else 1


@app.command(cls=OnRay)
def ingest(
    sources: Annotated[
        list[str],
        typer.Argument(help="Files, folders, addresses of pages, feeds or sitemaps, or - for standard input."),
    ],
    archive: ArchiveOption = None,
    model: Annotated[str | None, typer.Option(help="sentence-transformers name or folder, for a new archive.")] = None,
    passage_tokens: Annotated[
        int | None, typer.Option(help="Budget of a passage in tokens, for a new archive.", min=16, max=1024)
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="Which column of tables is which field, such as text=body; repeatable.", metavar="FIELD=NAME"
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Fetch from this host although its address is not public.", metavar="HOST"),
    ] = None,
    limit: Annotated[int, typer.Option(help="Articles of one address, at most.", min=1)] = 1000,
    ray: RayOption = None,
    shards: Annotated[
        int | None, typer.Option(help="With --ray: how many shards a new archive has. [default: 1]", min=1)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Put articles into an archive; what has not changed is passed over."""
    from datetime import UTC, datetime

    from ingest.failures import keep_failures
    from ingest.pipeline import ingest as run
    from ingest.read import count, read
    from service.progress import progress

    options = {"columns": _columns(column or []), "allow": allow_host or [], "limit": limit}
    if ray is not None:
        folder = folder_of(archive)
        summary = ingest_on_ray(ray, folder, shards, sources, options, model=model, passage_tokens=passage_tokens)
        _tell_ingested(sources, folder, summary, as_json)
        return
    if shards is not None:
        raise typer.BadParameter("how many shards a new archive has is said together with --ray", param_hint="--shards")
    with (
        make_archive(folder_of(archive), model, passage_tokens) as opened,
        progress("ingest", count(sources)) as shown,
    ):
        began = datetime.now(UTC).isoformat(timespec="seconds")
        summary = run(opened, read(sources, options=options), shown)
        keep_failures(opened, sources, summary.failed, began)
    _tell_ingested(sources, folder_of(archive), summary, as_json)


def _tell_ingested(sources: Sequence[str], folder: Path, summary: Any, as_json: bool) -> None:
    tell_passed_over(sources)
    _print_summary(folder, summary, as_json)
    if summary.failed:
        raise typer.Exit(1)


def _columns(given: Sequence[str]) -> dict[str, str]:
    from ingest.columns import SYNONYMS

    found = dict(one.partition("=")[::2] for one in given)
    if unknown := [one for one in given if "=" not in one or one.partition("=")[0] not in SYNONYMS]:
        raise typer.BadParameter(
            f"{unknown[0]!r} is not FIELD=NAME with a field of {', '.join(SYNONYMS)}", param_hint="--column"
        )
    return found


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question, in quotation marks.")],
    archive: ArchiveOption = None,
    k: Annotated[int, typer.Option("--k", "-k", help="How many passages.", min=1, max=100)] = 5,
    speaker: Annotated[str | None, typer.Option(help="Only what somebody of this name says.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Only articles of this publisher.")] = None,
    author: Annotated[str | None, typer.Option(help="Only articles by this author.")] = None,
    article: Annotated[str | None, typer.Option(help="Only the article of this id.")] = None,
    published_from: Annotated[
        str | None, typer.Option(help="Not before this date, such as 2010 or 2010-10-04.")
    ] = None,
    published_to: Annotated[str | None, typer.Option(help="Not after this date.")] = None,
    reranker: RerankerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask a question: ranked passages with citations, the answer marked."""
    import time

    from retrieval.archive import check_request
    from retrieval.types import Filters
    from service.asking import Asking

    asking = Asking(question, k, Filters(speaker, publisher, author, article, published_from, published_to))
    check_request(question, k, asking.filters)  # before seconds are spent on loading the model
    with open_archive(archive, reranker) as opened:
        _ = opened.encoder  # loading is not part of the time that the answer took
        started = time.perf_counter()
        answer = opened.ask(question, k, asking.filters)
        took_ms = (time.perf_counter() - started) * 1000
        query_id = asking.query_id(opened.state())
    if as_json:
        from service.schemas import answer_out

        print_json(answer_out(answer, query_id, took_ms))
    else:
        from service.terminal import print_answer

        print_answer(answer, took_ms)


@app.command(cls=OnRay)
def serve(
    archive: ArchiveOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on. [default: 8000]", min=0, max=65535)] = None,
    public_ask: Annotated[
        bool | None,
        typer.Option(
            "--public-ask/--no-public-ask",
            help="Whether asking needs no key. [default: only from this machine, while listening on loopback]",
        ),
    ] = None,
    trusted_proxies: Annotated[
        str | None,
        typer.Option(
            help="Proxies whose X-Forwarded-For is believed, with commas between. [default: 127.0.0.1,::1]",
            metavar="ADDRESSES",
        ),
    ] = None,
    log_questions: Annotated[
        bool | None, typer.Option("--log-questions", help="Put what is asked into the log.")
    ] = None,
    reranker: RerankerOption = None,
    demo_portal: Annotated[
        int | None,
        typer.Option(
            help="Also serve a page that embeds the widget, on this port of loopback: another origin, with a key "
            "of its own while it runs.",
            metavar="PORT",
            min=0,
            max=65535,
        ),
    ] = None,
    ray: RayOption = None,
    replicas: Annotated[
        int | None, typer.Option(help="With --ray: processes for each shard. [default: 1]", min=1, max=1000)
    ] = None,
    shard_deadline: Annotated[
        float | None,
        typer.Option(
            help="With --ray: seconds until answers are given without a shard. [default: 5]", metavar="SECONDS"
        ),
    ] = None,
) -> None:
    """Answer questions over HTTP."""
    import signal

    import uvicorn

    from service import logs
    from service.app import create_app
    from service.server import options
    from service.settings import load

    settings = load(
        archive=archive,
        host=host,
        port=port,
        public_ask=public_ask,
        trusted_proxies=trusted_proxies,
        log_questions=log_questions,
        shard_replicas=replicas,
        shard_deadline=shard_deadline,
    )
    _check_reach(settings)
    logs.configure(settings)
    if ray is not None:
        from service.cluster.serving import serve_on_ray

        with _demo_portal(settings, demo_portal):
            serve_on_ray(settings, ray, reranker)
        return
    # When it has drained, uvicorn raises the signal again: leave in the ordinary way, which closes the archive.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with open_archive(settings.archive, reranker) as opened, _demo_portal(settings, demo_portal):
        uvicorn.run(create_app(opened, settings), **options(settings))


@app.command()
def widget(
    key: Annotated[
        str | None,
        typer.Option(help="Publishable key, of `onrecord keys create --origin PORTAL`.", metavar="pk_..."),
    ] = None,
    service_url: Annotated[
        str | None,
        typer.Option(
            "--service",
            help="Address of the service, as visitors reach it. [default: host and port of the settings]",
            metavar="URL",
        ),
    ] = None,
    mode: Annotated[str, typer.Option(help="inline, dialog or launcher.")] = "inline",
    theme: Annotated[str | None, typer.Option(help="auto, light or dark. [default: auto]")] = None,
    locale: Annotated[str | None, typer.Option(help="Language of what it says. [default: that of the page]")] = None,
    label: Annotated[str | None, typer.Option(help="What its field is labelled with.")] = None,
    pin: Annotated[
        bool,
        typer.Option(
            "--pin/--no-pin",
            help="Pinned: the page runs this very release, checked by its hash, or shows the plain form; paste the tag "
            "again when the service was upgraded. Not pinned: it runs what the service gives it, upgrades included.",
        ),
    ] = True,
    archive: Annotated[
        Path | None, typer.Option(help="Also see that the key holds in this archive.", metavar="DIR")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the tag that puts the widget into a page."""
    from dataclasses import asdict

    from service.settings import Misconfigured, load, local_address
    from service.widget import MODES, PLACEHOLDER, THEMES, tag

    for option, value, known in (("--mode", mode, MODES), ("--theme", theme, THEMES)):
        if value is not None and value not in known:
            raise typer.BadParameter(f"{value!r} is none of {', '.join(known)}", param_hint=option)
    given = {"mode": mode, "theme": theme, "locale": locale, "label": label}
    attributes = {name: value for name, value in given.items() if value is not None}
    made = tag(service_url or local_address(load()), key or PLACEHOLDER, attributes, pinned=pin)
    if key and archive is not None and _keyring(archive).find(key) is None:
        raise Misconfigured(
            f"this key is unknown in {archive}, expired or revoked; `onrecord keys list` shows which hold"
        )
    if as_json:
        print_json(asdict(made))
    else:
        print(made.html)  # noqa: T201
    if key is None:
        print(  # noqa: T201
            f"onrecord: put a key in place of {PLACEHOLDER}: onrecord keys create --origin https://your-portal.example",
            file=sys.stderr,
        )


@app.command("settings")
def show_settings(archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List all settings: what they are now, their defaults, and the variables that set them."""
    from dataclasses import asdict

    from service.settings import described, load
    from service.terminal import print_settings

    found = described(load(archive=archive))
    if as_json:
        print_json({"settings": [asdict(one) for one in found]})
    else:
        print_settings(found)


@app.command()
def bench(
    articles: Annotated[int, typer.Option(help="Articles of the archive, about 8 passages each.", min=1)] = 1000,
    growth: Annotated[
        str | None,
        typer.Option(help="In place of --articles: several sizes, such as 1000,10000,60000.", metavar="SIZES"),
    ] = None,
    vs: Annotated[
        list[str] | None,
        typer.Option(help="Also measure txtai, bm25s or haystack, on the same passages of the first size."),
    ] = None,
    clients: Annotated[str, typer.Option(help="Clients that ask at once, 1 first.", metavar="NUMBERS")] = "1,8,32",
    loads: Annotated[
        str, typer.Option(help="Random arrivals, in shares of the highest throughput.", metavar="SHARES")
    ] = "0.5,0.8",
    seconds: Annotated[float, typer.Option(help="How long each load is kept up.", min=0.1)] = 10.0,
    known: Annotated[int, typer.Option(help="Questions with known answers.", min=7)] = 350,
    sample: Annotated[int, typer.Option(help="Articles for the stages of ingest.", min=1)] = 200,
    model: Annotated[
        Path | None, typer.Option(help="Folder of another embedding model, for all.", metavar="DIR", exists=True)
    ] = None,
    seed: Annotated[int, typer.Option(help="Of articles, questions and arrivals.")] = 0,
    folder: Annotated[
        Path | None,
        typer.Option(help="Keep the archives here; those of an earlier run are used again.", metavar="DIR"),
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw growth and latencies.", metavar="FILE.svg")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="60 articles and half a second a load: does it run, not how fast.")
    ] = False,
    ray: Annotated[
        bool, typer.Option("--ray", help="Measure Ray on this machine's cores instead, beside the plain service.")
    ] = False,
    shards: Annotated[
        str | None,
        typer.Option(help="With --ray: shards of each archive. [default: 1,2,4]", metavar="NUMBERS"),
    ] = None,
    workers: Annotated[
        str | None,
        typer.Option(help="With --ray: nodes that take part in ingest. [default: 1,2]", metavar="NUMBERS"),
    ] = None,
    faults: Annotated[
        bool, typer.Option("--faults", help="With --ray: also kill replicas, and take a shard away.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure speed, memory and growth on made-up articles, beside other systems or on Ray if asked to."""
    if ray:
        _only_without("--ray", {"--growth": growth, "--vs": vs, "--plot": plot})
        _bench_ray(
            articles,
            _numbers("--shards", shards or "1,2,4", int),
            _numbers("--workers", workers or "1,2", int),
            seed=seed, model=model, folder=folder, faults=faults, quick=quick, as_json=as_json,
        )  # fmt: skip
        return
    _only_without("a bench without --ray", {"--shards": shards, "--workers": workers, "--faults": faults})
    from dataclasses import asdict

    from evals.bench.plot import as_svg
    from evals.bench.run import Settings, quickened, run
    from evals.bench.systems import Onrecord
    from service.benchmarks import print_bench

    settings = Settings(
        sizes=_numbers("--growth", growth, int) if growth else (articles,),
        seed=seed,
        seconds=seconds,
        clients=_numbers("--clients", clients, int),
        loads=_numbers("--loads", loads, float),
        known=known,
        sample=sample,
        peers=tuple(vs or ()),
    )
    report = run(
        quickened(settings) if quick else settings,
        Onrecord((sys.executable, "-m", "service.cli"), None if model is None else str(model)),
        folder=folder,
        say=lambda what: print(f"bench: {what}", file=sys.stderr, flush=True),  # noqa: T201
    )
    if plot is not None:
        plot.write_text(as_svg(report), encoding="utf-8")
    if as_json:
        print_json(asdict(report))
    else:
        print_bench(report)
    if report.errors:
        raise typer.Exit(1)


def _bench_ray(
    articles: int,
    shards: tuple[int, ...],
    workers: tuple[int, ...],
    *,
    seed: int,
    model: Path | None,
    folder: Path | None,
    faults: bool,
    quick: bool,
    as_json: bool,
) -> None:
    from dataclasses import asdict

    from evals.bench.cluster.run import Settings, quickened, run
    from evals.bench.systems import Onrecord
    from service.ray_benchmarks import print_ray_bench

    settings = Settings(articles, shards, workers, seed=seed, faults=faults)
    report = run(
        quickened(settings) if quick else settings,
        Onrecord((sys.executable, "-m", "service.cli"), None if model is None else str(model)),
        folder=folder,
        say=lambda what: print(f"bench: {what}", file=sys.stderr, flush=True),  # noqa: T201
    )
    if as_json:
        print_json(asdict(report))
    else:
        print_ray_bench(report)
    if report.failures:
        raise typer.Exit(1)


def _only_without(other: str, given: dict[str, object]) -> None:
    for option, value in given.items():
        if value:
            raise typer.BadParameter(f"does not go with {other}", param_hint=option)


N = TypeVar("N", int, float)


def _numbers(option: str, given: str, of: Callable[[str], N]) -> tuple[N, ...]:
    try:
        return tuple(of(one) for one in given.split(","))
    except ValueError as error:
        raise typer.BadParameter(f"{given!r} is no list of numbers with commas between", param_hint=option) from error


@app.command()
def stats(
    archive: ArchiveOption = None,
    limit: Annotated[int, typer.Option(help="Tell this many publishers, speakers and reasons at most.", min=1)] = 20,
    as_json: JsonOption = False,
) -> None:
    """Say what an archive covers and where it has gaps, what could not be read and why, and how it was made."""
    from dataclasses import asdict

    from service.terminal import print_stats

    with open_archive(archive) as opened:
        found, held, failed = opened.stats(limit=limit), opened.holdings(), opened.failures(limit=limit)
    if as_json:
        print_json({**found, "failures": asdict(failed)})
    else:
        print_stats(found, held, failed, limit)


@app.command()
def speakers(
    prefix: Annotated[str, typer.Argument(help="Begin of a name, a surname or an alias.")] = "",
    archive: ArchiveOption = None,
    limit: Annotated[int, typer.Option(help="List at most this many.", min=1)] = 50,
    as_json: JsonOption = False,
) -> None:
    """List who is quoted, most statements first, with their offices and all forms of their names."""
    from service.schemas import speaker_out
    from service.terminal import print_speakers

    with open_archive(archive) as opened:
        found = opened.speakers(prefix, limit)
    if as_json:
        print_json({"speakers": [speaker_out(one).model_dump(mode="json") for one in found]})
    else:
        print_speakers(found)


@app.command()
def verify(
    archive: ArchiveOption = None,
    every_vector: Annotated[
        bool, typer.Option("--all", help="Encode every text again, not a sample of 500: slow, and sure.")
    ] = False,
    repair: Annotated[bool, typer.Option("--repair", help="Make anew what can be made of the texts.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Check everything in an archive against everything else; exit 1 if anything does not agree."""
    from service.progress import progress
    from service.terminal import print_faults

    with open_archive(archive) as opened:
        total = opened.coverage().articles
        with progress("verify", total) as shown:
            faults = opened.verify(every_vector=every_vector, on_progress=shown)
        left = opened.repair(faults) if repair and faults else faults
        if repair and faults and not left:
            left = opened.verify(every_vector=every_vector)
    if as_json:
        print_json({"faults": [str(one) for one in faults], "left": [str(one) for one in left]})
    else:
        print_faults(faults, left)
    if left:
        raise typer.Exit(1)


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="The file to write; there must be none of that name.", metavar="FILE")],
    archive: ArchiveOption = None,
) -> None:
    """Write an archive to one file, while it is asked and written. Keys are not in it."""
    with open_archive(archive) as opened:
        opened.backup(target)
    print(f"wrote {target}, {target.stat().st_size / 1e6:.1f} MB")  # noqa: T201


@app.command()
def restore(
    backup_file: Annotated[Path, typer.Argument(help="What `onrecord backup` wrote.", metavar="FILE")],
    archive: ArchiveOption = None,
) -> None:
    """Make an archive of a backup, in a folder that has none."""
    from retrieval import Archive

    Archive.restore(backup_file, folder_of(archive))
    with open_archive(archive) as opened:
        opened.refresh()
        coverage = opened.coverage()
    print(f"restored {coverage.articles} articles, {coverage.passages} passages")  # noqa: T201


@app.command()
def compact(archive: ArchiveOption = None) -> None:
    """Write an archive anew without anything of what was deleted; questions are answered meanwhile."""
    with open_archive(archive) as opened:
        before, after = opened.compact()
    print(f"{before / 1e6:.1f} MB before, {after / 1e6:.1f} MB after")  # noqa: T201


@app.command()
def questions(
    archive: ArchiveOption = None,
    unanswered: Annotated[bool, typer.Option("--unanswered", help="Only what nothing answered the last time.")] = False,
    since: Annotated[str | None, typer.Option(help="Leave out what was asked before: 2026-03 or 2026-03-04.")] = None,
    limit: Annotated[int, typer.Option(help="List at most this many.", min=1)] = 20,
    export: Annotated[
        Path | None,
        typer.Option(help="Write the draft of an evaluation set (.jsonl), to be confirmed by hand.", metavar="FILE"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List what visitors asked, what nothing answered, and what they found helpful; where that is kept."""
    from datetime import UTC, date, datetime

    from retrieval.dates import first_day
    from service.findings import draft, learn, write_draft
    from service.schemas import questions_out
    from service.terminal import print_draft, print_questions

    first = date.min if since is None else first_day(since)
    most = limit if export is None else None
    with open_archive(archive) as opened:
        today = datetime.now(UTC).date()
        found = learn(opened.path, lambda: opened.encoder, today, since=first, limit=most, unanswered=unanswered)
        drafted = [] if export is None else list(draft(opened, found))
    if export is not None:
        write_draft(export, drafted)
        print_draft(export, drafted)
    elif as_json:
        # In ASCII: what visitors typed is data for a program, and nothing for a terminal to act upon.
        print(json.dumps(questions_out(found).model_dump(mode="json"), indent=2))  # noqa: T201
    else:
        print_questions(found, unanswered=unanswered)


@articles_app.command("list")
def list_articles(
    archive: ArchiveOption = None,
    speaker: Annotated[str | None, typer.Option(help="Only those in which somebody of this name speaks.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Only of this publisher.")] = None,
    author: Annotated[str | None, typer.Option(help="Only by this author.")] = None,
    offset: Annotated[int, typer.Option(help="Pass over this many.", min=0)] = 0,
    limit: Annotated[int, typer.Option(help="List at most this many.", min=1)] = 50,
    as_json: JsonOption = False,
) -> None:
    """List articles by id."""
    from retrieval.types import Filters
    from service.terminal import print_articles

    with open_archive(archive) as opened:
        found, total = opened.articles(Filters(speaker, publisher, author), offset=offset, limit=limit)
    if as_json:
        print_json({"articles": [_listed(one) for one in found], "total": total})
    else:
        print_articles(found, total)


@articles_app.command("show")
def show_article(
    article_id: Annotated[str, typer.Argument(help="Id of the article.", metavar="ID")],
    archive: ArchiveOption = None,
    version: Annotated[int | None, typer.Option(help="An earlier version.")] = None,
    removed: Annotated[bool, typer.Option("--removed", help="What cleaning took out, and by which rule.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show an article as it is stored."""
    from dataclasses import asdict

    from service.terminal import print_article, print_removed

    with open_archive(archive) as opened:
        stored = opened.article(article_id, version)
    if as_json:
        print_json({**asdict(stored.article), "version": stored.version, "current": stored.current})
    elif removed:
        print_removed(stored.article.removed)
    else:
        print_article(stored)


@articles_app.command("diff")
def diff_article(
    article_id: Annotated[str, typer.Argument(help="Id of the article.", metavar="ID")],
    archive: ArchiveOption = None,
    before: Annotated[
        int | None, typer.Option("--from", help="The earlier version. [default: the one before the other]", metavar="V")
    ] = None,
    after: Annotated[
        int | None, typer.Option("--to", help="The later version. [default: the current one]", metavar="V")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what changed from one version of an article to another, word by word."""
    from service.schemas import diff_out
    from service.terminal import print_difference

    with open_archive(archive) as opened:
        found = opened.difference(article_id, before, after)
    if as_json:
        print_json(diff_out(found).model_dump(mode="json"))
    else:
        print_difference(found)


@articles_app.command("delete")
def delete_article(
    article_ids: Annotated[list[str], typer.Argument(help="Ids of the articles.", metavar="ID...")],
    archive: ArchiveOption = None,
) -> None:
    """Remove articles, in all their versions."""
    with open_archive(archive) as opened:
        for article_id in article_ids:
            opened.delete(article_id)
            print(f"deleted {article_id}")  # noqa: T201


@keys_app.command("create")
def create_key(
    scope: Annotated[list[str] | None, typer.Option(help="What it may: ask, ingest, admin. [default: ask]")] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option(
            help="Make a publishable key, for pages of this origin, such as https://portal.example.", metavar="ORIGIN"
        ),
    ] = None,
    expires: Annotated[
        str | None, typer.Option(help="Until when it works: 2027-01-31 or 90d. [default: for ever]")
    ] = None,
    archive: ArchiveOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key and print it, this once."""
    from service.keys import expiry
    from service.terminal import print_new_key

    until = None if expires is None else expiry(expires)
    text, key = _keyring(folder_of(archive)).create(scope or ["ask"], origin or [], until)
    if as_json:
        print_json({"key": text, **key.shown()})
    else:
        print_new_key(text, key)


@keys_app.command("list")
def list_keys(archive: ArchiveOption = None, as_json: JsonOption = False) -> None:
    """List the keys, by their first characters."""
    from service.terminal import print_keys

    keyring = _keyring(folder_of(archive))
    keys, active = keyring.keys(), keyring.active()
    if as_json:
        print_json({"keys": [{**key.shown(), "expired": key not in active} for key in keys]})
    else:
        print_keys(keys, active)


@keys_app.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="Id of the key, its first characters.", metavar="ID")],
    archive: ArchiveOption = None,
) -> None:
    """Revoke a key, from the next request on."""
    _keyring(folder_of(archive)).revoke(key_id)
    print(f"revoked {key_id}")  # noqa: T201


def _keyring(folder: Path) -> "Keyring":
    from retrieval.errors import ArchiveMissing
    from retrieval.opening import exists
    from service.keys import Keyring

    if not exists(folder):
        raise ArchiveMissing(f"no archive in {folder}; make one with: onrecord ingest SOURCE --archive {folder}")
    return Keyring(folder)


@contextmanager
def _demo_portal(settings: "Settings", port: int | None) -> Iterator[None]:
    """The page that embeds the widget, while the service runs; nothing where no port is given."""
    if port is None:
        yield
        return
    from service.portal import portal
    from service.settings import Misconfigured, local_address

    if settings.port == 0:
        raise Misconfigured("--demo-portal has to know where the service is: give it a --port other than 0")
    with portal(_keyring(settings.archive), local_address(settings), port):
        yield


def _check_reach(settings: "Settings") -> None:
    """See that a service that others can reach lets somebody ask, and that this is meant.

    Raises:
        Misconfigured: Nobody has a key, and asking without one was not opened on purpose.
        ArchiveMissing: There is no archive to have keys.
    """
    from service.access import is_loopback
    from service.settings import Misconfigured

    if is_loopback(settings.host) or settings.public_ask or _keyring(settings.archive).active():
        return
    raise Misconfigured(
        f"{settings.host} can be reached from other machines, and there is no key yet: make one with "
        f"`onrecord keys create --archive {settings.archive}`, or pass --public-ask to let everybody ask"
    )


def _print_summary(archive: Path, summary: Any, as_json: bool) -> None:
    from dataclasses import asdict

    from service.terminal import print_summary

    if as_json:
        print_json({**asdict(summary), "failed": [str(error) for error in summary.failed], "archive": str(archive)})
    else:
        print_summary(archive, summary)


def _listed(stored: Any) -> dict[str, Any]:
    article = stored.article
    names: Sequence[Literal["id", "title", "publisher", "author", "published", "kind", "url"]] = (
        "id",
        "title",
        "publisher",
        "author",
        "published",
        "kind",
        "url",
    )
    return {**{name: getattr(article, name) for name in names}, "version": stored.version}


if __name__ == "__main__":
    main()

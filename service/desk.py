"""The desk at which an evaluation set is written: plain prompts, which work on a terminal and over a pipe."""

import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from rich.console import Console
from rich.text import Text

from evals.corpus import Corpus
from evals.gold import Gold, Question
from evals.lint import Remark, of_gold
from evals.quoting import locate, nearest, whole_sentences
from evals.writing import SetFile, candidates, confirmed, next_article, remarks, waiting
from ingest.sentences import paragraphs
from retrieval.archive import check_request
from retrieval.errors import EvaluationError, InvalidRequest
from retrieval.types import Filters, Hit, Span
from service.terminal import harmless
from service.wording import counted

_HELP = """\
Type or paste the words that answer a question, a few of them, or how they begin and end: first words ... last words
  none          write a question that nothing answers     undo          take the last question out again
  next          go on to another article                  article ID    go on to this one
  show          show the article again                    quit, Ctrl-D  stop; whatever was kept stays"""
_NO_ANSWER = "unanswerable"


class _Left(Exception):
    """The writer has stopped."""


class Desk:
    """One sitting of one writer."""

    def __init__(self, corpus: Corpus, file: SetFile) -> None:
        self._corpus = corpus
        self._file = file
        self._console = Console(highlight=False, markup=False, emoji=False)
        self._kind = ""
        self._kept = 0
        self._begun = False
        with suppress(ImportError):  # not on every system: lines can then be edited less comfortably
            import readline  # noqa: F401, PLC0415

    def write(self, article: str | None = None) -> None:
        """Write questions, article by article, until the writer stops or has seen all articles.

        Raises:
            EvaluationError: There is no such article, or the set cannot be written.
        """
        self._check_article(article)
        passed: list[str] = []
        self._help()
        try:
            while article := article or next_article(self._corpus, self._file.questions, passed):
                passed.append(article)
                article = self._at_article(article)
            self._say("That was the last article.")
        except _Left:
            self._stopped()
        self._farewell()

    def confirm(self, drafts: Sequence[Question]) -> None:
        """Have each of some drafts confirmed, changed or passed over; those that were confirmed before are left out.

        Raises:
            EvaluationError: The set cannot be written.
        """
        left = waiting(drafts, self._file.questions)
        if len(left) < len(drafts):
            self._say(f"confirmed before: {len(drafts) - len(left)} of {len(drafts)}")
        try:
            for number, draft in enumerate(left, start=1):
                self._say(f"draft {number} of {len(left)}: {draft.id}", style="bold")
                self._confirm(draft)
        except _Left:
            self._stopped()
        self._farewell()

    # --- one article ----------------------------------------------------------------------------------

    def _at_article(self, article: str) -> str | None:
        """Questions about an article; returns where to go on, None for the next one."""
        self._show_article(article)
        while True:
            typed = self._ask("quote>")
            command, _, rest = typed.partition(" ")
            if typed == "next":
                return None
            if command == "article" and rest.strip() in self._corpus:
                return rest.strip()
            self._at_prompt(article, typed)

    def _at_prompt(self, article: str, typed: str) -> None:
        if typed == "":
            self._say("? shows what can be typed here")
        elif typed in ("?", "help"):
            self._help()
        elif typed == "show":
            self._show_article(article)
        elif typed == "undo":
            self._undo()
        elif typed == "none":
            self._compose(_blank())
        elif gold := self._pick(article, typed):
            self._compose(replace(_blank(), gold=(gold, *self._more_of(article)), answerable=True))

    def _show_article(self, article: str) -> None:
        shown = self._corpus.article(article)
        asked = sum(any(gold.article == article for gold in one.gold) for one in self._file.questions)
        self._say(f"{article} · {counted(asked, 'question')}", style="bold")
        about = " · ".join(part for part in (shown.title, shown.publisher, shown.author, shown.published) if part)
        if about:
            self._say(about, style="italic")
        for number, span in enumerate(paragraphs(shown.text), start=1):
            self._say(f"{number} {shown.text[span.start : span.end]}")

    def _undo(self) -> None:
        gone = self._file.undo()
        self._kept -= gone is not None
        self._say("nothing was put in yet" if gone is None else f"taken out: {gone.id}  {gone.question}")

    # --- gold -----------------------------------------------------------------------------------------

    def _pick(self, article: str, typed: str) -> Gold | None:
        """The quote that is meant by what was typed."""
        text = self._corpus.article(article).text
        found = locate(text, typed)
        if not found:
            return self._pick_nearest(article, text, typed)
        if len(found) > 1:
            return self._pick_one(article, text, found)
        sentence = whole_sentences(text, found[0])
        words, around = _gold(article, text, found[0]), _gold(article, text, sentence)
        if words == around:
            self._say(f"quote: {words.quote}", indent=2)
            return words
        loose = [one for one in of_gold(words, self._corpus) if one.check in ("loose", "several places")]
        self._say(f"1 {words.quote}", indent=2)
        self._say(f"2 {around.quote}", indent=2)
        self._remark(loose)
        default = "2" if loose else "1"
        return {"1": words, "2": around}.get(self._ask(f"which? (0: neither) [{default}]>", default))

    def _pick_nearest(self, article: str, text: str, typed: str) -> Gold | None:
        near = nearest(text, typed)
        if near is None:
            self._say("the article does not say that, nor anything like it")
            return None
        self._say(f"the article does not say that; it says: {text[near.start : near.end]}")
        return _gold(article, text, near) if self._agreed("take this?") else None

    def _pick_one(self, article: str, text: str, found: Sequence[Span]) -> Gold | None:
        self._say(f"the article says that {len(found)} times; take a whole sentence, or quote more:")
        around = [_gold(article, text, whole_sentences(text, span)) for span in found]
        for number, gold in enumerate(around, start=1):
            self._say(f"{number} {gold.quote}", indent=2)
        return dict(enumerate(around, start=1)).get(_number(self._ask("which? (Enter: none)>")))

    def _more_of(self, article: str) -> tuple[Gold, ...]:
        found: list[Gold] = []
        while typed := self._ask("more of this article that answers the same? (Enter: no)>"):
            if gold := self._pick(article, typed):
                found.append(gold)
        return tuple(found)

    def _more_gold(self, question: Question) -> Question:
        """What else answers it, by the archive's search and by the writer's own knowledge."""
        hits = candidates(question, self._corpus)
        if hits:
            self._say("These came up; each may answer too, or may not. Judge by its words, not by its place:")
        for number, hit in enumerate(hits, start=1):
            self._show_hit(number, hit)
        which = "which of them answer?" if question.gold else "does really none of them answer?"
        for number in _numbers(self._ask(f"{which} (numbers of those that do; Enter: none)>"), len(hits)):
            article = hits[number - 1].citation.article_id
            gold = self._pick(article, self._ask(f"words of {number}, in article {harmless(article)}>"))
            question = _with(question, gold)
        while article := self._ask("id of another article that answers it? (Enter: none)>"):
            if article in self._corpus:
                question = _with(question, self._pick(article, self._ask("its words>")))
            else:
                self._say(f"there is no article {article}")
        return question

    def _show_hit(self, number: int, hit: Hit) -> None:
        self._say(f"{number} {hit.citation.article_id} · {hit.citation.title or 'no title'}", indent=2, style="dim")
        self._say(hit.text, indent=4)

    # --- a question -----------------------------------------------------------------------------------

    def _compose(self, question: Question) -> Question | None:
        """Ask for all of a question, show what is to be said of it, and keep it if the writer says so."""
        self._begun = True
        asked = self._sound_question(question)
        kept = None if asked is None else self._settle(self._kind_and_note(self._more_gold(asked)))
        self._begun = False
        if kept is None:
            self._say("dropped")
        return kept

    def _sound_question(self, question: Question) -> Question | None:
        """The question with words and filters that can be asked; None if the writer gives none."""
        while typed := self._ask(f"question{_default(question.question)}>", question.question):
            filters = self._filters(question)
            try:
                check_request(typed, 1, Filters(**filters))
            except InvalidRequest as error:
                self._say(f"cannot be asked: {error}")
                continue
            return replace(question, question=typed, filters=filters)
        return None

    def _kind_and_note(self, question: Question) -> Question:
        kinds = list(dict.fromkeys(one.kind for one in self._file.questions))
        usual = question.kind or (self._kind if question.answerable else _NO_ANSWER)
        while not (kind := self._ask(f"kind, such as {harmless(', '.join(kinds)) or 'fact'}{_default(usual)}>", usual)):
            self._say("a question needs a kind")
        self._kind = kind if question.answerable else self._kind
        note = [part for part in (self._ask("note (Enter: none)>"), question.note) if part]
        return replace(question, kind=kind, note=" ".join(note) or None)

    def _filters(self, question: Question) -> dict[str, str]:
        shown = "; ".join(f"{name}={value}" for name, value in question.filters.items())
        known = Filters.__dataclass_fields__
        while True:
            typed = self._ask(f"filters, such as publisher=CYP Now; published_from=2010{_default(shown)}>", shown)
            pairs = [[part.strip() for part in one.partition("=")[::2]] for one in typed.split(";") if one.strip()]
            wrong = [name for name, value in pairs if name not in known or not value]
            if not wrong:
                return dict(pairs)
            self._say(f"write NAME=VALUE with semicolons between, NAME one of {', '.join(known)}; not {wrong[0]!r}")

    def _settle(self, question: Question) -> Question | None:
        while True:
            self._show_question(question)
            found = list(remarks(question, self._file.questions, self._corpus))
            self._remark(found)
            wrong = any(one.severity == "error" for one in found)
            default = "q" if wrong else "y"
            said = self._ask(f"{'' if wrong else 'y keeps it, '}q words it anew, d drops it [{default}]>", default)
            if said == "y" and not wrong:
                return self._keep(question)
            if said == "d":
                return None
            if said == "q":
                question = self._sound_question(question) or question

    def _keep(self, question: Question) -> Question:
        kept = self._file.add(question)
        self._kept += 1
        self._say(f"kept as {kept.id}", style="bold")
        return kept

    def _show_question(self, question: Question) -> None:
        filters = "".join(f", {name} {value}" for name, value in question.filters.items())
        self._say(f"{question.question} ({question.kind or 'no kind yet'}{filters})", indent=2, style="bold")
        for gold in question.gold:
            self._say(f"{gold.article}: {gold.quote}", indent=4)
        if not question.answerable:
            self._say("nothing answers it", indent=4)
        if question.note:
            self._say(f"note: {question.note}", indent=4, style="dim")

    # --- drafts ---------------------------------------------------------------------------------------

    def _confirm(self, draft: Question) -> None:
        self._begun = True
        self._show_question(draft)
        question = confirmed(draft, draft)
        found = list(remarks(question, self._file.questions, self._corpus))
        self._remark(found)
        if not draft.gold:
            for number, hit in enumerate(candidates(question, self._corpus), start=1):
                self._show_hit(number, hit)
        wrong = any(one.severity == "error" for one in found)
        said = self._ask(f"{'' if wrong else 'y confirms it as it is, '}e changes it, Enter passes it over>")
        self._begun = False
        if said == "y" and not wrong:
            self._keep(question)
        elif said == "e":
            gold = tuple(one for one in draft.gold if self._still_gold(one))
            begun = replace(question, gold=gold, answerable=bool(gold))
            self._compose(begun)

    def _still_gold(self, gold: Gold) -> bool:
        self._say(f"{gold.article}: {gold.quote}", indent=2)
        return gold.article in self._corpus and self._agreed("keep this as gold?")

    # --- the terminal ---------------------------------------------------------------------------------

    def _ask(self, prompt: str, default: str = "") -> str:
        """What the writer types, without white space around it; the default for nothing."""
        try:
            typed = input(f"{prompt} ").strip()
            typed.encode()
        except EOFError as error:
            raise _Left from error
        except UnicodeError as error:
            raise EvaluationError("what was typed is not UTF-8; set the terminal, or the file, to UTF-8") from error
        if not sys.stdin.isatty():
            self._console.print()  # there the end of what was typed ends no line
        if typed == "quit":
            raise _Left
        return typed or default

    def _agreed(self, prompt: str) -> bool:
        return self._ask(f"{prompt} y or n [n]>", "n") == "y"

    def _say(self, line: str, *, indent: int = 0, style: str = "") -> None:
        """Show a line; what somebody else wrote of it is shown and not obeyed."""
        self._console.print(Text(" " * indent + harmless(line), style=style), soft_wrap=True)

    def _help(self) -> None:
        self._console.print(Text(_HELP, style="dim"), soft_wrap=True)

    def _remark(self, found: Iterable[Remark]) -> None:
        for one in found:
            self._say(f"{one.severity}: {one.problem}", indent=4, style="red" if one.severity == "error" else "yellow")

    def _check_article(self, article: str | None) -> None:
        if article is not None and article not in self._corpus:
            raise EvaluationError(f"there is no article {article!r}; `onrecord articles list` shows which there are")

    def _stopped(self) -> None:
        self._console.print()
        if self._begun:
            self._say("the question that was begun is dropped")

    def _farewell(self) -> None:
        held = len(self._file.questions)
        self._say(f"{counted(self._kept, 'question')} put in; {self._file.path} has {held}")


def _blank() -> Question:
    return Question(id="new", question="", kind="", gold=(), answerable=False)


def _gold(article: str, text: str, span: Span) -> Gold:
    return Gold(article, text[span.start : span.end])


def _with(question: Question, gold: Gold | None) -> Question:
    if gold is None or gold in question.gold:
        return question
    return replace(question, gold=(*question.gold, gold), answerable=True)


def _default(text: str) -> str:
    return f" [{harmless(text)}]" if text else ""


def _number(typed: str) -> int:
    return int(typed) if typed.isdecimal() else 0


def _numbers(typed: str, most: int) -> list[int]:
    """The numbers from 1 to ``most`` that were typed, with commas or spaces between."""
    return [one for one in map(_number, typed.replace(",", " ").split()) if 1 <= one <= most]

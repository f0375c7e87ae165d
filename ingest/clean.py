"""Page furniture goes, every sentence of the article stays.

A page saved as text carries more than its article: navigation, subscription offers, sharing buttons, lists of
other stories. Each rule here takes out one sort of these and says how it can be told from an article.
Rules look at whole lines only, and at none that reads as reported speech: to lose a sentence is far worse
than to keep a button. Titles, bylines, datelines and headings are facts about the article, and stay.

Some furniture is worded as an article's heading might be ("Twitter", "More from Europe"). Rules for such
words hold only outside the story: before its first paragraph or after its last.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from retrieval.types import Removed


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An article without its page, and what was taken out, rule by rule.

    Every character of the original that is not white space is either in ``text`` or in ``removed``.
    """

    text: str
    removed: tuple[Removed, ...]


def clean(text: str) -> Cleaned:
    """Take the page furniture out of a text.

    Rules are applied until none finds anything, because furniture that one takes out may have hidden from
    another that the story is over. So cleaning a cleaned text changes nothing. A text in which everything
    looks like furniture is left as it is: better a strange article than none.
    """
    rest = original = _tidied(text)
    removed: list[Removed] = []
    while rest and (found := _first_finding(rest)):
        rest, taken = found
        removed.extend(taken)
    return Cleaned(rest, tuple(removed)) if rest else Cleaned(original, ())


def _tidied(text: str) -> str:
    """One blank line wherever there were several, none at the ends."""
    return re.sub(r"\n\s*\n", "\n\n", text).strip()


# --- a page and its lines ------------------------------------------------------------------------------

_QUOTES = str.maketrans("‘’‚‛“”„‟`´", "''''\"\"\"\"''")
_PUNCTUATION = re.compile(r"[.,!?:;…\"'()*\[\]]+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\s+[|•·]\s+")
_CLOSED = re.compile(r".*[.!?…:][\"'”’)\]]*", re.DOTALL)
_BULLET = re.compile(r"\s*[•·▪◦‣*–-]\s+\S")
_REPORTED = re.compile(
    r"\b(?:said|says|told|tells|added|adds|warned|warns|asked|argued|claimed|insisted|explained|according)\b"
)


class Page:
    """The lines of a text, and which of them are the story."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.filled = [number for number, line in enumerate(lines) if line.strip()]

    @cached_property
    def prose(self) -> list[int]:
        """Numbers of the lines that are paragraphs of sentences."""
        return [number for number in self.filled if _is_prose(self.lines[number])]

    def before(self, number: int) -> bool:
        """Whether a line stands above the story; never so where there is no story."""
        return bool(self.prose) and number < self.prose[0]

    def after(self, number: int) -> bool:
        """Whether a line stands below the story; never so where there is no story."""
        return bool(self.prose) and number > self.prose[-1]


_Group = Sequence[int]
_Rule = Callable[[Page], Iterator[_Group]]


def _is_prose(line: str) -> bool:
    words = len(line.split())
    return words >= 25 or (words >= 8 and _is_closed(line))


def _is_closed(line: str) -> bool:
    """Whether a line ends as a sentence does."""
    return _CLOSED.fullmatch(line.strip()) is not None


def _folded(line: str) -> str:
    """A line with case, white space and the style of its quotation marks made equal."""
    return " ".join(line.translate(_QUOTES).casefold().split())


def _bare(sentence: str) -> str:
    return " ".join(_PUNCTUATION.sub("", _folded(sentence)).split())


def _is_speech(line: str) -> bool:
    """Whether a line quotes or reports somebody, which no furniture does."""
    folded = _folded(line)
    return folded.startswith(('"', "'")) or _REPORTED.search(folded) is not None


# --- rules about blocks of lines -----------------------------------------------------------------------

_PRICE = re.compile(
    r"(?:from|only|just|now|for)?\s*[£$€]\s?\d+(?:[.,]\d\d)?\s*"
    r"(?:(?:/|per|an?|each|every|for)\s*(?:\d+\s+)?(?:month|year|week|quarter|issue|annum|day)s?)?[.*]?",
    re.IGNORECASE,
)
_BUTTON = re.compile(
    r"(?:subscribe|buy|join|order|sign up|register|get started|start (?:your )?(?:free )?trial|try "
    r"(?:it )?(?:for )?free|choose(?: this)?(?: plan)?|select)(?: now| today| here| online)?"
)
_OFFERED = re.compile(
    r"\b(?:digital|print|online|magazine|membership|subscription|access|edition|package|bundle|trial"
    r"|offer|plan)\b",
    re.IGNORECASE,
)


def subscription_offer(page: Page) -> Iterator[_Group]:
    """A price with a button under it, and the name and the list of what is offered above it.

    A report may list prices, but sells nothing: without the button nothing is taken.
    """
    filled, lines = page.filled, page.lines
    for at in range(len(filled) - 1):
        if _is_price(lines[filled[at]]) and _BUTTON.fullmatch(_bare(lines[filled[at + 1]])):
            yield filled[_offer_start(page, at) : at + 2]


def _is_price(line: str) -> bool:
    return _PRICE.fullmatch(line.strip()) is not None


def _offer_start(page: Page, price: int) -> int:
    line = [page.lines[number] for number in page.filled]
    start = price
    while start > 0 and (_is_price(line[start - 1]) or _is_short_bullet(line[start - 1])):
        start -= 1
    if start == 0:
        return start
    name = line[start - 1]
    named = len(name.split()) <= 8 and not _is_closed(name) and not _is_speech(name)
    return start - 1 if named and (start < price or _OFFERED.search(name)) else start


def _is_short_bullet(line: str) -> bool:
    return _BULLET.match(line) is not None and len(line.split()) <= 11 and not _is_closed(line)


_CELLS = re.compile(r"\s+[|•·]\s+")
_TRAIL = re.compile(r"\s+[>›»→/]\s+|\s*::\s*")
_HUB = re.compile(r"main|home|index|archives?|contents|blog|up")
_TURNED = re.compile(
    r"(?:[«‹←]|<<?)?\s*(?:(?:previous|prev|next|older|newer|back to)\s*"
    r"(?:article|post|story|entry|page|articles|posts|stories|entries|news)(?::.{1,120})?)\s*(?:[»›→]|>>?)?"
    r"|(?:[«‹←]|<<?)\s*(?:previous|prev|older|back)\b.{0,100}|(?:next|newer)\b.{0,100}(?:[»›→]|>>?)"
    r"|(?:previous|prev)[\s|/]+next",
    re.IGNORECASE,
)
_JUMP = re.compile(
    r"(?:skip|jump) (?:straight |directly )?to (?:the )?(?:main |page )?(?:content|navigation|menu"
    r"|search|footer|comments)"
    r"|(?:back|return|go) to (?:the )?top(?: of (?:the |this )?page)?|top of (?:the )?page"
)


def navigation(page: Page) -> Iterator[_Group]:
    """Ways to other pages: « previous | Main | next », breadcrumbs, skip links.

    Known by arrows round cells with a hub among them, or by words that only ever lead about a site. A French
    quotation has the same marks and no hub.
    """
    return _each(page, _is_navigation)


def _is_navigation(line: str) -> bool:
    line = line.strip()
    return (
        _is_between_posts(line)
        or _is_breadcrumb(line)
        or _TURNED.fullmatch(line) is not None
        or _JUMP.fullmatch(_bare(line)) is not None
    )


def _is_between_posts(line: str) -> bool:
    arrows = line.startswith(("«", "‹", "←", "<<")) or line.endswith(("»", "›", "→", ">>"))
    return arrows and any(_HUB.fullmatch(_bare(cell)) for cell in _CELLS.split(line))


def _is_breadcrumb(line: str) -> bool:
    steps = _TRAIL.split(re.sub(r"(?i)^you are (?:here|in):?\s*", "", line))
    short = all(0 < len(step.split()) <= 8 for step in steps[:-1])
    quoting = "«" in line and "»" in line
    if len(steps) < 2 or not short or quoting or _is_closed(line):
        return False
    return _bare(steps[0]) in {"home", "homepage"} or (len(steps) > 2 and not re.search(r"\s/\s", line))


def masthead(page: Page) -> Iterator[_Group]:
    """The site's name above the navigation at the very top of a page.

    Taken only where the line under the navigation can be the title; else this one may be it.
    """
    if len(page.filled) < 4:
        return
    name, ways, title = (page.lines[number].strip() for number in page.filled[:3])
    named = len(name.split()) <= 4 and not _is_closed(name) and _is_navigation(ways)
    if named and len(title) <= 200 and not title.endswith(".") and not _is_navigation(title):
        yield page.filled[:1]


_LIST_HEAD = re.compile(
    r"related (?:stories|articles|content|posts|links|news|topics|coverage|reading|items|pages|features)"
    r"|(?:more|most|also) (?:on|about) this (?:story|topic|subject)|more (?:stories|news|articles|headlines)"
    r"|most (?:popular|read|viewed|commented|shared|recent|emailed)(?: (?:stories|articles|news|posts))?"
    r"|(?:latest|top|recent|popular|trending|other|todays?) (?:news|stories|articles|posts|headlines"
    r"|jobs|videos)"
    r"|(?:you (?:may|might) (?:also )?(?:like|be interested in)|recommended for you|read next|what to "
    r"read next)"
    r"|editors? ?s? picks?|(?:more )?from (?:around|across|elsewhere on) the (?:web|site)|elsewhere on "
    r"the web"
    r"|(?:sponsored|promoted) (?:content|stories|links)|also in this (?:section|issue)|in this section"
    r"|trending(?: now)?"
)
_OUTLET_HEAD = re.compile(
    r"(?:[Mm]ore|[Ll]atest|MORE|LATEST)(?: (?:stories|news|articles))? (?:from|by|in|FROM|BY|IN)"
    r"((?: (?:[A-Z0-9][\w’'.&-]*|of|the|and|&)){1,6})"
)
_FACT = re.compile(
    r"(?:words|by|text|photo|picture|image|report|reporting|additional|written|published|posted|first"
    r"|updated|this|source|contact|notes?|ends|correction|clarification|editors)\b",
    re.IGNORECASE,
)
_POINTER = re.compile(
    r"(?:read|see) (?:more|also|next)\s*[:|»>–-]\s*\S.{0,160}|related\s*:\s*\S.{0,160}", re.IGNORECASE
)


def related_stories(page: Page) -> Iterator[_Group]:
    """A heading that announces other stories and, below the story, their headlines.

    Inside the story only the heading goes, with bullets right under it: a plain line that follows may be a
    heading of the story. "More from X" goes only below the story, and only as a name without a sentence.
    """
    taken: set[int] = set()
    for at, number in enumerate(page.filled):
        if number not in taken and _announces_stories(page, number):
            group = [number, *_stories(page, at + 1)]
            taken.update(group)
            yield group


def _announces_stories(page: Page, number: int) -> bool:
    line = page.lines[number].strip()
    if _LIST_HEAD.fullmatch(_bare(line)) or (_POINTER.fullmatch(line) and not line.endswith(".")):
        return True
    return page.after(number) and _OUTLET_HEAD.fullmatch(line) is not None


def _stories(page: Page, start: int) -> Iterator[int]:
    for number in page.filled[start:]:
        line = page.lines[number].strip()
        inside = not page.after(number) and not _BULLET.match(line)
        if inside or not _is_headline(line) or _announces_stories(page, number):
            return
        yield number


def _is_headline(line: str) -> bool:
    return len(line.split()) <= 20 and not line.endswith((".", ":")) and not _FACT.match(line)


def repeated_lead(page: Page) -> Iterator[_Group]:
    """A title or a lead that the page prints twice, as the standfirst and again where the story begins.

    Equal but for quotation marks and white space. The second stays. Short lines count only at the very top,
    since a speaker may repeat one.
    """
    top = [_folded(page.lines[number]) for number in page.filled[:8]]
    for at, line in enumerate(top):
        if line in top[at + 1 :] and (len(line.split()) >= 12 or top[:2] == [line, line]):
            yield page.filled[at : at + 1]
            return


def _vocabulary(words: str, between: str = " ") -> frozenset[str]:
    return frozenset(words.split(between))


_SHARING = _vocabulary(
    "share shares tweet print e-mail email follow like send save copy link post this the page article "
    "story on via with by to in a and or & us me our it friend more button facebook twitter x linkedin "
    "whatsapp pinterest reddit google google+ tumblr messenger instagram youtube telegram bluesky "
    "threads digg delicious stumbleupon bookmark rss feed"
)
_SHARE_VERBS = _vocabulary("share tweet print email e-mail follow like send bookmark")
_FOLLOWED = re.compile(r"follow .{1,40} on (?:twitter|facebook|linkedin|instagram|x|bluesky|threads|youtube)")


def sharing_buttons(page: Page) -> Iterator[_Group]:
    """Share, tweet, print, follow us: lines in which every word belongs to that vocabulary.

    A single word, or a mere list of networks, may be a heading of the story and goes only outside of it.
    """
    for number in page.filled:
        line = page.lines[number]
        if _is_sharing(line) or (_is_sharing_word(line) and (page.before(number) or page.after(number))):
            yield (number,)


def _is_sharing(line: str) -> bool:
    words = _bare(line).split()
    if _is_speech(line) or _is_closed(line.rstrip(":! ")) or not 2 <= len(words) <= 10:
        return False
    return (words[0] in _SHARE_VERBS and _all_sharing(words)) or _FOLLOWED.fullmatch(_bare(line)) is not None


def _all_sharing(words: Sequence[str]) -> bool:
    return all(word in _SHARING or word.startswith("@") for word in words)


def _is_sharing_word(line: str) -> bool:
    words = _bare(line).split()
    return not _is_closed(line) and _all_sharing(words) and any(len(word) > 4 or word == "rss" for word in words)


# --- rules about sentences -----------------------------------------------------------------------------

_COMMENTS = re.compile(
    r"comments (?:are|have been) (?:now )?(?:closed|disabled|turned off|off)"
    r"(?: (?:for|on) this (?:post|article|entry|story|page|thread|blog))?"
    r"|(?:leave|post|add|write|submit) (?:a|your) (?:comment|reply|response)|leave a comment or reply"
    r"|be the first to (?:comment|reply)(?: on this (?:article|story|post))?"
    r"|(?:no|\d+) (?:comments?|responses?|replies)(?: so far| yet)?|comments? \d+"
    r"|(?:view|show|see|read|hide|load)(?: all| more)?(?: \d+)? comments"
    r"|your e-?mail address will not be published|required fields are marked|comments powered by disqus"
    r"|please enable javascript to view the comments.{0,30}"
)
_LOGIN = re.compile(
    r"you (?:must|need to|have to) be (?:logged|signed) in(?: .{1,80})? to"
    r" (?:(?:post|leave|add|make) (?:a |your )?(?:comments?|reply)|comment|reply|vote|continue|read "
    r"this article)"
    r"|(?:please )?(?:log ?in|sign ?in)(?: (?:or|and|/|&) (?:register|sign ?up|subscribe|join))?"
    r"(?: to (?:comment|post comments?|leave a comment|reply|continue(?: reading)?|read (?:this|the full) "
    r"(?:article|story)|your account))?"
    r"|(?:please )?(?:register|subscribe)(?: (?:or|and|/|&) (?:log|sign) ?in)? to (?:comment|post comments?"
    r"|continue(?: reading)?|read (?:this|the full) (?:article|story))"
    r"|already (?:a )?(?:subscriber|subscribed|member|registered)|already have an account"
    r"|not (?:yet )?(?:a )?(?:subscriber|member|registered)(?: yet)?|forgot(?:ten)? your password"
)
_SUBSCRIBE = re.compile(
    r"subscribe(?: now| today| here| online| free| for free)*"
    r"|(?:sign ?up|register|subscribe)(?: now| today| here| free| for free)? (?:to|for) (?:our|the"
    r"|a)\b(?: \S+){0,8}?"
    r" (?:newsletters?|e-?mails?|e-?mail (?:alerts?|updates?)|bulletins?|e-?bulletins?|briefings?"
    r"|mailing list|podcast|magazine|rss feed)(?: (?:now|today|here|below))?"
    r"|click here to (?:subscribe|sign ?up|register|log ?in|join|comment|share|print|buy|order|renew"
    r"|donate).{0,60}|(?:get|receive|have)\b.{1,80}\bto your (?:inbox|e-?mail|phone)(?: .{0,20})?"
    r"|newsletter sign ?up|sign ?up (?:to|for) newsletters?|(?:download|get) (?:the|our) (?:\S+ ){0,3}app"
    r"(?: (?:now|today|here))?"
)
_DEBATE = re.compile(
    r"join (?:the|our) (?:debate|discussion|conversation)"
    r"(?: (?:on|at|in) (?:facebook|twitter|linkedin|our .{1,30}|the .{1,30}(?:forums?|page|site|website"
    r"|blog|group)))?|(?:tell us|let us know) (?:what you think|your (?:views|thoughts))(?: .{1,40})?"
    r"|have your say(?: (?:below|here|now|in the comments.{0,20}))?|share your (?:views|thoughts)(?: below)?"
)
_OUTSIDE_CALL = re.compile(
    r"(?:sign ?up|register|join|donate|renew|buy|order)(?: now| today| here| online| free)?"
    r"|become a (?:member|subscriber|supporter)(?: today| now)?|join (?:the|our) debate (?:on|at) "
    r"\S+(?: \S+){0,3}|find out more|read more|learn more|show more|load more|view all|see all|more"
)
_LEAD_IN = re.compile(
    r"what do you think|want (?:more|to (?:know|read) more)|(?:enjoyed|like) this(?: article| story)?"
    r"|(?:keep|stay) (?:up to date|up-to-date|informed|in touch|connected)(?: with .{1,90})?"
    r"|(?:find out|read|learn) more|dont miss (?:out|a thing|a story)|its free|(?:log|sign) in(?: here)?"
    r"|(?:register|join)(?: now| here)?"
)
_ADVERTISEMENT = re.compile(
    r"advert(?:isement)?s?(?: feature)?(?: -)?(?: (?:story|article|content) continues below.{0,20})?"
    r"|(?:story|article|content) continues (?:below|after (?:the )?(?:ad|advert|advertisement|promotion))"
    r"|ads by google|continue reading(?: below)?(?: the main story)?|scroll (?:down )?(?:to continue"
    r"|for more)"
)
_COOKIES = re.compile(
    r"(?:this|our) (?:web ?)?site (?:also )?uses cookies\b.{0,200}"
    r"|we(?: and our partners)? use (?:\S+ ){0,2}cookies\b(?=.*\b(?:your?|our|site|website"
    r"|services?)\b).{0,200}"
    r"|(?:by|if you) (?:continuing|continue|using|use|clicking|browsing|closing)\b.{0,80}\b(?:web ?site"
    r"|page|browse|accept)\b.{0,80}\b(?:agree|consent|accept|happy|assume)\b.{0,80}"
    r"|(?:accept|reject|allow|manage|decline|view)(?: all)?(?: optional| additional| our)? cookies"
    r"|cookies? (?:policy|settings|preferences|notice)"
    r"|(?:find out more|read more|learn more|more information)(?: about| on)(?: our| how we)?(?: use(?: "
    r"of)?)? cookies"
)
_COPYRIGHT = re.compile(
    r"(?:copyright )?©.{1,90}|(?:copyright )?c (?:copyright )?(?:19|20)\d\d\b.{0,80}|all rights reserved"
    r"|copyright (?:19|20)\d\d [^a-z]{0,3}(?:\S+ ){0,5}\S+"
    r"|this material may not be published.{0,100}|reproduction .{0,80}(?:prohibited|forbidden).{0,30}"
)
_PAGE_TOOLS = re.compile(
    r"updates to this page|is this page useful|(?:yes|no) this page is(?: not)? useful"
    r"|(?:report a problem|there is something wrong) with this page|help us improve \S{1,20}"
    r"|get emails about this page|sign up for emails or print this page"
)

_Sentences = Callable[[str], bool]


def comment_form(sentence: str) -> bool:
    """The comments' own signs and labels, each known word by word.

    The whole sentence has to be one of them: a hearing at which comments are closed to the public is news.
    """
    return _COMMENTS.fullmatch(sentence) is not None


def login_prompt(sentence: str) -> bool:
    """An order to the reader to log in, for what only a website has: commenting, reading on."""
    return _LOGIN.fullmatch(sentence) is not None


def call_to_subscribe(sentence: str) -> bool:
    """An order to the reader to take the newsletter, the magazine, the app.

    It has to begin with the imperative and end at what is offered; a report about subscriptions does neither.
    """
    return _SUBSCRIBE.fullmatch(sentence) is not None


def call_to_debate(sentence: str) -> bool:
    """An invitation to the reader to say something on the website itself."""
    return _DEBATE.fullmatch(sentence) is not None


def advertisement(sentence: str) -> bool:
    """The label that parts an advertisement from the story."""
    return _ADVERTISEMENT.fullmatch(sentence) is not None


def cookie_notice(sentence: str) -> bool:
    """What a site says of its own cookies to its own reader; others' cookies are a topic."""
    return _COOKIES.fullmatch(sentence) is not None


def copyright_line(sentence: str) -> bool:
    """A claim of copyright, which starts with the sign or with the year; copyright law is a topic."""
    return _COPYRIGHT.fullmatch(sentence) is not None and len(sentence.split()) <= 16


def page_tools(sentence: str) -> bool:
    """What public websites ask and offer about the page itself. The dates they put beside it stay."""
    return _PAGE_TOOLS.fullmatch(sentence) is not None


_SENTENCE_RULES: tuple[_Sentences, ...] = (
    comment_form,
    login_prompt,
    call_to_subscribe,
    call_to_debate,
    advertisement,
    cookie_notice,
    copyright_line,
    page_tools,
)


def _sentence_rule(rule: _Sentences) -> _Rule:
    """Lines that hold a sentence of the rule, and nothing but furniture beside it."""

    def lines(page: Page) -> Iterator[_Group]:
        return _each(page, lambda line: _is_furniture(line, rule))

    return lines


def _is_furniture(line: str, rule: _Sentences) -> bool:
    sentences = _bare_sentences(line)
    return any(map(rule, sentences)) and all(
        rule(sentence) or _LEAD_IN.fullmatch(sentence) or _is_call(sentence) for sentence in sentences
    )


# All sentence rules ask for the same lines in turn, and folding them is most of the work of cleaning.
@lru_cache(maxsize=1024)
def _bare_sentences(line: str) -> tuple[str, ...]:
    """What the rules compare; nothing for speech, and for paragraphs longer than any furniture."""
    if len(line) > 600 or _is_speech(line):
        return ()
    return tuple(bare for sentence in _SENTENCE_END.split(line.strip()) if (bare := _bare(sentence)))


def _is_call(sentence: str) -> bool:
    return any(rule(sentence) for rule in _SENTENCE_RULES)


# --- rules that hold only outside the story ------------------------------------------------------------

_MENU = _vocabulary(
    "menu|search|log in|login|log out|sign in|register|my account|contact|contact us|about|about us|privacy|"
    "privacy policy|privacy notice|terms|terms and conditions|terms & conditions|terms of use|site map"
    "|sitemap|"
    "terms of service|accessibility|help|faq|faqs|rss|cookie policy|cookies|advertise|advertise with us|home|"
    "subscribe|newsletters|close|toggle navigation|main menu|site navigation|navigation",
    between="|",
)
_SECTIONS = _vocabulary(
    "news sport jobs comment opinion features blogs video videos events community business politics magazine"
)
_FILED = re.compile(
    r"(?:filed (?:under|in)|tagged(?: with| as| in)?|tags?|posted in|categor(?:y|ies)|keywords|labels"
    r"|topics?|more on)(?:\s*:|(?<=under)|(?<=filed in)|(?<=with)|(?<=posted in))\s*\S.{0,160}",
    re.IGNORECASE,
)


def site_menu(page: Page) -> Iterator[_Group]:
    """Links that every page of a site has, alone or in a row."""
    return _each(page, _is_menu, outside=True)


def _is_menu(line: str) -> bool:
    cells = [_bare(cell) for cell in re.split(r"\s*[|•·]\s*", line.strip(" |•·\t"))]
    return any(cell in _MENU for cell in cells) and all(cell in _MENU or cell in _SECTIONS for cell in cells)


def filing_line(page: Page) -> Iterator[_Group]:
    """Tags and categories under which the site files the story. Papers filed under seal make a sentence."""
    return _each(page, _is_filing, outside=True)


def _is_filing(line: str) -> bool:
    return _FILED.fullmatch(line.strip()) is not None and len(line.split()) <= 20 and not _is_closed(line)


def call_outside(page: Page) -> Iterator[_Group]:
    """Buttons and calls whose words a story might use too."""
    return _each(page, _is_outside_call, outside=True)


def _is_outside_call(line: str) -> bool:
    return not _is_speech(line) and _is_furniture(line, lambda sentence: bool(_OUTSIDE_CALL.fullmatch(sentence)))


def _each(page: Page, matches: Callable[[str], bool], *, outside: bool = False) -> Iterator[_Group]:
    for number in page.filled:
        if (not outside or page.before(number) or page.after(number)) and matches(page.lines[number]):
            yield (number,)


# --- parts of lines, and the application of all rules --------------------------------------------------

_PLACEHOLDER = re.compile(
    r"^[^\S\n]*((?:picture|image|img|photo|pic|dscn?|screenshot)_\d+(?:\.(?:jpe?g|png|gif"
    r"|webp))?)(?!\S)[^\S\n]*|^[^\S\n]*(\[(?:image|photo|picture|video)\])[^\S\n]*$",
    re.IGNORECASE | re.MULTILINE,
)

# Blocks before the single lines that they consist of, and navigation after the masthead that is known by it.
_RULES: tuple[tuple[str, _Rule], ...] = (
    ("subscription offer", subscription_offer),
    ("masthead", masthead),
    ("navigation", navigation),
    *((rule.__name__.replace("_", " "), _sentence_rule(rule)) for rule in _SENTENCE_RULES),
    ("sharing buttons", sharing_buttons),
    ("repeated lead", repeated_lead),
    ("filing line", filing_line),
    ("related stories", related_stories),
    ("call to act", call_outside),
    ("site menu", site_menu),
)


def _first_finding(text: str) -> tuple[str, list[Removed]] | None:
    """The text without what the first successful rule finds, and that; None if no rule finds anything."""
    page = Page(text.split("\n"))
    for name, rule in _RULES:
        if groups := list(rule(page)):
            return _without(page, groups), [Removed(name, _joined(page, group)) for group in groups]
    return _without_placeholders(text)


def _without(page: Page, groups: Sequence[_Group]) -> str:
    gone = {number for group in groups for number in group}
    return _tidied("\n".join("" if number in gone else line for number, line in enumerate(page.lines)))


def _joined(page: Page, group: _Group) -> str:
    return "\n".join(page.lines[number].strip() for number in group)


def _without_placeholders(text: str) -> tuple[str, list[Removed]] | None:
    """What stands where an image was; the caption behind it stays."""
    found = [match[1] or match[2] for match in _PLACEHOLDER.finditer(text)]
    if not found:
        return None
    return _tidied(_PLACEHOLDER.sub("", text)), [Removed("image placeholder", token) for token in found]

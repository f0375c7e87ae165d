"""Words that report what somebody says, thinks or makes known, with their inflections.

A verb belongs to one of a few groups, which lets a rare verb learn from its commoner relatives.
"""

from typing import Final, Literal, NamedTuple

from ingest.attribution.lexicon import words_of

Form = Literal["base", "s", "past", "ing"]

_GROUPS: Final = {
    # Speech itself, that takes a quotation or a clause.
    "say": """
    say tell add ask reply respond answer explain note state announce argue claim insist maintain deny admit
    acknowledge concede confirm report declare observe remark comment continue write tweet retweet post
    recall warn predict suggest contend assert allege stress emphasise emphasize reiterate repeat quip joke
    exclaim shout yell whisper mutter testify swear vow promise pledge urge caution counter retort complain
    lament boast brag hint imply conclude confide disclose reveal signal signify reason muse opine posit
    proclaim pronounce protest plead grumble gripe fume thunder tease chide scold chime enthuse interject
    interrupt volunteer elaborate clarify specify mention cite quote advise instruct assure reassure remind
    notify inform brief lecture inquire enquire wonder demand chant scream cry sigh laugh murmur mumble
    theorise theorize speculate estimate forecast project rule certify affirm attest bemoan bellow blog
    email text dub begin rejoin rebut underline underscore venture relate recount narrate read summarise
    summarize concur guess
    """,
    # Verdicts on somebody or something.
    "judge": """
    criticise criticize blast slam accuse dismiss praise denounce condemn attack mock defend reject blame
    challenge oppose support endorse back favour favor applaud decry deride ridicule rebuke lambast lambaste
    assail rip bash hit knock hail laud commend welcome thank congratulate trash tout charge compare liken
    label brand portray depict describe characterise characterize cast call deem rail disavow disown
    repudiate renounce question dispute refute contest rebuff downplay oversell exaggerate ignore invoke
    echo cheer embrace highlight promote scoff sneer insult taunt
    """,
    # States of mind that a report makes known.
    "think": """
    think believe hope feel fear expect want know understand suspect doubt consider realise realize decide
    agree disagree prefer intend plan worry assume imagine dream wish regret remember recognise recognize
    learn determine regard view see find love hate like care mean need seek refuse decline offer propose
    recommend request call threaten aim strive try favour advocate consider conclude choose vote approve
    encourage ponder anticipate envision oppose
    """,
    # What documents, counts and signs make known.
    "show": """
    show indicate demonstrate reflect prove appear seem detail document list include name identify record
    publish release issue file leak sound sign express voice articulate outline raise address discuss talk
    speak spell present give deliver send air focus point refer reference
    """,
}

_IRREGULAR: Final = {
    "say": "said said", "tell": "told told", "write": "wrote written", "swear": "swore sworn",
    "think": "thought thought", "feel": "felt felt", "know": "knew known",
    "understand": "understood understood", "find": "found found", "see": "saw seen", "show": "showed shown",
    "give": "gave given", "speak": "spoke spoken", "send": "sent sent", "mean": "meant meant",
    "seek": "sought sought", "read": "read read", "hit": "hit hit", "cast": "cast cast",
    "begin": "began begun", "choose": "chose chosen", "plead": "pleaded pleaded", "leak": "leaked leaked",
    "spell": "spelled spelt", "forecast": "forecast forecast",
}  # fmt: skip
_DOUBLED: Final = frozenset(
    {"admit", "quip", "brag", "rip", "plan", "dub", "refer", "rebut", "blog", "regret", "prefer", "chat"}
)


class Cue(NamedTuple):
    """A reading of a word as a cue: its lemma, its group and the form that stands in the text."""

    lemma: str
    group: str
    form: Form


def _past(lemma: str) -> list[str]:
    if lemma in _IRREGULAR:
        return _IRREGULAR[lemma].split()
    if lemma.endswith("e"):
        return [lemma + "d"]
    if lemma.endswith("y") and lemma[-2] not in "aeiou":
        return [lemma[:-1] + "ied"]
    return [lemma + lemma[-1] + "ed" if lemma in _DOUBLED else lemma + "ed"]


def _third_person(lemma: str) -> str:
    if lemma.endswith("y") and lemma[-2] not in "aeiou":
        return lemma[:-1] + "ies"
    return lemma + ("es" if lemma.endswith(("s", "sh", "ch", "x", "z")) else "s")


def _gerund(lemma: str) -> str:
    if lemma.endswith("e") and not lemma.endswith(("ee", "oe", "ye")):
        return lemma[:-1] + "ing"
    return lemma + (lemma[-1] if lemma in _DOUBLED or lemma == "begin" else "") + "ing"


def _lexicon() -> dict[str, Cue]:
    found: dict[str, Cue] = {}
    for group, words in _GROUPS.items():
        for lemma in words.split():
            found.setdefault(lemma, Cue(lemma, group, "base"))
            found.setdefault(_third_person(lemma), Cue(lemma, group, "s"))
            found.setdefault(_gerund(lemma), Cue(lemma, group, "ing"))
            for form in _past(lemma):
                found.setdefault(form, Cue(lemma, group, "past"))
    for form in ("say", "tell", "read", "hit", "cast", "forecast"):
        found[form] = Cue(form, found[form].group, "base")
    return found


CUES: Final[dict[str, Cue]] = _lexicon()
"""Every inflected form, in lower case, with its reading."""

ADJECTIVES: Final = words_of(
    """
    convinced adamant confident certain aware worried concerned hopeful sceptical skeptical optimistic
    pessimistic keen sure unaware doubtful proud afraid glad delighted disappointed angry furious unsure
    clear
    """
)
"""Adjectives that report a mind after a form of "be": "is convinced that ..."."""

AUXILIARIES: Final = words_of(
    """
    has have had is are was were be been being do does did will would can could may might must should shall
    've 'd 'll ’ve ’d ’ll hasn’t haven’t hadn’t isn’t aren’t wasn’t weren’t don’t doesn’t didn’t won’t
    wouldn’t can’t couldn’t hasn't haven't hadn't isn't aren't wasn't weren't don't doesn't didn't won't
    wouldn't can't couldn't not never also later then just now again once still already even further
    recently repeatedly reportedly often always previously earlier publicly first initially since quickly
    immediately simply largely long frequently apparently allegedly famously specifically clearly strongly
    flatly openly privately finally actually both all went goes go on to
    """
)
"""What may stand between a subject and its cue without ending the verb group."""

BE: Final = words_of(
    """
    is are was were be been being am 's ’s 're ’re wasn’t isn’t wasn't isn't
    """
)

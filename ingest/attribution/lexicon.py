"""Facts about English words that names of people need: given names, titles, roles, organisations, places.

Compiled for this project; a name that is missing costs confidence, never a wrong join.
"""

from typing import Final


def words_of(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


MALE: Final = words_of(
    """
    aaron abdul abdullah abraham adam adrian ahmed alan albert alejandro alex alexander alfred ali allan
    allen alvin amir andre andrew andy angus anthony antonio archie arnold arthur ashraf austin barack
    barney barry bart ben benjamin bernard bernie bert bill billy bob bobby boris brad bradley brandon
    brendan brent brett brian bruce bryan byron calvin cameron carl carlos cecil chad charles charlie
    chester chris christian christopher chuck clarence clark claude clayton clifford clint clive colin
    connor corey cory craig curt curtis dale damian damien dan daniel danny darrell darren dave david dean
    dennis derek dermot desmond devin diego dominic don donald donnie doug douglas duncan dustin dwayne
    dwight earl ed eddie edgar edmund eduardo edward edwin eli elijah elliot elliott elmer emmanuel eric
    erik ernest ethan eugene evan felix fernando floyd francis francisco frank franklin fraser fred freddie
    frederick gabriel gareth garry gary gavin gene geoff geoffrey george gerald gerard gilbert glen glenn
    gordon graeme graham grant greg gregory guillermo gus guy hamza hank hans harold harris harry harvey
    hassan hector henry herbert herman herman horace howard hugh hugo hussein iain ian ibrahim imran irving
    isaac ivan jack jackson jacob jaime jake james jamie jan jared jarrod jason javier jay jean-claude jeb
    jeff jeffrey jeremy jerome jerry jesse jesus jim jimmy joaquin joe joel john johnny jon jonathan jordan
    jorge jose joseph josh joshua josé juan julian julio julius justin karl keith ken kenneth kent kevin
    khalid kurt kyle lance larry laurence lawrence lee len leo leon leonard leroy leslie lester lewis liam
    lindsey lionel lloyd lou louis lucas luis luke malcolm manuel marc marcel marco marcus mario mark
    marshall martin marvin mateo matt matthew maurice max maxwell mel michael miguel mike miles mitch mitt
    mohamed mohammad mohammed morris moses muhammad murray nathan nathaniel ned neil nelson newt niall
    nicholas nick nicolas nigel noah noel norman oliver omar oscar otto owen pablo patrick paul pedro percy
    perry pete peter phil philip phillip pierre rafael rahul raj ralph ramon randall randy rashid raul ray
    raymond reggie reginald reince rex ricardo richard rick ricky robbie robert roberto robin rod roderick
    rodney rodrigo roger roland ron ronald ronnie rory ross rowan roy ruben rudolph rudy rupert rush russ
    russell ryan salman salvador sam sammy samuel saul scott sean sebastian sergei sergio seth shane shaun
    sid sidney simon spencer stan stanley stephen steve steven stewart stuart sunil ted terence terrence
    terry theodore theo thomas tim timothy toby todd tom tommy tony travis trent trevor trey tyler vernon
    vic victor vijay vince vincent virgil vladimir wade wallace walter warren wayne wesley wilfred will
    willard william willie winston wolf xavier yusuf zac zach zachary zack
    """
)
FEMALE: Final = words_of(
    """
    abby abigail ada adele adriana agnes aisha alexandra alexis alice alicia alison allison alma amanda
    amber amelia amy ana andrea angela angelina anita ann anna anne annette annie antonia april ariana
    arlene ashley audrey ava barbara beatrice becky belinda bella bernadette bernice beth bethany betsy
    betty beverly bianca bonnie brenda bridget brittany brooke camille candace carla carly carmen carol
    carole caroline carolyn carrie cassandra catherine cathy cecilia celia charlotte chelsea cheryl chloe
    christina christine cindy claire clara clare claudia colleen condoleezza connie constance cora cynthia
    daisy dana danielle daphne darlene dawn deborah debbie debra deirdre delia denise diana diane dianne
    dolores donna dora doris dorothy edith eileen elaine eleanor elena elise elizabeth ella ellen eloise
    elsa elsie emily emma erica erika erin esther ethel eunice eva evelyn faith fatima felicity fiona flora
    florence frances freya gail gemma genevieve georgia georgina geraldine gertrude gillian gina ginny
    giulia glenda gloria grace greta gretchen gwen gwendolyn hannah harriet hazel heather heidi helen helena
    henrietta hilary hillary holly hope huma ida imogen ines ingrid irene iris irma isabel isabella isla
    ivanka ivy jackie jacqueline jane janet janice jasmine jean jeanette jeanne jenna jennifer jenny jess
    jessica jill jo joan joanna joanne jocelyn jodie josephine joy joyce juanita judith judy julia juliana
    julie juliet june karen kate katharine katherine kathleen kathryn kathy katie katrina katy kay kayla
    kayleigh kellyanne kelly kendra keri kerry khadija kim kimberly kirsten kirsty kitty kristen kristin
    kristina lara laura lauren laurie leah leila lena leslie lillian lily linda lindsay lisa liz lois
    loretta lorraine louise lucia lucinda lucy lydia lynda lynn lynne mabel madeleine madeline maggie mandy
    marcia margaret maria marian marianne marie marilyn marina marion marjorie marlene martha mary maureen
    maxine maya megan meghan melanie melania melinda melissa mercedes meredith mia michaela michele michelle
    mildred minnie miranda miriam moira molly mona monica muriel myra nadia nadine nan nancy naomi natalie
    natasha nell nicola nicole nina nora norma olga olivia paige pam pamela patricia patty paula pauline
    pearl peggy penelope penny phoebe phyllis pippa polly priscilla priti priya rachel ramona rebecca regina
    rena renee rhonda rita roberta rosa rosalind rose rosemary rosie roxanne ruby ruth sabrina sadie sally
    samantha sandra sara sarah selina serena sharon sheila shelley sherry shirley sian silvia simone sofia
    sonia sophia sophie stacey stacy stella stephanie sue susan susanna susie suzanne sybil sylvia tamara
    tammy tanya tara tasha teresa tess tessa thelma theresa tiffany tina toni tracey tracy trudy ursula
    valerie vanessa vera verna veronica vicki vicky victoria viola violet virginia vivian wanda wendy
    whitney wilma winifred yasmin yolanda yvette yvonne zara zoe
    """
)

HONORIFICS: Final = {
    "mr": "m", "mr.": "m", "sir": "m", "lord": "m", "king": "m", "prince": "m", "father": "m", "mrs": "f",
    "mrs.": "f", "ms": "f", "ms.": "f", "miss": "f", "dame": "f", "lady": "f", "baroness": "f",
    "queen": "f", "princess": "f", "sister": "f", "dr": "", "dr.": "", "prof": "", "prof.": "",
    "professor": "", "doctor": "", "rev": "", "rev.": "", "reverend": "", "hon": "", "hon.": "",
    "pastor": "", "rabbi": "", "imam": "", "bishop": "", "pope": "m",
}  # fmt: skip
"""Titles before a name, with the gender that they give away."""

ROLES: Final = {
    "sen.": "senator", "sen": "senator", "sens.": "senator", "senator": "senator", "senators": "senator",
    "rep.": "representative", "rep": "representative", "reps.": "representative",
    "representative": "representative", "congressman": "representative", "congresswoman": "representative",
    "lawmaker": "representative", "gov.": "governor", "gov": "governor", "governor": "governor",
    "president": "president", "vice-president": "president", "chairman": "chair", "chairwoman": "chair",
    "chair": "chair", "chairperson": "chair", "minister": "minister", "secretary": "minister",
    "undersecretary": "minister", "chancellor": "chancellor", "director": "director", "manager": "manager",
    "spokesman": "spokesman", "spokeswoman": "spokesman", "spokesperson": "spokesman", "leader": "leader",
    "speaker": "speaker", "mayor": "mayor", "general": "general", "gen.": "general", "gen": "general",
    "attorney": "attorney", "prosecutor": "attorney", "judge": "judge", "justice": "judge",
    "officer": "officer", "executive": "executive", "ceo": "executive", "chief": "chief",
    "commissioner": "commissioner", "sheriff": "sheriff", "ambassador": "ambassador",
    "councillor": "councillor", "cllr": "councillor", "councilman": "councillor",
    "councilwoman": "councillor", "mp": "representative", "professor": "professor", "analyst": "analyst",
    "strategist": "strategist", "consultant": "consultant", "adviser": "adviser", "advisor": "adviser",
    "aide": "aide", "host": "host", "anchor": "host", "moderator": "host", "columnist": "writer",
    "reporter": "writer", "correspondent": "writer", "editor": "writer", "author": "writer",
    "writer": "writer", "journalist": "writer", "candidate": "candidate", "nominee": "candidate",
    "frontrunner": "candidate", "front-runner": "candidate", "contender": "candidate",
    "hopeful": "candidate", "rival": "rival", "opponent": "rival", "delegate": "delegate", "voter": "voter",
    "lawyer": "lawyer", "counsel": "lawyer", "pollster": "pollster", "historian": "historian",
    "economist": "economist", "founder": "founder", "co-founder": "founder", "head": "head",
    "coach": "coach", "billionaire": "businessman", "businessman": "businessman", "mogul": "businessman",
    "magnate": "businessman", "entrepreneur": "businessman", "developer": "businessman",
    "activist": "activist", "organizer": "activist", "actor": "actor", "actress": "actor",
    "singer": "singer", "comedian": "comedian", "lt.": "officer", "col.": "officer", "capt.": "officer",
    "sgt.": "officer", "captain": "officer", "sergeant": "officer", "colonel": "officer",
    "inspector": "officer", "detective": "officer", "constable": "officer", "principal": "principal",
    "headteacher": "principal", "teacher": "teacher", "nurse": "nurse", "doctor": "doctor",
    "scientist": "scientist", "researcher": "scientist", "student": "student", "resident": "resident",
    "farmer": "farmer", "veteran": "veteran", "wife": "wife", "husband": "husband", "son": "son",
    "daughter": "daughter", "mother": "mother", "father": "father", "brother": "brother",
    "sister": "sister", "lady": "wife", "operative": "strategist", "ally": "ally", "supporter": "supporter",
    "surrogate": "supporter", "member": "member", "treasurer": "treasurer", "whip": "whip",
    "fellow": "fellow", "scholar": "scholar", "expert": "expert", "official": "official",
    "co-chair": "chair", "co-chairman": "chair", "neurosurgeon": "doctor", "surgeon": "doctor",
    "socialist": "socialist", "democrat": "democrat", "republican": "republican",
    "conservative": "conservative", "incumbent": "incumbent", "clerk": "clerk", "coordinator": "manager",
    "vice-chair": "chair", "partner": "partner", "owner": "owner",
}  # fmt: skip
"""Nouns for an office or a part in life, with the noun under which variants meet."""

FEMININE_ROLES: Final = words_of(
    """
    congresswoman chairwoman spokeswoman councilwoman wife daughter mother sister actress lady
    """
)
MASCULINE_ROLES: Final = words_of(
    """
    congressman chairman spokesman councilman husband son father brother businessman co-chairman
    """
)

ORGANISATION: Final = words_of(
    """
    care community children families live issue conservative
    party committee department university college school institute institution council association union
    federation foundation trust society centre center agency bureau office commission board group company
    corporation corp inc ltd bank times post journal news press magazine network channel television radio tv
    tribune herald gazette guardian street house senate congress parliament court assembly government
    administration campaign coalition alliance club church hospital service services authority fund pac
    league team army navy police force network project ministry organization organisation partnership
    network forum conference convention act amendment bill review report journal globe chronicle review
    today daily weekly digest media hotel tower airport station stadium arena hall park avenue road lake
    river mountain county city state states kingdom island islands valley beach square bridge north south
    east west northern southern eastern western american americans republicans democrats conservatives
    tories liberals muslims christians jews catholics day eve night week month war league cup olympics award
    prize street wall twitter facebook youtube google fox cnn msnbc nbc abc cbs bbc itv npr gop dnc rnc fbi
    cia nra ap reuters politico buzzfeed bloomberg islamic holy supreme medicare medicaid obamacare caucus
    caucuses primary debate poll survey
    """
)
PLACES: Final = words_of(
    """
    alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho
    illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota
    mississippi missouri montana nebraska nevada hampshire jersey mexico york carolina dakota ohio oklahoma
    oregon pennsylvania rhode tennessee texas utah vermont virginia washington wisconsin wyoming london
    england britain scotland wales ireland france germany spain italy europe russia china japan india iran
    iraq syria israel egypt turkey africa asia america canada australia paris berlin moscow beijing brussels
    chicago boston philadelphia cleveland manhattan brooklyn miami orlando dallas houston austin denver
    detroit atlanta charlotte hollywood benghazi afghanistan pakistan ukraine libya cuba u.s. us u.k. uk eu
    un birmingham manchester liverpool leeds glasgow edinburgh cardiff belfast
    """
)
ADJECTIVAL: Final = words_of(
    """
    republican democratic democrat conservative labour liberal tory independent libertarian american british
    english scottish welsh irish french german italian spanish russian chinese japanese indian mexican
    canadian australian iraqi iranian israeli syrian african european asian jewish muslim christian catholic
    former ex- fellow then presidential vice-presidential california-based gop white black hispanic latino
    texan iowan
    """
)
DAYS: Final = words_of(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july
    august september october november december christmas easter thanksgiving
    """
)
PARTICLES: Final = words_of(
    """
    de da del della der den van von di du la le al el bin ibn ben ter dos
    """
)

STOP: Final = words_of(
    """
    the a an this that these those he she it they we i you his her its their our my your there here in on at
    but and or if when while as for from with not no yes so what why how who where after before since
    because although though however also by to of about into over under during among according meanwhile
    still yet then now even just more most many some all both each few several other another such one two
    three four five six seven eight nine ten first last earlier later once until unless despite like unlike
    instead indeed perhaps maybe of course well oh ok nor whether which whose only asked speaking citing
    noting adding calling saying out up down off again against between through without within along across
    around behind beyond near nearly almost never ever always sometimes often too very much less least is
    are was were be been being do does did has have had will would can could may might must should shall let
    please see read watch related photo image video share follow click sign next back yesterday today
    tomorrow tonight on thus hence moreover furthermore additionally besides them him us me herself himself
    themselves people every everyone nobody nothing something someone anyone anything none neither either
    part story update breaking exclusive report reports source sources poll polls while plus put get got go
    given asked told said says say did not does don’t don't isn’t that’s it’s he’s she’s they’re we’re i’m
    i’ve i'm it's he's she's there’s here’s what’s officials critics experts supporters opponents voters
    aides analysts outside inside beside below above beneath following regarding concerning considering
    given notably similarly likewise nonetheless nevertheless afterwards afterward eventually later sure
    right left others anybody everybody clearly obviously certainly recently finally currently previously
    ultimately
    """
)

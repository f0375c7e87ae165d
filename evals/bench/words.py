"""Words and patterns that articles are made of; written for this project.

A pattern is a clause with slots in braces:

====  ====================================================================
{N}   things of the topic, plural; the few that it is about come most often
{C}   two of them put together: the long tail of rare words
{A}   what they are like
{V}   what is done to them
{G}   things of any trade, plural
{P}   a place
{O}   an organisation
{D}   an amount
{X}   a made-up name, of tens of thousands: what real text has in names, products and misprints
{T}   a tail of time or manner
====  ====================================================================
"""

from typing import Final

WOMEN: Final = """
    Abigail Agnes Alice Amara Amina Anita Anna Audrey Beatrice Bridget Carla Caroline Catherine Charlotte Clara Claire
    Daphne Deborah Diana Dorothy Edith Eleanor Elena Elizabeth Ellen Emily Esther Evelyn Fatima Fiona Florence Frances
    Georgia Grace Hannah Harriet Heather Helen Ingrid Irene Isabel Jane Janet Jasmine Joan Joyce Judith Julia Karen
    Kathleen Laura Leila Lillian Linda Lucy Margaret Maria Marion Martha Maureen Miriam Monica Nadia Naomi Natalie Nora
    Olivia Pamela Patricia Pauline Penelope Philippa Rachel Rebecca Rosa Ruth Sandra Sarah Sheila Sofia Susan Sylvia
    Teresa Theresa Ursula Valerie Vera Victoria Violet Wendy Yasmin Yvonne
""".split()
MEN: Final = """
    Aaron Adam Adrian Ahmed Alan Albert Alexander Andrew Anthony Arthur Barry Benjamin Bernard Brian Bruce Carl Cedric
    Charles Christopher Clive Colin Daniel David Dennis Derek Dominic Duncan Edmund Edward Eric Felix Francis Frank
    Gareth Gavin George Gerald Gilbert Gordon Graham Gregory Harold Henry Howard Hugh Ibrahim Ivan James Jerome John
    Jonathan Joseph Julian Keith Kenneth Kevin Lawrence Leonard Leslie Lionel Malcolm Marcus Mark Martin Matthew
    Maurice Michael Nathan Neil Nicholas Nigel Norman Oliver Oscar Patrick Paul Peter Philip Ralph Raymond Richard
    Robert Roger Ronald Rupert Samuel Simon Stanley Stephen Stuart Terence Thomas Timothy Trevor Victor Vincent
    Walter William
""".split()
SURNAME_HEADS: Final = """
    Al Ash Ath Bal Barn Beck Black Brad Bram Brock Burn Cald Carl Chad Clif Col Cran Croft Dal Darn Den Dun Eas El Fair
    Farn Fen Gar Gil Had Hal Harl Hart Haw Hol Horn Kel Kirk Lang Lath Lind Mar Mel Mer Mil Nor Nun Oak Ol Pem Pres
    Rad Raw Red Ross Row Rush Sal Sel Shel Sher Stan Staf Stock Sut Thorn Til Tun Wal War Wat Wel Whit Wil Win Wood
""".split()
SURNAME_TAILS: Final = """
    bourne bury by cott croft dale den field ford gate ham hurst land leigh ley low man more shaw stead ton ward well
    wick wood worth
""".split()
PLACE_HEADS: Final = """
    Abber Alder Amber Apple Ards Ban Bar Birch Bramble Bridge Broad Brook Cal Castle Char Church Clay Cold Cop Crow
    Dar Deep Dove Drum East Elm Ever Fal Fern Flax Fox Glen Gold Grange Green Grim Har Hazel Heather High Hob Iron
    Kes King Lam Lang Lark Lea Long Lyn Maple Mar Marsh Mill Moor Nether New North Oak Orch Over Pen Pine Quarry Raven
    Rother Rye Sand Shep Silver South Spring Stan Stone Strath Sun Tan Thistle Under Upper Wall West Wether White Wind
""".split()
PLACE_TAILS: Final = """
    beck bourne bridge burgh bury by combe cross dale den fell field ford gate ham haven head holm hope hurst keld
    leigh ley mead mere minster mouth ness pool port ridge sea side stead stoke thorpe ton wade water wick worth
""".split()
BODIES: Final = (
    """
    Trust|Council|Group|Partnership|Institute|Association|Federation|Agency|Holdings|Commission|Alliance|Foundation|
    Society|Union|Board|Authority|Company|Network|Forum|Laboratories|Brothers|Estates
""".replace("\n", "")
    .replace(" ", "")
    .split("|")
)
OFFICES: Final = (
    "chief executive,chair,finance director,head of policy,deputy chair,treasurer,general secretary,chief inspector,"
    "director of operations,spokesperson,founder,regional manager,head of research,senior adviser,company secretary,"
    "chief economist,programme director,ombudsman,managing director,president"
).split(",")
PUBLISHERS: Final = (
    "The Tidewater Gazette,Trade & Transport,Field Notes,Care Weekly,The Northern Ledger,Harbour & Rail,Public Works,"
    "Schools Record,The Builder's Post,Market Letter,Energy Review,The Grocer's Mirror,Estate Matters,Courts Today,"
    "The Valley Courier,Clinic & Ward,Software Trade,The Insurer,Farm & Forest,Museum Bulletin,Water Engineer,"
    "The Evening Chronicle,Policy Digest,Sport & Leisure Trade"
).split(",")
MONTHS: Final = "January February March April May June July August September October November December".split()
LEAD_INS: Final = (
    "Last week,Earlier this year,In a letter to members,At the annual conference,On Tuesday,After months of talks,"
    "In the meantime,According to figures published yesterday,For the first time in a decade,Since the spring,"
    "Behind closed doors,Under the present rules,Two years on,Across the region,In its latest review,By the autumn,"
    "Despite the weather,At a packed meeting,Before the vote,Over the summer"
).split(",")
CUES: Final = "said said said said told warned argued added claimed insisted explained admitted stressed noted".split()
# Words that no article is ever made of: a question about them has no answer.
ABSENT: Final = (
    "zeppelin moorings,puppet theatres,glacier tourism,falconry licences,opera subtitles,saffron harvests,"
    "volcano insurance,gondola auctions,chess tournaments,perfume exports,igloo safety,submarine cables"
).split(",")
ABSENT_SURNAMES: Final = "Quillfeather Zanderling Umberslate Vixenhall Yarrowmont Xanthopolis".split()

GENERAL_NOUNS: Final = """
    budget cost rule plan target report figure decision delay review contract meeting member question result risk
    standard option change problem reform cut saving fee grant penalty deadline complaint concern reason proposal
    service system team manager worker union investor partner customer owner visitor neighbour resident region project
    programme scheme building office site tool skill job wage pension record survey trial test pilot method approach
    promise warning lesson mistake answer estimate forecast argument vote law regulation guideline licence permit
    inspection audit
""".split()
GENERAL_ADJECTIVES: Final = """
    new old late early large small public private local national regional expensive cheap fair unfair safe dangerous
    likely unlikely serious modest sudden gradual hidden obvious temporary permanent annual weekly urgent overdue
    careful careless poor good bad strong weak clear vague open narrow broad rising falling steady uneven unexpected
    familiar proper legal
""".split()
GENERAL_VERBS: Final = """
    support oppose change replace review delay protect improve measure fund reduce expand limit publish question test
    discuss approve reject repair close reopen monitor simplify defend abandon restore finish
""".split()

# A trade: its things (singular; all form the plural with an s), what they are like, what is done to them.
TRADES: Final = {
    "care": (
        "carer caseload placement referral household visit assessment foster-parent guardian allegation vacancy- "
        "rate safeguard social-worker respite-bed charge threshold sibling court-order mentor runaway day-centre "
        "helpline home-help handover",
        "vulnerable overstretched neglected supervised disabled frail looked-after agency-run statutory voluntary",
        "assess supervise place refer train recruit visit comfort",
    ),
    "health": (
        "ward nurse surgeon patient clinic symptom operation waiting-list prescription vaccine ambulance midwife "
        "hospital infection bed scanner outpatient consultant drug screening tumour transplant pharmacist dose",
        "chronic acute infectious elderly surgical untreated understaffed clinical sterile discharged",
        "treat admit discharge vaccinate diagnose prescribe isolate transfer",
    ),
    "schools": (
        "pupil teacher classroom exam syllabus truant headteacher governor lesson-plan textbook playground league- "
        "table grade nursery apprentice reading-test detention uniform timetable school-meal assembly tutor pass- "
        "mark classmate",
        "gifted disruptive selective crowded mixed compulsory after-school illiterate streamed rural",
        "teach mark examine exclude inspect enrol reward tutor",
    ),
    "housing": (
        "tenant landlord rent eviction mortgage flat leaseholder terrace cellar tower-block boiler squatter damp- "
        "course bungalow estate council-house deposit first-time-buyer roof repair-bill hostel rough-sleeper "
        "lodger attic",
        "affordable derelict insulated overcrowded vacant furnished subsidised draughty listed rented",
        "evict insulate renovate let rehouse demolish convert furnish",
    ),
    "transport": (
        "bus train tram platform timetable-change passenger commuter fare junction signal bridge cycle-lane lorry "
        "motorway toll pothole driver level-crossing depot carriage ticket-office bypass freight-yard roundabout",
        "congested electrified punctual overcrowded orbital driverless diesel late-running subsidised single-track",
        "reroute electrify resurface cancel widen ticket reschedule pedestrianise",
    ),
    "energy": (
        "turbine pipeline reactor meter tariff grid substation solar-panel battery wind-farm boiler-room gas-field "
        "pylon refinery heat-pump generator blackout cooling-tower power-line supplier dam carbon-price oil-rig "
        "valve",
        "renewable nuclear offshore fossil low-carbon decommissioned smart metered intermittent coal-fired",
        "generate decommission insulate connect meter store refuel upgrade",
    ),
    "farming": (
        "farmer tractor harvest orchard herd hedge fertiliser subsidy barn dairy crop pest seed lamb plough silo "
        "beehive soil-test quota abattoir meadow greenhouse tenant-farmer ditch",
        "organic arable drought-stricken free-range tenanted fertile waterlogged sprayed imported seasonal",
        "plough harvest spray breed drain graze irrigate cull",
    ),
    "fishing": (
        "trawler harbour quota-share net catch skipper fishmonger shoal oyster mussel-bed boat crew-member landing "
        "lobster-pot deckhand ice-house slipway fish-farm haddock-box salmon-cage licence-holder buoy breakwater "
        "mackerel-boat",
        "overfished coastal deep-sea frozen inshore depleted smoked foreign-owned storm-damaged tidal",
        "land trawl restock dredge moor smoke inspect export",
    ),
    "courts": (
        "judge jury verdict barrister appeal defendant witness sentence bail-hearing tribunal solicitor plea "
        "magistrate injunction lawsuit legal-aid-cut courtroom clerk offender settlement affidavit precedent "
        "acquittal trial-date",
        "acquitted convicted guilty civil criminal wrongful adjourned anonymous suspended retired",
        "sentence acquit prosecute appeal overturn adjourn cross-examine jail",
    ),
    "policing": (
        "officer patrol burglary suspect arrest detective station-house custody-suite informer knife-crime-figure "
        "constable raid helmet cell siren witness-statement camera drug-dealer curfew fingerprint cold-case squad- "
        "car gang commissioner",
        "armed undercover stolen violent plain-clothes unsolved off-duty masked repeat suspicious",
        "arrest caution patrol detain search investigate disarm charge",
    ),
    "banking": (
        "bank loan branch interest-rate shareholder bond dividend saver overdraft credit-card cash-machine "
        "mortgage-book regulator bailout trader hedge-fund balance-sheet auditor bonus currency default debt "
        "lender stress-test",
        "solvent toxic fraudulent unsecured listed insured risky high-street indebted overvalued",
        "lend invest audit underwrite refinance borrow hedge recapitalise",
    ),
    "retail": (
        "shop supermarket shopper till aisle discount brand warehouse high-street-chain loyalty-card supplier- "
        "contract department-store market-stall parcel return-policy window-display checkout bargain franchise "
        "stockroom coupon delivery-van sale-price barcode",
        "discounted online boarded-up wholesale luxury own-label half-price out-of-town seasonal unsold",
        "stock discount deliver rebrand package advertise scan refund",
    ),
    "construction": (
        "builder crane scaffold brick architect foundation blueprint subcontractor planning-application girder "
        "surveyor cement-mixer skyscraper plasterer joist trench hard-hat demolition facade roofer steel-frame "
        "snag drill building-site",
        "prefabricated half-built reinforced listed unsafe brownfield load-bearing tall glazed cladded",
        "build demolish survey excavate clad plaster underpin tender",
    ),
    "shipping": (
        "port container ferry dock crane-driver tanker customs-check captain lighthouse-keeper cargo hull seafarer "
        "warehouse-lease tug pilot-boat shipyard quay manifest anchor berth stowaway canal lock-gate bulk-carrier",
        "seaworthy dredged laden flagged roll-on deep-water rusting refrigerated chartered stranded",
        "unload charter dredge salvage berth tow load refit",
    ),
    "software": (
        "developer server password database upgrade bug data-centre algorithm start-up browser patch user-account "
        "cloud-provider laptop hacker chatbot spreadsheet app licence-fee programmer backup breach code-review "
        "interface",
        "encrypted open-source outdated automated hacked cloud-based buggy proprietary wireless scalable",
        "encrypt install debug migrate hack automate download deploy",
    ),
    "museums": (
        "museum curator exhibition painting sculpture archive gallery artefact donor visitor-centre loan-agreement "
        "conservator manuscript fossil portrait collection auction-house guided-tour mummy tapestry coin-hoard "
        "storeroom audio-guide plinth",
        "priceless looted restored medieval bronze forged touring free-entry Victorian uncatalogued",
        "exhibit restore catalogue acquire loan digitise return display",
    ),
    "water": (
        "reservoir sewer leak river-bank flood hosepipe-ban pipe treatment-plant sewage-spill aquifer water-bill "
        "storm culvert pump drought sluice filter wetland bathing-beach catchment drain-cover waterworks spillway "
        "tap",
        "polluted flooded leaking untreated chlorinated tidal burst drinkable nitrate-rich overflowing",
        "pump filter dredge meter flood divert pollute chlorinate",
    ),
    "food": (
        "bakery recipe restaurant chef ingredient allergen brewery cafe waiter kitchen food-bank label calorie "
        "menu ready-meal butcher vineyard takeaway dairy-product hygiene-rating flavour apron sugar-tax canteen",
        "nutritious mouldy vegan gluten-free salted mislabelled home-made processed ripe fermented",
        "bake brew label ferment serve reformulate season recall",
    ),
    "universities": (
        "student lecturer campus degree tuition-fee professor laboratory dissertation research-grant dormitory "
        "graduate seminar vice-chancellor scholarship faculty entrance-exam library fresher plagiarism-case "
        "journal enrolment strike-ballot alumnus-fund spin-out",
        "postgraduate tenured overseas part-time academic peer-reviewed unpaid prestigious first-generation doctoral",
        "graduate lecture publish enrol supervise cite admit endow",
    ),
    "sport": (
        "stadium athlete coach referee league season-ticket supporter transfer-fee injury medal doping-test pitch "
        "tournament goalkeeper swimming-pool sponsor fixture youth-team captain-armband marathon grandstand "
        "relegation kit changing-room",
        "amateur professional injured unbeaten relegated televised floodlit all-weather underage sold-out",
        "coach train ban sponsor relegate televise sign referee",
    ),
    "insurance": (
        "premium claim policyholder broker flood-payout actuary underwriter whiplash-claim excess no-claims-bonus "
        "reinsurer loss-adjuster fraud-ring hailstorm small-print life-policy car-policy burglar-alarm liability "
        "catastrophe-bond claimant renewal comparison-site exclusion",
        "uninsured fraudulent actuarial third-party comprehensive void inflated reinsured long-tail bogus",
        "insure underwrite settle investigate renew cap exclude reprice",
    ),
    "media": (
        "newspaper editor broadcaster headline podcast reporter audience licence-payer presenter studio advert "
        "columnist press-officer camera-crew soap-opera newsroom subscription libel-case editor-in-chief radio- "
        "station press-card scoop leak-inquiry cartoonist",
        "printed regional live syndicated digital defamatory pre-recorded freelance investigative tabloid",
        "broadcast publish edit interview print censor stream syndicate",
    ),
    "forestry": (
        "forest sawmill sapling ranger timber-price oak footpath deer-fence wildfire chainsaw nature-reserve "
        "beetle-outbreak woodland pine-stand nursery-bed logging-road squirrel canopy charcoal-burner felling- "
        "licence moth firebreak hedgerow plantation",
        "ancient diseased coniferous clear-felled native protected invasive mature replanted fire-damaged",
        "plant fell coppice thin fence replant log prune",
    ),
    "tourism": (
        "hotel tourist guesthouse coach-party beach museum-pass airline travel-agent seaside-resort souvenir "
        "campsite cruise package-holiday landmark tour-guide booking airport-queue holiday-let passport pier city- "
        "break bed-tax theme-park chambermaid",
        "off-season overbooked sunny all-inclusive boutique family-run cancelled scenic budget pet-friendly",
        "book promote refurbish cancel welcome regulate tax advertise",
    ),
}

# Said by somebody in their own words; each names what it is about as "{A} {N}" and where.
DIRECT: Final = (
    "We cannot {V} {A} {N} in {P} and leave the {G} as they are",
    "The {A} {N} in {P} are what keeps me awake, and no {G} will change that before {D} has been spent",
    "Nobody who has seen the {A} {N} in {P} would ask us to {V} the {C}",
    "I told the {O} that {A} {N} in {P} come first, and I stand by that",
    "If they {V} the {A} {N} in {P}, they will have to find {D} for the {C} as well",
    "What we need for {A} {N} in {P} is {G} that work, not another round of {G}",
    "There are more {A} {N} in {P} today than when we began to {V} the {C}",
    "You can {V} the {N} as often as you like; the {A} {N} in {P} will still be there",
    "My own view is that {A} {N} in {P} deserve better {G} than these",
    "It would be wrong to {V} {A} {N} in {P} while the {C} are {A}",
    "Our members have waited long enough for {A} {N} in {P}, and {D} will not settle it",
    "Let us be honest about the {A} {N} in {P}: the {G} were {A} from the start",
    "Ask anyone in {P} about {A} {N} and they will talk of {C} {T}",
    "The {X} scheme was meant to {V} {A} {N} in {P}, and it has done so {T}",
    "I would rather {V} {A} {N} in {P} {T} than pay {D} for {G}",
    "To {V} {A} {N} in {P} {T} is to throw good money after bad",
    "Whatever {X} may have written, {A} {N} in {P} are no worse {T}",
    "They gave us {D} for {A} {N} in {P} and wondered why the {C} came back {T}",
    "Had we known of the {C}, we would never have let {A} {N} in {P} go ahead {T}",
    "Our {G} show that {A} {N} in {P} pay for themselves {T}",
)
# Reported; the same in other people's words.
INDIRECT: Final = (
    "the {A} {N} in {P} would have to {V} their {G} by the end of the year",
    "{A} {N} in {P} had cost the {O} more than {D} and could no longer be hidden behind {C}",
    "it was too early to {V} the {A} {N} in {P}, since the {G} were still {A}",
    "no one had offered to {V} {A} {N} in {P} when the {C} came to light",
    "the {G} for {A} {N} in {P} were {A} and had been so for years",
    "plans to {V} {A} {N} in {P} would be dropped unless the {O} put up {D}",
    "the number of {A} {N} in {P} had risen by {D}, mainly because of {C}",
    "{A} {N} in {P} were a warning to all who wanted to {V} the {G}",
    "the {O} should {V} its {G} before it turned to {A} {N} in {P}",
    "the {C} and the {A} {N} in {P} had the same cause",
    "the {X} inquiry had to look at {A} {N} in {P} {T}",
    "{A} {N} in {P} would be looked after {T}, whatever became of the {C}",
    "the {G} had made a mess of {A} {N} in {P} {T}",
    "{D} for {A} {N} in {P} was less than {X} had been given {T}",
    "it made no sense to {V} {A} {N} in {P} {T} and let the {C} rot",
    "those who ran {A} {N} in {P} ought to {V} the {G} {T}",
    "the case for {A} {N} in {P} had never been put {T}",
)
# Told by whoever writes.
REPORT: Final = (
    "the {O} is to {V} {A} {N} in {P} at a cost of {D}",
    "{N} and {C} have become {A} across {P}, where the {G} are {A}",
    "a report on {A} {N} found that {D} had gone into {G} that nobody could trace",
    "the {G} of the {O} show {D} for {N}, about as much as for {C}",
    "{A} {N} were at the centre of a dispute between the {O} and its {G}",
    "the {C} were to be finished in {P} by now, but the {G} were {A}",
    "few {N} in {P} are {A}, and fewer still have {C} of their own",
    "ministers want to {V} the {N} and to {V} the {C} in one go",
    "the {A} {G} will {V} some of the {N}, though not the {C}",
    "some {D} was set aside for {A} {N} after the {O} had agreed to {V} them",
    "the {N} had been {A} for so long that their {G} were forgotten",
    "in {P} alone the {O} counted {D} more {N} than in the year before",
    "the plan to {V} {N} met with {A} {G} from the start",
    "{C} are {A} in {P}, and the {N} are no better",
    "the {O} would not say which {N} it meant to {V}, nor when",
    "local {G} about {A} {N} have led to {G} that few can {V}",
    "whoever wants to {V} the {C} has to {V} the {N} first",
    "the {G} came as {A} news to the {N} of {P}",
    "the {X} inquiry will hear about {A} {N} {T}",
    "under the {X} agreement the {O} may {V} its {N} {T}",
    "{X} and {X} are the two firms that {V} {N} for {P} {T}",
    "a court in {P} let {X} {V} {A} {N} {T}",
    "the {G} were drawn up by {X} and cover {N} as well as {C}",
    "anger over the {X} affair has made {A} {N} hard to {V} {T}",
    "the {O} sold its {C} to {X} for {D} {T}",
    "campaigners in {P} want {G} for {N} {T}",
    "no fewer than {D} of the {N} were found to be {A} {T}",
    "the {A} {N} of {X} were shown in {P} {T}",
    "{C} cost the {O} dear {T}",
    "a leaked letter from {X} speaks of {A} {G} in {P}",
)
TAILS: Final = (
    "before the winter,as the law now stands,once the dust has settled,at very short notice,for the rest of the decade,"
    "behind everybody's back,in broad daylight,year after year,with the best of intentions,against all advice,"
    "by the back door,in less than a fortnight,under any government,from one day to the next,on a shoestring,"
    "without asking a soul,as soon as the ink is dry,for want of a better idea,in front of the cameras,"
    "between now and the summer,at the taxpayer's expense,to the last penny,half a mile down the road,"
    "against the clock,on paper at least,for all to see,with one eye on the polls,in the long run,"
    "more than once,out of season,under a cloud,by hand,door to door,through the courts,in good faith,for nothing"
).split(",")
TITLES: Final = (
    "{A} {N} in {P} to cost {D}",
    "{O} moves to {V} {N}",
    "{P}: {N} and the {G} behind them",
    "Why {A} {N} need {G}",
    "{N} in {P} put to the test",
    "{O} under fire over {A} {N}",
    "Call to {V} {C} after {A} {G}",
    "The trouble with {C}",
)

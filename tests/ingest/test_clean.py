from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.clean import clean

SEEDS = Path(__file__).parents[2] / "seeds"
STORY = (
    "Council agrees to open forty libraries",
    "By Jane Smith",
    "3 May 2012",
    "The council agreed on Monday to open forty libraries in the county before the end of the year.",
    "“We have waited for this,” the leader told a packed hall after the vote was counted at midnight.",
)

FURNITURE = {
    "navigation": [
        "« An older story | Main | A newer story »",
        "Home > News > Libraries",
        "You are here: Home / News / Libraries",
        "News › Adults › Dementia care",
        "Skip to main content",
        "Back to top",
        "« Previous article",
        "Next post »",
        "Previous | Next",
    ],
    "comment form": [
        "Comments are closed.",
        "Comments are now closed for this article",
        "Leave a comment",
        "0 comments",
        "12 Comments",
        "Comments (12)",
        "Be the first to comment",
        "Your email address will not be published. Required fields are marked *",
        "View all comments",
    ],
    "login prompt": [
        "You must be logged in to post a comment.",
        "You must be logged in using Facebook or Twitter to comment.",
        "Please log in or register to comment",
        "Log in / Register",
        "Already a subscriber? Log in",
    ],
    "call to subscribe": [
        "Subscribe",
        "Subscribe now!",
        "Sign up to our daily newsletter",
        "Sign up for our free weekly email bulletin today.",
        "Click here to subscribe",
        "Get the best of our stories delivered straight to your inbox",
        "Keep up to date with the latest news. Sign up to our daily and weekly emails",
        "Newsletter sign up",
    ],
    "call to debate": [
        "What do you think? Join the debate",
        "Join the conversation on our forum",
        "Have your say below",
        "Tell us what you think in the comments",
    ],
    "advertisement": ["Advertisement", "ADVERTISEMENT - story continues below", "Article continues below"],
    "cookie notice": [
        "We use cookies to give you the best experience on our website.",
        "This site uses cookies. By continuing to browse the site you agree to our use of cookies. Find out more",
        "Accept all cookies",
        "Cookie settings",
    ],
    "copyright line": [
        "© 2010 Example Media Ltd. All rights reserved.",
        "(c) 2010 Example Media. All rights reserved.",
        "Copyright © Example Media 2010",
    ],
    "page tools": ["Updates to this page", "Is this page useful?", "Report a problem with this page"],
    "sharing buttons": [
        "Share this article",
        "Share on Facebook",
        "Print this page",
        "Email to a friend",
        "Follow us on Twitter",
        "Follow Jane Smith on Twitter",
        "Tweet",
        "Facebook",
        "Facebook Twitter LinkedIn",
    ],
    "filing line": ["Filed under: Libraries, Councils", "Tagged with libraries, councils", "Tags: libraries"],
    "call to act": ["Join the debate on LibrarySpace", "Sign up now", "Read more"],
    "related stories": [
        "More from Example Weekly",
        "Read more: Council closes library",
        "Most popular\nCouncil closes library\nWhy we love ‘the other’ library\n2 May 2012",
        "Related stories\n\nCouncil closes library\n\nIs this the end?",
    ],
    "subscription offer": [
        "Example Digital membership\n• Latest issues\n• Archive of 60,000 articles\nFrom £15 / month\nSubscribe",
        "Print edition\n£4.99 a week\nBuy now",
    ],
    "site menu": ["Home | News | Sport | Contact us", "Privacy policy", "Menu"],
    "image placeholder": ["[image]", "IMG_0034.jpg"],
}

KEPT = [
    # reports about what furniture is about
    "Subscriptions to the service cost from £15 a month, the publisher said on Tuesday.",
    "Comments are closed to the public at the hearing, the judge said.",
    "More from the minister came on Tuesday when he said that the plan would go ahead.",
    "Websites use cookies to follow their readers, the regulator found.",
    "We use cookies every day without a thought for what they cost a baker.",
    "Copyright law must change before the end of 2012, ministers believe.",
    "Filed under seal, the documents name four officers.",
    "Tagged with a bracelet, he was let out on bail.",
    "Follow the money on Twitter and Facebook, the committee was told.",
    "Home care is worth more > than its price, he wrote.",
    "Print journalism is not dead.",
    "Share prices fell by 4% on Monday.",
    "Readers must be logged in to see the register, which the union calls absurd.",
    "Picture this: a library in every village.",
    "Adverts for the post appeared in May.",
    # what people say
    "“Sign up to our newsletter,” he told the crowd.",
    "'Subscribe now' was the slogan of the campaign.",
    "« C’est fini », dit le ministre.",
    "Ce que les revues « de rang A » ou « de rang B » en disent",
    '"Join the debate," she said.',
    "Sign up for our newsletter, the minister told the party.",
    # facts about the article
    "By Jane Smith",
    "Monday, October 4, 2010",
    "Published 9 February 2011",
    "Last updated 10 February 2011",
    "This article is published in the 11 March 2010 issue of Example Weekly under the heading ‘Less tape’",
    "Posted on March 3rd, 2011 by Sam Lee",
    "Words: Ann Lee",
    # headings and lists of a story
    "Twitter",
    "More from Europe",
    "Less red tape",
    "Register",
    "  • transparency to restore public confidence\n  • serious learning\n  • a body that listens",
    "Ticket prices\n  • Adults £15\n  • Children £5",
    "£15 a month",
]


def filled(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def page(*blocks: str) -> str:
    return "\n\n".join(blocks)


@pytest.mark.parametrize(("rule", "block"), [(rule, block) for rule in FURNITURE for block in FURNITURE[rule]])
def test_furniture_below_a_story_goes_and_the_rule_is_named(rule: str, block: str) -> None:
    cleaned = clean(page(*STORY, block))
    assert cleaned.text == page(*STORY)
    assert {piece.rule for piece in cleaned.removed} == {rule}


@pytest.mark.parametrize("block", KEPT)
def test_what_only_looks_like_furniture_stays_inside_a_story(block: str) -> None:
    text = page(*STORY[:4], block, STORY[4])
    assert clean(text).text == text
    assert clean(text).removed == ()


@pytest.mark.parametrize("rule", ["comment form", "call to subscribe", "advertisement", "cookie notice"])
def test_unmistakable_furniture_goes_inside_a_story_too(rule: str) -> None:
    for block in FURNITURE[rule]:
        assert clean(page(*STORY[:4], block, STORY[4])).text == page(*STORY)


def test_a_lead_printed_twice_is_kept_once_where_the_story_begins() -> None:
    lead = "The council's leader agreed on Monday to open forty libraries in the county this year."
    cleaned = clean(page("A title", lead, "By Jane Smith", lead.replace("'", "’"), "He  said so."))
    assert cleaned.text == page("A title", "By Jane Smith", lead.replace("'", "’"), "He  said so.")
    assert [piece.rule for piece in cleaned.removed] == ["repeated lead"]


def test_a_refrain_is_no_repeated_lead() -> None:
    text = page("A speech", "We will not let this go.", "Never again.", "We will not let this go.")
    assert clean(text).text == text


def test_only_the_token_of_a_picture_goes_from_its_caption() -> None:
    cleaned = clean(page(STORY[0], "Picture_1 Jane Smith is the leader of the council.", *STORY[3:]))
    assert cleaned.text == page(STORY[0], "Jane Smith is the leader of the council.", *STORY[3:])
    assert [piece.text for piece in cleaned.removed] == ["Picture_1"]


def test_the_name_of_the_site_goes_with_the_navigation_under_it() -> None:
    cleaned = clean(page("Example Home", "« One | Main | Two »", *STORY))
    assert cleaned.text == page(*STORY)
    assert [piece.text for piece in cleaned.removed] == ["Example Home", "« One | Main | Two »"]


def test_a_title_above_the_navigation_stays() -> None:
    text = page("Libraries at last", "« One | Main | Two »", *STORY[3:])
    assert clean(text).text == page("Libraries at last", *STORY[3:])


def test_a_list_of_stories_inside_a_story_loses_its_heading_and_bullets_only() -> None:
    cleaned = clean(page(*STORY[:4], "Related stories\n• One\n• Two", "Cut bureaucracy", STORY[4]))
    assert cleaned.text == page(*STORY[:4], "Cut bureaucracy", STORY[4])


def test_a_list_of_stories_ends_at_a_fact_about_the_article() -> None:
    cleaned = clean(page(*STORY, "Related stories", "Council closes library", "Published 9 February 2011"))
    assert cleaned.text == page(*STORY, "Published 9 February 2011")


def test_a_list_above_the_title_does_not_swallow_it() -> None:
    assert clean(page("Most popular", *STORY)).text == page(*STORY)


def test_prices_in_an_offer_do_not_take_the_last_list_of_the_story_with_them() -> None:
    blocks = (*STORY, "He promised:", "  • a library that is open on every day of the year.")
    cleaned = clean(page(*blocks, "Example Magazine", "From £12 / month", "Subscribe"))
    assert cleaned.text == page(*blocks)


def test_blank_lines_are_collapsed_and_nothing_else() -> None:
    assert clean("\n\nTitle \n\n\n \n  • a\n  • b\n\n").text == "Title \n\n  • a\n  • b"


@pytest.mark.parametrize("text", ["Subscribe\n\nComments are closed.", "Share this page", "", " \n"])
def test_a_text_that_is_all_furniture_is_left_as_it_is(text: str) -> None:
    assert clean(text).text == text.strip()
    assert clean(text).removed == ()


GONE = {
    "000": {"subscription offer": 2},
    "001": {"comment form": 1, "related stories": 1},
    "002": {
        "comment form": 1,
        "call to subscribe": 1,
        "repeated lead": 1,
        "related stories": 2,
        "call to act": 1,
    },
    "003": {"masthead": 1, "navigation": 1, "login prompt": 1, "image placeholder": 1},
    "004": {"page tools": 1},
}


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.txt")), ids=lambda path: path.name[:3])
def test_the_seeds_lose_their_furniture_and_nothing_else(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    cleaned = clean(text)
    assert Counter(piece.rule for piece in cleaned.removed) == GONE[path.name[:3]]
    gone = {line for piece in cleaned.removed for line in piece.text.split("\n")}
    kept = [line.removeprefix("Picture_1 ") for line in filled(text) if line not in gone]
    assert filled(cleaned.text) == kept


blocks = st.sampled_from([block for group in FURNITURE.values() for block in group] + KEPT + list(STORY))
pages = st.lists(st.one_of(blocks, st.text(max_size=30)), max_size=12).map("\n\n".join)


@given(pages)
def test_cleaning_a_cleaned_text_changes_nothing(text: str) -> None:
    once = clean(text)
    again = clean(once.text)
    assert (again.text, again.removed) == (once.text, ())


@given(pages)
def test_every_character_is_in_the_text_or_in_what_was_removed(text: str) -> None:
    cleaned = clean(text)
    after = cleaned.text + "".join(piece.text for piece in cleaned.removed)
    assert Counter("".join(after.split())) == Counter("".join(text.split()))


@given(pages)
def test_an_article_is_never_emptied(text: str) -> None:
    assert bool(clean(text).text) == bool(text.strip())

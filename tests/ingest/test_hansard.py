from pathlib import Path

import pytest

from ingest.documents import Document
from ingest.pipeline import prepare
from ingest.quotes import author_speaks
from tests.ingest.dialects import documents, of, problems, speech, volume

SITTING = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE publicwhip [<!ENTITY pound "&#163;">]>
<publicwhip scraperversion="a" latest="yes">
<oral-heading id="uk.org.publicwhip/debate/2010-10-04a.1.0" nospeaker="true">Oral Answers to Questions</oral-heading>
<major-heading id="uk.org.publicwhip/debate/2010-10-04a.1.1" nospeaker="true"> EDUCATION </major-heading>
<minor-heading id="uk.org.publicwhip/debate/2010-10-04a.1.2" nospeaker="true">Social <i>Work</i></minor-heading>
<speech id="uk.org.publicwhip/debate/2010-10-04a.1.3" nospeaker="true"><p>The Secretary of State was asked</p></speech>
<speech id="uk.org.publicwhip/debate/2010-10-04a.1.4" speakername="Tim Loughton" speakeroffice="Children's Minister"
 person_id="uk.org.publicwhip/person/10367" colnum="7" time="14:30:00" url="http://www.publications.parliament.uk/1.htm#a">
<p pid="a.1">I thank my <phrase class="honfriend">hon. Friend</phrase>. It costs &pound;5.</p><p>No more.</p></speech>
<speech id="uk.org.publicwhip/debate/2010-10-04a.1.5" speakername="Hon. Members:" nospeaker="true"><p>Hear!</p></speech>
<division id="x"><divisioncount ayes="1" noes="2"/><mplist vote="aye"><mpname>A</mpname></mplist></division>
<major-heading id="uk.org.publicwhip/debate/2010-10-04a.2.0" nospeaker="true">Petition</major-heading>
<speech id="uk.org.publicwhip/debate/2010-10-04a.2.1" speakername="Ann Keen" url=""><p>I beg to move.</p></speech>
</publicwhip>"""

VOLUME = """<hansard><titlepage><p>Sixth series</p></titlepage><houselords>
<date format="1985-12-16">Monday 16th December 1985</date><title>HOUSE OF LORDS</title><col>9</col><debates>
<p>[The Lord Chancellor on the Woolsack]</p>
<section><title>Oral <col>10</col> Answers</title><section><title>Pensions</title>
<p id="S6LV0001P0-00012">1. <sup>*</sup><member>Lord Smith <memberconstituency>(Fylde)</memberconstituency></member>
<membercontribution>: What<col>11</col> has he done?<lb/>And why?</membercontribution> [68005]</p>
<p id="S6LV0001P0-00013">Question put, and agreed to.</p></section>
<section><title>Ships</title><p id="S6LV0001P0-00014"><member>The Chancellor</member> said, that he would.</p></section>
</section></debates></houselords></hansard>"""


def sitting(folder: Path, name: str = "debates2010-10-04a.xml") -> list[Document]:
    return documents(of(folder, name, SITTING))


class TestParlParse:
    def test_a_speech_is_an_article_with_its_speaker_and_the_day_of_the_sitting(self, tmp_path: Path) -> None:
        first, _ = sitting(tmp_path)
        assert first.text == "I thank my hon. Friend. It costs £5.\n\nNo more.\n"
        assert (first.id, first.format) == ("debate_2010-10-04a.1.4", "record")
        assert first.given == {
            "kind": "speech",
            "title": "EDUCATION: Social Work",
            "author": "Tim Loughton",
            "published": "2010-10-04",
            "url": "http://www.publications.parliament.uk/1.htm#a",
            "publisher": "Hansard",
            "house": "House of Commons",
            "office": "Children's Minister",
            "person": "uk.org.publicwhip/person/10367",
            "column": "7",
            "time": "14:30:00",
        }

    def test_what_no_speaker_is_named_for_is_no_speech(self, tmp_path: Path) -> None:
        assert [one.given["author"] for one in sitting(tmp_path)] == ["Tim Loughton", "Ann Keen"]

    def test_a_heading_ends_those_below_the_one_before(self, tmp_path: Path) -> None:
        assert [one.given["title"] for one in sitting(tmp_path)] == ["EDUCATION: Social Work", "Petition"]

    def test_the_speaker_is_the_voice_of_the_article(self, tmp_path: Path) -> None:
        assert all(author_speaks(prepare(one)) for one in sitting(tmp_path))

    def test_an_address_that_is_none_is_left_out(self, tmp_path: Path) -> None:
        assert "url" not in sitting(tmp_path)[1].given

    def test_the_day_is_that_of_the_name_of_the_file_where_ids_have_none(self, tmp_path: Path) -> None:
        content = speech(["One."]).replace("uk.org.publicwhip/debate/2010-10-04a.1.1", "own.1")
        (document,) = documents(of(tmp_path, "debates2011-01-05b.xml", content))
        assert (document.id, document.given["published"]) == ("own.1", "2011-01-05")
        assert "publisher" not in document.given

    def test_questions_and_answers_in_writing_are_their_writers(self, tmp_path: Path) -> None:
        answers = """<publicwhip>
        <ques id="uk.org.publicwhip/wrans/2010-10-04a.1.q0" speakername="A B"><p>Why?</p></ques>
        <reply id="uk.org.publicwhip/wrans/2010-10-04a.1.r0" speakername="C D"><p>So.</p></reply></publicwhip>"""
        found = documents(of(tmp_path, "answers.xml", answers))
        assert [(one.given["author"], one.text) for one in found] == [("A B", "Why?\n"), ("C D", "So.\n")]
        assert {one.given["house"] for one in found} == {"House of Commons, written answers"}

    def test_a_version_that_another_has_replaced_is_refused(self, tmp_path: Path) -> None:
        (said,) = problems(of(tmp_path, "a.xml", SITTING.replace('latest="yes"', 'latest="no"')))
        assert "a later version of this sitting" in said

    def test_a_sitting_without_speeches_is_nothing_and_no_error(self, tmp_path: Path) -> None:
        assert of(tmp_path, "a.xml", "<publicwhip/>") == []


class TestVolumes:
    def test_a_contribution_is_an_article_by_the_member(self, tmp_path: Path) -> None:
        first, second = documents(of(tmp_path, "S6LV0001P0.xml", VOLUME))
        assert first.text == "What has he done?\nAnd why? [68005]\n"
        assert first.id == "S6LV0001P0-00012"
        assert first.given == {
            "kind": "speech",
            "title": "Oral Answers: Pensions",
            "author": "Lord Smith",
            "published": "1985-12-16",
            "publisher": "Hansard",
            "house": "House of Lords",
            "constituency": "Fylde",
            "column": "10",
        }
        assert (second.text, second.given["title"]) == ("said, that he would.\n", "Oral Answers: Ships")
        assert second.given["column"] == "11"

    @pytest.mark.parametrize("without", ["<member>Mr. Tim Smith</member>", ": One."])
    def test_without_a_member_or_without_words_it_is_procedure(self, without: str, tmp_path: Path) -> None:
        assert of(tmp_path, "a.xml", volume(["One."]).replace(without, "")) == []

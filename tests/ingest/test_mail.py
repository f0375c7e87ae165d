from email.message import EmailMessage
from pathlib import Path

import pytest

from ingest.documents import Document
from ingest.read import read
from tests.ingest.sources import one, put, refusal, taken

STORY = [
    "The minister said on Friday that the night ferry stays for as long as there is anybody at all who takes it.",
    "“It is cheap and good,” he told the committee, which had asked for a list of what it costs and who pays.",
    "Those who came to the hearing were not convinced, and asked for the money to be spent on the old harbour.",
]


def letter(**headers: str) -> EmailMessage:
    message = EmailMessage()
    stated = {"From": "The Tidewater Gazette <news@gazette.example>", "Subject": "The night ferry stays"}
    for name, value in {**stated, "Date": "Fri, 3 May 2019 23:30:00 +0200", **headers}.items():
        message[name.replace("_", "-")] = value
    return message


def received(folder: Path, message: EmailMessage) -> Document:
    return one(put(folder, "a.eml", bytes(message)))


def test_headers_state_title_publisher_date_and_where_it_is_kept(tmp_path: Path) -> None:
    message = letter(Message_ID="<abc@gazette.example>", Archived_At="<https://gazette.example/letters/1>")
    message.set_content("It stays.")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="a.pdf")
    article = received(tmp_path, message)
    assert (article.id, article.text.strip(), article.format) == ("a", "It stays.", "text")
    assert article.given == {
        "title": "The night ferry stays",
        "publisher": "The Tidewater Gazette",
        "published": "2019-05-03",
        "url": "https://gazette.example/letters/1",
        "message_id": "abc@gazette.example",
        "attachments": 1,
    }


def test_encoded_words_are_decoded(tmp_path: Path) -> None:
    message = letter(From="Café Zürich <a@b.example>", Subject="Die Fähre – sie bleibt")
    message.set_content("Sie bleibt, wie er sagt: “für immer”.")
    assert b"=?utf-8?" in bytes(message)
    article = received(tmp_path, message)
    assert (article.given["title"], article.given["publisher"]) == ("Die Fähre – sie bleibt", "Café Zürich")
    assert article.text.strip() == "Sie bleibt, wie er sagt: “für immer”."


def test_the_name_of_a_list_stands_for_a_sender_without_a_name(tmp_path: Path) -> None:
    message = letter(From="news@gazette.example", List_Id="Gazette Daily <daily.gazette.example>")
    message.set_content("It stays.")
    assert received(tmp_path, message).given["publisher"] == "Gazette Daily"


@pytest.mark.parametrize("date", ["soon", "99 May 2019", ""])
def test_a_date_that_is_none_is_unknown(tmp_path: Path, date: str) -> None:
    data = f"From: A <a@b.example>\nSubject: x\nDate: {date}\n\nIt stays.".encode()
    assert "published" not in one(put(tmp_path, "a.eml", data)).given


def test_html_is_preferred_and_its_layout_goes(tmp_path: Path) -> None:
    message = letter()
    message.set_content("See the HTML.")
    cells = "".join(f"<tr><td><p>{text}</p></td></tr>" for text in STORY)
    page = f"<html><body><div style='display:none'>Preview</div><table><tr><td><table>{cells}</table></td></tr></table>"
    message.add_alternative(page, subtype="html")
    article = received(tmp_path, message)
    assert article.format == "html"
    assert article.text.strip().split("\n\n") == STORY


def test_a_letter_of_short_items_is_kept_whole(tmp_path: Path) -> None:
    message = letter()
    items = "".join(f"<h2>Item {number}</h2><p>Short.</p>" for number in range(9))
    message.set_content(f"<html><body>{items}</body></html>", subtype="html")
    assert received(tmp_path, message).text.count("Short.") == 9


def test_flowed_lines_are_joined(tmp_path: Path) -> None:
    head = b"From: A <a@b.example>\nContent-Type: text/plain; charset=utf-8; format=flowed\n\n"
    body = b"The night \nferry \nstays.\n\n From here on.\n> Quoted \n> words.\n-- \nAnna\n"
    assert one(put(tmp_path, "a.eml", head + body)).text == (
        "The night ferry stays.\n\nFrom here on.\n> Quoted words.\n--\nAnna\n"
    )


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("iso-8859-1", "Zürich"),
        ("windows-1251", "Министр сказал, что паром останется"),
        ("iso-2022-jp", "大臣は述べた"),
    ],
)
def test_a_letter_is_read_in_its_encoding(tmp_path: Path, charset: str, text: str) -> None:
    head = f"From: A <a@b.example>\nContent-Type: text/plain; charset={charset}\n\n".encode()
    assert one(put(tmp_path, "a.eml", head + text.encode(charset))).text == text


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is no e-mail"),
        (b"Just a text.\n\nNo letter.", "is no e-mail"),
        (bytes(range(256)) * 4, "a.eml: "),
        (b"From: A <a@b.example>\n\n", "there is no text in it"),
        (b"From: A <a@b.example>\nContent-Type: image/png\n\nxx", "only attachments"),
        (b"From: A <a@b.example>\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!", "no text"),
    ],
)
def test_what_is_no_letter_is_refused(tmp_path: Path, data: bytes, problem: str) -> None:
    assert problem in refusal(put(tmp_path, "a.eml", data))


def test_parts_in_parts_without_end_are_survived(tmp_path: Path) -> None:
    parts = "".join(f"--b{n}\nContent-Type: multipart/mixed; boundary=b{n + 1}\n\n" for n in range(2000))
    data = f"From: A <a@b.example>\nContent-Type: multipart/mixed; boundary=b0\n\n{parts}"
    assert refusal(put(tmp_path, "a.eml", data))


def test_a_mailbox_is_as_many_articles_as_it_has_letters(tmp_path: Path) -> None:
    letters = [
        "From a Fri May  3 2019\nFrom: A <a@b.example>\nMessage-ID: <1@x>\n\nOne.\n>From here.\n\nFrom below\n",
        "From a Fri May  3 2019\nFrom: A <a@b.example>\nMessage-ID: <a/b@x>\n\nTwo.\n",
        "From a Fri May  3 2019\nnothing\n",
    ]
    path = put(tmp_path, "a.mbox", "\n".join(letters).replace("\n\nFrom below", "\nFrom below"))
    first, second, third = read([str(path)])
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert (first.id, first.text.strip()) == ("1@x", "One.\nFrom here.\nFrom below")
    assert second.id.startswith("sha256-")
    assert "is no e-mail" in str(third)
    assert str(third).startswith(f"{path}:15")


def test_what_is_no_mailbox_is_refused(tmp_path: Path) -> None:
    assert "is no mailbox" in refusal(put(tmp_path, "a.mbox", "Just a text."))
    assert taken(put(tmp_path, "b.mbox", b"From x\nFrom: A <a@b.example>\n\nOne."))

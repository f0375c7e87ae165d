"""Title and author that a file states of itself, beside its text.

Word processors fill them in by themselves: with the title of a template, the name of an earlier file, whoever typed.
So they are taken where the first pages show the same. The date beside them is that of the file, and never taken.
"""

import re

_JUNK = re.compile(
    r"^(?:microsoft \w+|untitled|document\d* |slide \d|page \d)|\.(?:docx?|pdf|indd|qxd|tex|pptx?|rtf|txt|xlsx?|dvi)$",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d_][\w.’'-]*(?: [^\W\d_][\w.’'-]*){1,4}")


def borne_out(title: str, author: str, shown: str) -> dict[str, str]:
    """Title and author, if the text shows them.

    Args:
        title: As the file states it, as ``author``; empty if it does not.
        author: Of the file.
        shown: The first pages of its text.
    """
    title, author, words = " ".join(title.split()), " ".join(author.split()), _folded(shown)
    found = {}
    if " " in title and not _JUNK.search(title) and _folded(title) in words:
        found["title"] = title
    if _NAME.fullmatch(author) and _folded(author) in words:
        found["author"] = author
    return found


def _folded(text: str) -> str:
    """Letters and digits alone, without case."""
    return re.sub(r"[\W_]+", "", text.casefold())

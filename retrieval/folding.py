"""Text as names are compared."""

import unicodedata

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ＇`´", "'"))


def fold(text: str) -> str:
    """Text without regard to case, accents, the form of apostrophes and runs of white space."""
    folded = text.translate(_APOSTROPHES).casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFKD", folded)
        folded = folded.translate({ord(sign): None for sign in set(folded) if unicodedata.combining(sign)})
    return " ".join(folded.split())

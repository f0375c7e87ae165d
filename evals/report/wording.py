"""How numbers are said in prose."""


def percent(share: float) -> str:
    """``62 %``, in one piece."""
    return f"{share:.0%}".replace("%", "\N{NO-BREAK SPACE}%")


def counted(count: int, noun: str) -> str:
    """``1 question``, ``5 questions``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"

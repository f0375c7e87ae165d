"""What the addresses of pages say; what others have put behind a link is passed over."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from retrieval.archive import MAX_QUESTION
from service import schemas
from service.citing import Format

# Whoever goes on further than this wants to search by name.
FURTHEST_SPEAKER = 1000


class AskPage(schemas.AskQuery):
    """A question; a form sends every field, those that are left empty too."""

    model_config = ConfigDict(extra="ignore")

    q: Annotated[str, Field(max_length=MAX_QUESTION), AfterValidator(schemas.typed)] = ""

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, said: Any) -> Any:
        """Without what is left empty. Of ``by`` and ``about`` one is enough; where both are empty, nothing is said."""
        if not isinstance(said, dict):
            return said
        kept = {name: _filled(value) for name, value in said.items()}
        return {name: value for name, value in kept.items() if value}


def _filled(value: Any) -> Any:
    """What a field says, without white space around it."""
    if isinstance(value, str):
        return value.strip()
    return [one for one in value if one.strip()] if isinstance(value, (list, tuple)) else value


class _Address(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Cited(_Address):
    """An article, or words of it."""

    version: schemas.Version | None = None
    start: Annotated[int, Field(ge=0, le=schemas.MAX_NUMBER)] | None = None
    end: Annotated[int, Field(ge=1, le=schemas.MAX_NUMBER)] | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.start is None) != (self.end is None):
            raise ValueError("start and end go together")
        return self


class ArticlePage(Cited):
    """An article to read; ``quotes`` says whether what people say is to be marked."""

    quotes: bool = False


class ChangesPage(_Address):
    """Which versions are compared; by default the current one and the one before it."""

    from_: Annotated[schemas.Version | None, Field(alias="from")] = None
    to: schemas.Version | None = None


class CitationFile(Cited):
    """A citation in some format."""

    format: Format = "text"


class SpeakersPage(_Address):
    """Which speakers, and how many to pass over."""

    prefix: Annotated[str, Field(max_length=100), AfterValidator(schemas.typed)] = ""
    offset: Annotated[int, Field(ge=0, le=FURTHEST_SPEAKER)] = 0


class SpeakerPage(_Address):
    """How many articles to pass over."""

    offset: Annotated[int, Field(ge=0, le=schemas.MAX_NUMBER)] = 0


class CoveragePage(_Address):
    """How many publishers to pass over."""

    offset: Annotated[int, Field(ge=0, le=schemas.MAX_NUMBER)] = 0

"""Data packages: exports of an installation in open formats, divided into parts, and import reports."""

from dataclasses import dataclass
from enum import StrEnum

from app.core.languages import PartlyTranslatedText


class DataPart(StrEnum):
    """A part of a data package, in the order of import: later parts refer to earlier ones."""

    COMMUNITIES = "communities"
    PEOPLE = "people"
    SUPPORT = "support"
    OTHER_SURVEYS = "other_surveys"
    COURSES = "courses"
    QUESTIONNAIRES = "questionnaires"
    WEIGHTS = "weights"
    ROUNDS = "rounds"
    CONTACTS = "contacts"
    SEATS = "seats"
    FOLLOW_UP = "followup"

    def contains_file(self, file: str) -> bool:
        """Tell whether a file of the package belongs to this part.

        >>> DataPart.ROUNDS.contains_file("rounds/3/publication.json"), DataPart.ROUNDS.contains_file("people.csv")
        (True, False)
        """
        return file == f"{self}.csv" or file.startswith(f"{self}/")


class NeverExported(StrEnum):
    """What a data package never contains, whoever exports it; a backup has it."""

    BALLOTS = "ballots"
    COMMENTS = "comments"
    LETTERS = "letters"
    VOTES = "votes"
    ACCESS_PHRASES = "access_phrases"
    SIGN_IN = "sign_in"
    TOKENS = "tokens"
    CLOSED_ACCOUNTS = "closed_accounts"
    WAITING = "waiting"
    AUDIT_LOG = "audit_log"


@dataclass(frozen=True, slots=True)
class PartImportCounts:
    """How many rows of a part an import adds or changes, and how many are stored already."""

    part: DataPart
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class OmittedRound:
    """A round that a data package leaves out: its ballots are sealed, or its results are not released."""

    id: int
    title: PartlyTranslatedText

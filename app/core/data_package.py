"""Data packages: what an installation exports in open formats, part by part, and what an import did."""

from dataclasses import dataclass
from enum import StrEnum


class DataPart(StrEnum):
    """A part of a data package, in the order of import: later parts refer to earlier ones."""

    COMMUNITIES = "communities"
    PEOPLE = "people"
    SUPPORT = "support"
    COURSES = "courses"
    QUESTIONNAIRES = "questionnaires"
    WEIGHTS = "weights"
    ROUNDS = "rounds"
    CONTACTS = "contacts"
    SEATS = "seats"
    FOLLOW_UP = "followup"

    def owns(self, file: str) -> bool:
        """Tell whether a file of the package belongs to this part.

        >>> DataPart.ROUNDS.owns("rounds/3/publication.json"), DataPart.ROUNDS.owns("people.csv")
        (True, False)
        """
        return file == f"{self}.csv" or file.startswith(f"{self}/")


@dataclass(frozen=True, slots=True)
class PartCount:
    """How many rows of a part an import adds or changes, and how many are stored already."""

    part: DataPart
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class OmittedRound:
    """A round that a data package leaves out: its ballots are sealed, or its results are not released."""

    id: int
    title: str

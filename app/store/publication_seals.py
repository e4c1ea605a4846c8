"""Verify stored publications against their seals: certificate, header, all parts, separate columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from app.core.publication import InvalidPublication, PublicationHeader, digest_of_json
from app.core.publication.parts import is_header, read_header
from app.core.rounds import RoundId
from app.store import publication_parts, publications, rounds
from app.store.database import Session
from app.store.publications import PublicationRow


class SealFault(StrEnum):
    """What is wrong with a stored publication."""

    HEADER_CHANGED = "header_changed"
    PART_CHANGED = "part_changed"
    PART_MISSING = "part_missing"
    PART_ADDED = "part_added"
    COLUMN_CHANGED = "column_changed"
    OTHER_CERTIFICATE = "other_certificate"
    OTHER_TEXT = "other_text"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class SealProblem:
    """A fault of the publication of a round; `place` is the part (level and unit) or the column, empty otherwise."""

    round: RoundId
    fault: SealFault
    place: str = ""


def all_seal_problems(session: Session, *, join: bool = False) -> tuple[SealProblem, ...]:
    """Return the problems of all stored publications, replaced ones too."""
    numbers = session.execute(select(PublicationRow.round_id).order_by(PublicationRow.round_id)).scalars().all()
    return tuple(problem for number in numbers for problem in seal_problems(session, RoundId(number), join=join))


def seal_problems(session: Session, round_id: RoundId, *, join: bool = False) -> tuple[SealProblem, ...]:
    """Return the problems of a round's publication; empty if it is what was sealed at the count.

    `join`: of a publication that an earlier version stored as one text, the very text is joined and compared too,
    which takes seconds for a large region.
    """
    row = session.get_one(PublicationRow, round_id, populate_existing=True)
    return tuple(SealProblem(round_id, fault, place) for fault, place in _faults(session, row, join=join))


def _faults(session: Session, row: PublicationRow, *, join: bool) -> Iterator[tuple[SealFault, str]]:
    certificate = rounds.find_certificate(session, RoundId(row.round_id))
    if certificate is not None and certificate.publication_digest not in (row.digest, row.sealed_as):
        yield SealFault.OTHER_CERTIFICATE, ""
    if digest_of_json(row.content) != row.digest:
        yield SealFault.HEADER_CHANGED, ""
        return
    if not is_header(row.content):
        return
    try:
        header = read_header(row.content)
    except InvalidPublication:
        yield SealFault.UNREADABLE, ""
        return
    yield from _column_faults(row, header)
    faults = list(_part_faults(session, RoundId(row.round_id), header))
    yield from faults
    if join and row.sealed_as is not None and not faults:
        text = publications.publication_json(session, RoundId(row.round_id))
        if digest_of_json(text) != row.sealed_as:
            yield SealFault.OTHER_TEXT, ""


def _column_faults(row: PublicationRow, header: PublicationHeader) -> Iterator[tuple[SealFault, str]]:
    publication = header.publication
    sealed: dict[str, Any] = {"round_id": publication.round, "counted_at": publication.counted_at}
    for name, value in (sealed | publications.round_list_values(publication)).items():
        if getattr(row, name) != value:
            yield SealFault.COLUMN_CHANGED, name


def _part_faults(session: Session, round_id: RoundId, header: PublicationHeader) -> Iterator[tuple[SealFault, str]]:
    expected = {(entry.level.value, entry.unit): entry.digest for entry in header.entries}
    for level, unit, text in publication_parts.iterate_part_texts(session, round_id):
        digest = expected.pop((level, unit), None)
        if digest is None:
            yield SealFault.PART_ADDED, f"{level} {unit}"
        elif digest_of_json(text) != digest:
            yield SealFault.PART_CHANGED, f"{level} {unit}"
    for level, unit in expected:
        yield SealFault.PART_MISSING, f"{level} {unit}"

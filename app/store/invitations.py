"""Invitations: digests of access codes, and whether each was used.

A row has no time and no sequence number: only the round, the unit, the box for its ballot,
and, for mailed codes, the address, until the round is counted.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    String,
    Table,
    bindparam,
    case,
    delete,
    false,
    func,
    insert,
    null,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.languages import Translations
from app.core.rounds import KeyMode, RoundId, RoundState
from app.store.database import Base, Executor, UtcDateTime, execute_and_count_rows, has_column, pad_to_power_of_two
from app.store.rounds import RoundRow, RoundUnitRow


class InvitationRow(Base):
    __tablename__ = "invitation"
    # Without a rowid the table is ordered by digest, which is chance: no order of issue in the file.
    __table_args__ = (
        CheckConstraint("kind IN ('mailed', 'slip')", name="kind"),
        Index(None, "round_id", "unit_id"),
        {"sqlite_with_rowid": False},
    )

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[str] = mapped_column(String(100))
    box: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    contact: Mapped[str | None] = mapped_column(String(320))
    spent: Mapped[bool] = mapped_column(default=False)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A code as stored: its digest, and the box for its ballot."""

    digest: bytes
    unit_id: str
    box: int
    kind: str
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class CodeGrant:
    """What an unspent code entitles to."""

    round_id: RoundId
    title: str
    title_translations: Translations | None
    instrument_digest: str
    key_mode: KeyMode
    comments: bool
    closes_at: datetime
    k: int
    unit_id: str
    unit_name: str
    unit_size: int
    surveyed_before: bool
    box: int


@dataclass(frozen=True, slots=True)
class ErasedInvitationCounts:
    """Numbers of deleted codes, spent codes and addresses."""

    codes: int
    spent: int
    contacts: int


_CODES = cast("Table", InvitationRow.__table__)
_ROUNDS = cast("Table", RoundRow.__table__)
_UNITS = cast("Table", RoundUnitRow.__table__)
_CODE = _CODES.c
_ROUND = _ROUNDS.c
_UNIT = _UNITS.c
(_BY_UNIT,) = _CODES.indexes

# Core statements built once: every respondent's request uses them.
_GRANT_COLUMNS = (
    _ROUND.id.label("round_id"),
    _ROUND.title,
    _ROUND.instrument_digest,
    _ROUND.key_mode,
    _ROUND.comments,
    _ROUND.closes_at,
    _ROUND.k,
    _CODE.unit_id,
    _UNIT.name.label("unit_name"),
    _UNIT.size.label("unit_size"),
    _CODE.box,
    _CODE.spent,
    _ROUND.state,
)
_CODES_OF_ROUNDS = _CODES.join(_ROUNDS, _ROUND.id == _CODE.round_id).join(
    _UNITS,
    (_UNIT.round_id == _CODE.round_id) & (_UNIT.unit_id == _CODE.unit_id),
)
_NO_TRANSLATIONS = null().label("title_translations")
_RESOLVE = select(*_GRANT_COLUMNS, _ROUND.title_translations, _UNIT.surveyed_before).select_from(_CODES_OF_ROUNDS)
# Before migration 0019 titles had no translations, before migration 0012 every unit was asked every question.
_RESOLVE_BEFORE_0019 = select(*_GRANT_COLUMNS, _NO_TRANSLATIONS, _UNIT.surveyed_before).select_from(_CODES_OF_ROUNDS)
_RESOLVE_BEFORE_0012 = select(*_GRANT_COLUMNS, _NO_TRANSLATIONS, true().label("surveyed_before")).select_from(
    _CODES_OF_ROUNDS
)
_ACCEPTING = (
    select(_ROUND.id)
    .where(
        _ROUND.id == _CODE.round_id,
        _ROUND.state == str(RoundState.OPEN),
        _ROUND.closes_at > bindparam("now", type_=UtcDateTime),
    )
    .exists()
)
_SPEND = update(_CODES).where(_CODE.spent == false(), _ACCEPTING).values(spent=true()).returning(_CODE.digest)
# An IN list is expanded at every call; the statement for a single code avoids that.
_ALONE = _CODE.digest == bindparam("looked_for")
_AMONG = _CODE.digest.in_(bindparam("looked_for", expanding=True))
_RESOLVE_ONE = _RESOLVE.where(_ALONE)
_RESOLVE_ONE_BEFORE_0019 = _RESOLVE_BEFORE_0019.where(_ALONE)
_RESOLVE_ONE_BEFORE_0012 = _RESOLVE_BEFORE_0012.where(_ALONE)
_SPENDS = (_SPEND.where(_ALONE), _SPEND.where(_AMONG))


def add(session: Session, round_id: RoundId, invitations: Iterable[Invitation]) -> None:
    """Store invitations ordered by digest, so that the order of drawing is lost."""
    ordered = sorted(invitations, key=lambda invitation: invitation.digest)
    session.execute(
        insert(_CODES),
        [
            {
                "digest": invitation.digest,
                "round_id": round_id,
                "unit_id": invitation.unit_id,
                "box": invitation.box,
                "kind": invitation.kind,
                "contact": invitation.contact,
                "spent": False,
            }
            for invitation in ordered
        ],
    )


def grant_of_code_digest(session: Executor, digest: bytes, *, now: datetime) -> CodeGrant | None:
    """Return the grant of a code's digest; None if it is unknown, spent, or its round is not open."""
    row = session.execute(_resolve_one(session), {"looked_for": digest}).one_or_none()
    if row is None or row.spent or row.state != RoundState.OPEN or now >= row.closes_at:
        return None
    values = row._asdict()
    del values["spent"], values["state"]
    return CodeGrant(**{**values, "key_mode": KeyMode(row.key_mode)})


def _resolve_one(session: Executor) -> Select[Any]:
    if has_column(session, _ROUND.title_translations):
        return _RESOLVE_ONE
    return _RESOLVE_ONE_BEFORE_0019 if has_column(session, _UNIT.surveyed_before) else _RESOLVE_ONE_BEFORE_0012


def spend_codes(session: Executor, digests: Collection[bytes], *, now: datetime) -> frozenset[bytes]:
    """Spend the unspent codes of open rounds among these; return those spent by this call."""
    several = pad_to_power_of_two(digests)
    if not several:
        return frozenset()
    looked_for = several[0] if len(several) == 1 else several
    statement = _SPENDS[len(several) != 1]
    return frozenset(map(bytes, session.execute(statement, {"looked_for": looked_for, "now": now}).scalars()))


def withdraw_unspent(session: Session, round_id: RoundId, unit_id: str, *, kind: str) -> int:
    """Delete the unspent codes of one kind in a unit; return how many."""
    statement = delete(InvitationRow).where(
        InvitationRow.round_id == round_id,
        InvitationRow.unit_id == unit_id,
        InvitationRow.kind == kind,
        InvitationRow.spent == false(),
    )
    return execute_and_count_rows(session, statement)


def withdraw_mailed_code(session: Session, round_id: RoundId, digest: bytes) -> str | None:
    """Delete a mailed code that is unspent; return its address, or None if it was spent or is not there."""
    statement = delete(InvitationRow).where(
        InvitationRow.digest == digest,
        InvitationRow.round_id == round_id,
        InvitationRow.kind == "mailed",
        InvitationRow.spent == false(),
    )
    returning = statement.returning(InvitationRow.contact)
    return session.scalars(returning, execution_options={"synchronize_session": False}).one_or_none()


def code_counts_by_box(session: Session, round_id: RoundId, unit_id: str) -> dict[int, int]:
    """Return for each box of a unit how many codes, spent or not, already have a place in it."""
    query = (
        select(InvitationRow.box, func.count())
        .where(InvitationRow.round_id == round_id, InvitationRow.unit_id == unit_id)
        .group_by(InvitationRow.box)
    )
    return {box: count for box, count in session.execute(query)}


def spent_code_counts_by_unit(session: Session, round_id: RoundId) -> dict[str, int]:
    """Return the number of spent codes of each unit; only for bands, never for a page."""
    query = (
        select(InvitationRow.unit_id, func.count())
        .where(InvitationRow.round_id == round_id, InvitationRow.spent == true())
        .group_by(InvitationRow.unit_id)
    )
    return {unit: count for unit, count in session.execute(query)}


def addresses_with_unspent_codes(session: Session, round_id: RoundId) -> tuple[str, ...]:
    """Return the addresses with unspent codes in alphabetical order."""
    query = select(InvitationRow.contact).where(
        InvitationRow.round_id == round_id, InvitationRow.spent == false(), InvitationRow.contact.is_not(None)
    )
    return tuple(sorted(contact for contact in session.scalars(query) if contact is not None))


def unspent_digests_by_address(session: Session, round_id: RoundId) -> dict[str, bytes]:
    """Return the digests of unspent mailed codes by address."""
    query = select(InvitationRow.contact, InvitationRow.digest).where(
        InvitationRow.round_id == round_id, InvitationRow.spent == false(), InvitationRow.contact.is_not(None)
    )
    return {contact: bytes(digest) for contact, digest in session.execute(query) if contact is not None}


def units_by_mailed_address(session: Session, round_id: RoundId) -> dict[str, str]:
    """Return the unit of every address with a mailed code, spent or not."""
    query = select(InvitationRow.contact, InvitationRow.unit_id).where(
        InvitationRow.round_id == round_id, InvitationRow.contact.is_not(None)
    )
    return {contact: unit for contact, unit in session.execute(query) if contact is not None}


def code_counts_by_unit(session: Session, round_id: RoundId, *, kind: str) -> dict[str, int]:
    """Return the number of codes of one kind in each unit, spent or not."""
    query = (
        select(InvitationRow.unit_id, func.count())
        .where(InvitationRow.round_id == round_id, InvitationRow.kind == kind)
        .group_by(InvitationRow.unit_id)
    )
    return {unit: count for unit, count in session.execute(query)}


def erase(session: Session, round_id: RoundId) -> ErasedInvitationCounts:
    """Delete all invitations of a round; return how many codes, spent codes and addresses there were."""
    of_round = _CODE.round_id == round_id
    aggregates = (
        func.count(case((of_round, 1))),
        func.count(case((of_round & _CODE.spent, 1))),
        func.count(case((of_round, _CODE.contact))),
    )
    # Nearly all rows belong to the round: a table scan is ten times as fast as the index.
    everybody, *counts = map(int, session.execute(select(func.count(), *aggregates)).one())
    with _without_unit_index(session) if 2 * counts[0] > everybody else nullcontext():
        session.execute(delete(_CODES).where(of_round))
    return ErasedInvitationCounts(*counts)


@contextmanager
def _without_unit_index(session: Session) -> Iterator[None]:
    """Drop the index on SQLite and recreate it: deleting a country's codes from it row by row is slow.

    PostgreSQL does not update indexes on delete, and dropping one would block respondents of other rounds.
    """
    if session.get_bind().dialect.name != "sqlite":
        yield
        return
    _BY_UNIT.drop(session.connection())
    yield
    _BY_UNIT.create(session.connection())

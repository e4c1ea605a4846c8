"""Rounds at rest: their state, frozen boundaries, public key, salt and certificate."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    String,
    Table,
    Text,
    func,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.engine import Row
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql import ColumnElement

from app.core.organisations import Municipality, Region, ReportingUnit
from app.core.rounds import Certificate, KeyMode, Round, RoundId, RoundKind, RoundState
from app.store.database import Base, Executor

_LOCK_CLASS = 7_301


def _one_of(column: str, choices: type[RoundState] | type[KeyMode] | type[RoundKind]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(str(choice)) for choice in choices)})", name=column)


class RoundRow(Base):
    __tablename__ = "round"
    __table_args__ = (_one_of("state", RoundState), _one_of("key_mode", KeyMode), _one_of("kind", RoundKind))

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    instrument: Mapped[str] = mapped_column(String(100))
    instrument_digest: Mapped[str] = mapped_column(String(64))
    key_mode: Mapped[str] = mapped_column(String(20))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    comments: Mapped[bool]
    by_group: Mapped[bool]
    k: Mapped[int]
    boundaries: Mapped[str | None] = mapped_column(Text)
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    box_salt: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    rehearsed: Mapped[bool] = mapped_column(default=False)
    drawn: Mapped[int] = mapped_column(default=0)
    bands: Mapped[str | None] = mapped_column(Text)
    bands_on: Mapped[date | None]
    certificate: Mapped[str | None] = mapped_column(Text)
    cleaned: Mapped[bool] = mapped_column(default=False)


@dataclass(frozen=True, slots=True)
class RoundStatus:
    """Where a round stands, without its boundaries."""

    state: RoundState
    key_mode: KeyMode
    opens_at: datetime
    closes_at: datetime


class RoundUnitRow(Base):
    """What a respondent's page says of a unit, so that it need not read the whole region."""

    __tablename__ = "round_unit"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    unit_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    surveyed_before: Mapped[bool] = mapped_column(default=True, server_default=true())


# On plain tables: whoever answers or counts passes here, and a session's own view of a row costs more than the row.
_ROUNDS = cast("Table", RoundRow.__table__)
_ROUND = _ROUNDS.c


def add(session: Session, draft: Round) -> RoundId:
    """Store a new draft and return its id; the id of `draft` is ignored."""
    row = RoundRow(
        title=draft.title,
        kind=str(draft.kind),
        state=str(draft.state),
        instrument=draft.instrument,
        instrument_digest=draft.instrument_digest,
        key_mode=str(draft.key_mode),
        opens_at=draft.opens_at,
        closes_at=draft.closes_at,
        comments=draft.comments,
        by_group=draft.by_group,
        k=draft.k,
    )
    session.add(row)
    session.flush()
    return RoundId(row.id)


def add_imported(session: Session, counted: Round) -> RoundId:
    """Store a round whose answers came from elsewhere, with its boundaries; it never had keys, boxes or codes."""
    assert counted.boundaries is not None, "a counted round has boundaries"
    round_id = add(session, counted)
    boundaries = region_to_json(counted.boundaries)
    session.execute(update(_ROUNDS).where(_ROUND.id == round_id).values(boundaries=boundaries))
    return round_id


def rounds(session: Session) -> tuple[Round, ...]:
    """Return every round, oldest opening first."""
    rows = session.execute(select(_ROUNDS).order_by(_ROUND.opens_at, _ROUND.id))
    return tuple(_value(row) for row in rows)


def survey_digests(session: Executor) -> tuple[str, ...]:
    """Return the digests of the questionnaires of all surveys that were opened, the newest survey first."""
    opened = select(_ROUND.instrument_digest).where(
        _ROUND.kind == str(RoundKind.SURVEY), _ROUND.state != str(RoundState.DRAFT)
    )
    return tuple(dict.fromkeys(session.execute(opened.order_by(_ROUND.opens_at.desc(), _ROUND.id.desc())).scalars()))


def round_statuses(session: Session) -> tuple[RoundStatus, ...]:
    """Return where every round stands."""
    rows = session.execute(select(_ROUND.state, _ROUND.key_mode, _ROUND.opens_at, _ROUND.closes_at))
    return tuple(RoundStatus(RoundState(row.state), KeyMode(row.key_mode), row.opens_at, row.closes_at) for row in rows)


def find(session: Session, round_id: RoundId) -> Round | None:
    """Return a round, or None if there is none of that id."""
    row = session.execute(select(_ROUNDS).where(_ROUND.id == round_id)).one_or_none()
    return None if row is None else _value(row)


def lock(session: Session, round_id: RoundId) -> None:
    """Wait until nobody is answering in this round, and let nobody answer until the transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK_CLASS, round_id)))


def shared_round_lock(round_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return a condition that is always met: by it PostgreSQL holds off the closing and the count of these rounds.

    It does so before it locks a row that the statement finds, and until the transaction ends.
    """
    return func.pg_advisory_xact_lock_shared(_LOCK_CLASS, round_id).is_not(None)


def set_state(session: Session, round_id: RoundId, *, before: RoundState, after: RoundState) -> bool:
    """Move a round if it still stands at `before`; tell whether it was moved."""
    statement = update(_ROUNDS).where(_ROUND.id == round_id, _ROUND.state == str(before))
    return _rows(session.execute(statement.values(state=str(after)))) == 1


def set_closes_at(session: Session, round_id: RoundId, moment: datetime) -> None:
    """Note when a round closed."""
    session.execute(update(_ROUNDS).where(_ROUND.id == round_id).values(closes_at=moment))


def freeze_boundaries(
    session: Session, round_id: RoundId, *, region: Region, public_key: bytes, box_salt: bytes
) -> None:
    """Fix the boundaries and keys of a round for good."""
    values = {"boundaries": region_to_json(region), "public_key": public_key, "box_salt": box_salt}
    session.execute(update(_ROUNDS).where(_ROUND.id == round_id).values(**values))
    session.add_all(
        RoundUnitRow(
            round_id=round_id,
            unit_id=unit.id,
            name=unit.name,
            size=unit.size,
            surveyed_before=unit.surveyed_before,
        )
        for unit in region.units
    )
    session.flush()


def public_key(session: Session, round_id: RoundId) -> bytes:
    """Return the public key to which a round's ballots are sealed."""
    key: bytes | None = session.scalar(select(_ROUND.public_key).where(_ROUND.id == round_id))
    assert key is not None, "the round was never opened"
    return key


def set_public_key(session: Session, round_id: RoundId, key: bytes) -> None:
    """Put a new public key in place of one whose sheet was lost; it is still to be tried."""
    session.execute(update(_ROUNDS).where(_ROUND.id == round_id).values(public_key=key, rehearsed=False))


def salts(session: Session) -> dict[RoundId, bytes]:
    """Return the salts of all rounds that stand between their opening and their count."""
    result = session.execute(select(_ROUND.id, _ROUND.box_salt).where(_ROUND.box_salt.is_not(None)).order_by(_ROUND.id))
    return {RoundId(round_id): salt for round_id, salt in result}


def box_salt(session: Session, round_id: RoundId) -> bytes | None:
    """Return the salt of a round's boxes; None before the opening and after the count."""
    return session.scalar(select(_ROUND.box_salt).where(_ROUND.id == round_id))


def set_key_tested(session: Session, round_id: RoundId) -> None:
    """Note that the key sheet was tried and works."""
    session.execute(update(_ROUNDS).where(_ROUND.id == round_id).values(rehearsed=True))


def is_key_tested(session: Session, round_id: RoundId) -> bool:
    """Tell whether the key sheet was tried."""
    return bool(session.scalar(select(_ROUND.rehearsed).where(_ROUND.id == round_id)))


def add_codes_drawn(session: Session, round_id: RoundId, count: int) -> None:
    """Note that `count` codes were drawn."""
    session.execute(update(_ROUNDS).where(_ROUND.id == round_id).values(drawn=_ROUND.drawn + count))


def codes_drawn(session: Session, round_id: RoundId) -> int:
    """Return how many codes were ever drawn for a round."""
    return session.scalar(select(_ROUND.drawn).where(_ROUND.id == round_id)) or 0


def participation_bands(session: Session, round_id: RoundId) -> tuple[dict[str, str], date | None]:
    """Return participation by unit in bands, and the day on which they were refreshed."""
    row = session.execute(select(_ROUND.bands, _ROUND.bands_on).where(_ROUND.id == round_id)).one_or_none()
    return (json.loads(row.bands), row.bands_on) if row is not None and row.bands else ({}, None)


def set_participation_bands(session: Session, round_id: RoundId, bands_by_unit: dict[str, str], *, day: date) -> None:
    """Keep the bands of a day."""
    values = {"bands": json.dumps(bands_by_unit, sort_keys=True), "bands_on": day}
    session.execute(update(_ROUNDS).where(_ROUND.id == round_id).values(**values))


def erase_traces(session: Session, round_id: RoundId) -> None:
    """Forget the salt of a round's boxes, so that nobody can derive their key again, and the last bands.

    A band may be of a unit of which nothing is published, so it must not outlive the count.
    """
    values = {"box_salt": None, "bands": None, "bands_on": None}
    session.execute(update(_ROUNDS).where(_ROUND.id == round_id).values(**values))


def set_certificate(session: Session, certificate: Certificate) -> None:
    """Keep the certificate of a count, or its later form with the cleaning in it."""
    values = {"certificate": _certificate_to_json(certificate), "cleaned": certificate.cleaned_at is not None}
    session.execute(update(_ROUNDS).where(_ROUND.id == certificate.round).values(**values))


def set_unwiped(session: Session, round_id: RoundId) -> None:
    """Note that something was deleted since the files were wiped."""
    session.execute(update(_ROUNDS).where(_ROUND.id == round_id).values(cleaned=False))


def certificate(session: Session, round_id: RoundId) -> Certificate | None:
    """Return the certificate of a round, or None before the count."""
    text = session.scalar(select(_ROUND.certificate).where(_ROUND.id == round_id))
    return None if text is None else _certificate_from_json(text)


def unwiped_rounds(session: Session) -> tuple[RoundId, ...]:
    """Return the rounds that were counted but whose cleaning was not finished."""
    query = select(_ROUND.id).where(_ROUND.certificate.is_not(None), _ROUND.cleaned == literal(False))
    return tuple(RoundId(result) for result in session.scalars(query.order_by(_ROUND.id)))


def region_to_json(region: Region) -> str:
    """Write a region's boundaries as JSON."""
    return json.dumps(asdict(region), ensure_ascii=False, sort_keys=True)


def region_from_json(text: str) -> Region:
    """Read what `region_to_json` wrote."""
    value: dict[str, Any] = json.loads(text)
    return Region(
        id=value["id"],
        name=value["name"],
        municipalities=tuple(Municipality(**municipality) for municipality in value["municipalities"]),
        units=tuple(ReportingUnit(**{**unit, "communities": tuple(unit["communities"])}) for unit in value["units"]),
    )


def _rows(result: Any) -> int:
    return int(result.rowcount)


def _value(row: Row[Any]) -> Round:
    return Round(
        id=RoundId(row.id),
        title=row.title,
        kind=RoundKind(row.kind),
        state=RoundState(row.state),
        instrument=row.instrument,
        instrument_digest=row.instrument_digest,
        key_mode=KeyMode(row.key_mode),
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        boundaries=None if row.boundaries is None else region_from_json(row.boundaries),
        comments=row.comments,
        by_group=row.by_group,
        k=row.k,
    )


def _certificate_to_json(value: Certificate) -> str:
    return json.dumps({k: v.isoformat() if isinstance(v, datetime) else v for k, v in asdict(value).items()})


def _certificate_from_json(text: str) -> Certificate:
    value = json.loads(text)
    cleaned = value.pop("cleaned_at")
    processes = value.pop("processes", None)
    read = Certificate(**value)
    return replace(
        read,
        round=RoundId(read.round),
        key_mode=KeyMode(value["key_mode"]),
        counted_at=datetime.fromisoformat(value["counted_at"]),
        cleaned_at=None if cleaned is None else datetime.fromisoformat(cleaned),
        processes=None if processes is None else tuple(processes),
    )

"""Rounds: state, frozen units and head counts, public key, salt and certificate."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import (
    ForeignKey,
    LargeBinary,
    Select,
    String,
    Table,
    Text,
    delete,
    func,
    literal,
    null,
    select,
    text,
    true,
    update,
)
from sqlalchemy.engine import Row
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql import ColumnElement

from app.core.languages import Translations
from app.core.organisations import CommunityKind, Municipality, Region, ReportingUnit
from app.core.rounds import Certificate, KeyHost, KeyMode, Round, RoundId, RoundKind, RoundState
from app.store.columns import one_of_constraint
from app.store.database import Base, Executor, execute_and_count_rows, has_column
from app.store.translations import TranslationsText

LOCK_CLASS = 7_301


class RoundRow(Base):
    __tablename__ = "round"
    __table_args__ = (
        one_of_constraint("state", RoundState),
        one_of_constraint("key_mode", KeyMode),
        one_of_constraint("kind", RoundKind),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    title_translations: Mapped[Translations | None] = mapped_column(TranslationsText)
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
class TransferredRound:
    """A round of another installation with its number; the texts are those of a counted round, as stored there."""

    round: Round
    drawn: int
    boundaries: str | None
    certificate: str | None


@dataclass(frozen=True, slots=True)
class RoundStatus:
    """State and dates of a round, without its boundaries."""

    state: RoundState
    key_mode: KeyMode
    opens_at: datetime
    closes_at: datetime


class RoundUnitRow(Base):
    """Unit data for respondents' pages, so that they need not load the whole region."""

    __tablename__ = "round_unit"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    unit_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    surveyed_before: Mapped[bool] = mapped_column(default=True, server_default=true())


# Core tables: used by every submission and count, where ORM objects would cost more than the rows.
_ROUNDS = cast("Table", RoundRow.__table__)
_ROUND = _ROUNDS.c
_WHOLE_ROUND = select(_ROUNDS)
# Before migration 0019 titles had no translations.
_WHOLE_ROUND_BEFORE_0019 = select(
    *(column for column in _ROUND if column is not _ROUND.title_translations), null().label("title_translations")
)


def add(session: Session, draft: Round) -> RoundId:
    """Store a new draft and return its id; the id of `draft` is ignored."""
    row = RoundRow(state=str(draft.state), k=draft.k, **_planned_values(draft))
    session.add(row)
    session.flush()
    return RoundId(row.id)


def add_for_imported_answers(session: Session, counted: Round) -> RoundId:
    """Store a round with imported answers and its boundaries; it has no keys, boxes or codes."""
    assert counted.boundaries is not None, "a counted round has boundaries"
    round_id = add(session, counted)
    boundaries = region_to_json(counted.boundaries)
    session.execute(update(_ROUNDS).where(_ROUND.id == round_id).values(boundaries=boundaries))
    return round_id


def add_transferred(session: Session, numbered: TransferredRound) -> None:
    """Store a round of another installation under its own number; it has no keys, boxes or codes here."""
    given = numbered.round
    row = RoundRow(
        id=given.id,
        title=given.title,
        title_translations=given.title_translations,
        kind=str(given.kind),
        state=str(given.state),
        instrument=given.instrument,
        instrument_digest=given.instrument_digest,
        key_mode=str(given.key_mode),
        opens_at=given.opens_at,
        closes_at=given.closes_at,
        comments=given.comments,
        by_group=given.by_group,
        k=given.k,
        drawn=numbered.drawn,
        boundaries=numbered.boundaries,
        certificate=numbered.certificate,
        cleaned=numbered.certificate is not None,
    )
    session.add(row)
    session.flush()


def boundaries_and_certificate_json(session: Session, round_id: RoundId) -> tuple[str, str]:
    """Return boundaries and certificate of a counted round as stored, each a JSON text."""
    row = session.execute(select(_ROUND.boundaries, _ROUND.certificate).where(_ROUND.id == round_id)).one()
    return row.boundaries or "", row.certificate or ""


def rounds(session: Session) -> tuple[Round, ...]:
    """Return all rounds, oldest opening first."""
    rows = session.execute(_whole_round(session).order_by(_ROUND.opens_at, _ROUND.id))
    return tuple(_value(row) for row in rows)


def opened_survey_questionnaire_digests(session: Executor) -> tuple[str, ...]:
    """Return the digests of the questionnaires of all surveys that were opened, the newest survey first."""
    opened = select(_ROUND.instrument_digest).where(
        _ROUND.kind == str(RoundKind.SURVEY), _ROUND.state != str(RoundState.DRAFT)
    )
    return tuple(dict.fromkeys(session.execute(opened.order_by(_ROUND.opens_at.desc(), _ROUND.id.desc())).scalars()))


def round_statuses(session: Session) -> tuple[RoundStatus, ...]:
    """Return the status of all rounds."""
    rows = session.execute(select(_ROUND.state, _ROUND.key_mode, _ROUND.opens_at, _ROUND.closes_at))
    return tuple(RoundStatus(RoundState(row.state), KeyMode(row.key_mode), row.opens_at, row.closes_at) for row in rows)


def find_round(session: Session, round_id: RoundId) -> Round | None:
    """Return a round, or None."""
    row = session.execute(_whole_round(session).where(_ROUND.id == round_id)).one_or_none()
    return None if row is None else _value(row)


def _whole_round(session: Executor) -> Select[Any]:
    return _WHOLE_ROUND if has_column(session, _ROUND.title_translations) else _WHOLE_ROUND_BEFORE_0019


def lock_against_submissions(session: Session, round_id: RoundId) -> None:
    """Wait until no respondent is submitting in this round, and block submissions until the transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(LOCK_CLASS, round_id)))


_HELD_BY_ANOTHER = text(
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND mode = 'ExclusiveLock' AND objsubid = 2"
    " AND classid = :lock_class AND objid = :round_id AND pid <> pg_backend_pid()"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def is_locked_by_another_process(session: Session, round_id: RoundId) -> bool:
    """Tell whether another process holds the lock of `lock_against_submissions`, as during a count."""
    if session.get_bind().dialect.name != "postgresql":
        return False
    held = session.execute(_HELD_BY_ANOTHER, {"lock_class": LOCK_CLASS, "round_id": round_id})
    return held.first() is not None


def shared_lock_condition(round_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return an always-true condition that keeps PostgreSQL from closing or counting these rounds.

    The shared advisory lock is taken before the statement locks rows, and held until the transaction ends.
    """
    return func.pg_advisory_xact_lock_shared(LOCK_CLASS, round_id).is_not(None)


def try_change_state(session: Session, round_id: RoundId, *, before: RoundState, after: RoundState) -> bool:
    """Change the state of a round from `before` to `after`; return whether it was in `before`."""
    statement = update(_ROUNDS).where(_ROUND.id == round_id, _ROUND.state == str(before))
    return execute_and_count_rows(session, statement.values(state=str(after))) == 1


def update_draft_if_unchanged(session: Session, seen: Round, changed: Round) -> bool:
    """Replace what was planned; False unless the round is still a draft and stands as it was `seen`."""
    statement = update(_ROUNDS).where(*_is_draft_as_seen(seen))
    return execute_and_count_rows(session, statement.values(**_planned_values(changed))) == 1


def delete_draft_if_unchanged(session: Session, seen: Round) -> bool:
    """Delete a draft; False unless the round is still a draft and stands as it was `seen`."""
    return execute_and_count_rows(session, delete(_ROUNDS).where(*_is_draft_as_seen(seen))) == 1


def _is_draft_as_seen(seen: Round) -> list[ColumnElement[bool]]:
    values = _planned_values(seen)
    unchanged = [_ROUND[name] == value for name, value in values.items()]
    return [_ROUND.id == seen.id, _ROUND.state == str(RoundState.DRAFT), *unchanged]


def _planned_values(draft: Round) -> dict[str, Any]:
    """Return the columns that a plan decides."""
    return {
        "title": draft.title,
        "title_translations": draft.title_translations,
        "kind": str(draft.kind),
        "instrument": draft.instrument,
        "instrument_digest": draft.instrument_digest,
        "key_mode": str(draft.key_mode),
        "opens_at": draft.opens_at,
        "closes_at": draft.closes_at,
        "comments": draft.comments,
        "by_group": draft.by_group,
    }


def set_closes_at(session: Session, round_id: RoundId, moment: datetime) -> None:
    """Set the closing time of a round."""
    session.execute(update(_ROUNDS).where(_ROUND.id == round_id).values(closes_at=moment))


def store_boundaries_and_keys(
    session: Session, round_id: RoundId, *, region: Region, public_key: bytes, box_salt: bytes
) -> None:
    """Store the final boundaries and keys of a round, and each of its communities with its size."""
    values = {"boundaries": region_to_json(region), "public_key": public_key, "box_salt": box_salt}
    session.execute(update(_ROUNDS).where(_ROUND.id == round_id).values(**values))
    session.add_all(
        RoundUnitRow(
            round_id=round_id,
            unit_id=unit.id,
            name=unit.name,
            size=unit.invited_count,
            surveyed_before=unit.surveyed_before,
        )
        for unit in region.units
    )
    session.flush()


def public_key(session: Session, round_id: RoundId) -> bytes:
    """Return the public key of a round's ballots."""
    key: bytes | None = session.scalar(select(_ROUND.public_key).where(_ROUND.id == round_id))
    assert key is not None, "the round was never opened"
    return key


def set_untested_public_key(session: Session, round_id: RoundId, key: bytes) -> None:
    """Replace the public key of a round whose key sheet was lost; the new one is untested."""
    session.execute(update(_ROUNDS).where(_ROUND.id == round_id).values(public_key=key, rehearsed=False))


def box_salts_by_round(session: Session) -> dict[RoundId, bytes]:
    """Return the salts of all rounds between opening and count."""
    result = session.execute(select(_ROUND.id, _ROUND.box_salt).where(_ROUND.box_salt.is_not(None)).order_by(_ROUND.id))
    return {RoundId(round_id): salt for round_id, salt in result}


def box_salt(session: Session, round_id: RoundId) -> bytes | None:
    """Return the salt of a round's box key; None before the opening and after the count."""
    return session.scalar(select(_ROUND.box_salt).where(_ROUND.id == round_id))


def set_key_tested(session: Session, round_id: RoundId) -> None:
    """Record that the key sheet was tested successfully."""
    session.execute(update(_ROUNDS).where(_ROUND.id == round_id).values(rehearsed=True))


def is_key_tested(session: Session, round_id: RoundId) -> bool:
    """Tell whether the key sheet was tested successfully."""
    return bool(session.scalar(select(_ROUND.rehearsed).where(_ROUND.id == round_id)))


def add_codes_drawn(session: Session, round_id: RoundId, count: int) -> None:
    """Increase the number of codes drawn for a round."""
    session.execute(update(_ROUNDS).where(_ROUND.id == round_id).values(drawn=_ROUND.drawn + count))


def drawn_code_count(session: Session, round_id: RoundId) -> int:
    """Return the number of codes ever drawn for a round."""
    return session.scalar(select(_ROUND.drawn).where(_ROUND.id == round_id)) or 0


def participation_bands_and_day(session: Session, round_id: RoundId) -> tuple[dict[str, str], date | None]:
    """Return participation bands by unit, and the day of their last refresh."""
    row = session.execute(select(_ROUND.bands, _ROUND.bands_on).where(_ROUND.id == round_id)).one_or_none()
    return (json.loads(row.bands), row.bands_on) if row is not None and row.bands else ({}, None)


def set_participation_bands(session: Session, round_id: RoundId, bands_by_unit: dict[str, str], *, day: date) -> None:
    """Store the participation bands of a day."""
    values = {"bands": json.dumps(bands_by_unit, sort_keys=True), "bands_on": day}
    session.execute(update(_ROUNDS).where(_ROUND.id == round_id).values(**values))


def erase_box_salt_and_bands(session: Session, round_id: RoundId) -> None:
    """Delete the salt of a round's box key, so that it cannot be derived again, and the participation bands.

    A band may belong to a unit without published results, so it must not outlive the count.
    """
    values = {"box_salt": None, "bands": None, "bands_on": None}
    session.execute(update(_ROUNDS).where(_ROUND.id == round_id).values(**values))


def set_certificate_and_wiped_flag(session: Session, certificate: Certificate) -> None:
    """Store or update the certificate of a count."""
    values = {"certificate": _certificate_to_json(certificate), "cleaned": certificate.cleaned_at is not None}
    session.execute(update(_ROUNDS).where(_ROUND.id == certificate.round).values(**values))


def amend_certificate(session: Session, certificate: Certificate) -> None:
    """Replace a certificate; whether the files are wiped stays as it is."""
    stored = _certificate_to_json(certificate)
    session.execute(update(_ROUNDS).where(_ROUND.id == certificate.round).values(certificate=stored))


def set_unwiped(session: Session, round_id: RoundId) -> None:
    """Record that data were deleted since the files were wiped."""
    session.execute(update(_ROUNDS).where(_ROUND.id == round_id).values(cleaned=False))


def find_certificate(session: Session, round_id: RoundId) -> Certificate | None:
    """Return the certificate of a round, or None before the count."""
    text = session.scalar(select(_ROUND.certificate).where(_ROUND.id == round_id))
    return None if text is None else certificate_from_json(text)


def unwiped_rounds(session: Session) -> tuple[RoundId, ...]:
    """Return the counted rounds whose files are not wiped."""
    query = select(_ROUND.id).where(_ROUND.certificate.is_not(None), _ROUND.cleaned == literal(False))
    return tuple(RoundId(result) for result in session.scalars(query.order_by(_ROUND.id)))


def region_to_json(region: Region) -> str:
    """Encode a region as JSON."""
    return json.dumps(asdict(region), ensure_ascii=False, sort_keys=True)


def region_from_json(text: str) -> Region:
    """Decode a region encoded by `region_to_json`."""
    value: dict[str, Any] = json.loads(text)
    return Region(
        id=value["id"],
        name=value["name"],
        municipalities=tuple(Municipality(**municipality) for municipality in value["municipalities"]),
        units=tuple(map(_unit_from_json, value["units"])),
    )


def _unit_from_json(value: dict[str, Any]) -> ReportingUnit:
    kind = value.get("kind")
    parts = {"communities": tuple(value["communities"]), "kind": None if kind is None else CommunityKind(kind)}
    return ReportingUnit(**{**value, **parts})


def _value(row: Row[Any]) -> Round:
    return Round(
        id=RoundId(row.id),
        title=row.title,
        title_translations=row.title_translations,
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


def certificate_from_json(text: str) -> Certificate:
    """Decode a certificate as stored."""
    value = json.loads(text)
    cleaned = value.pop("cleaned_at")
    processes = value.pop("processes", None)
    key_hosts = value.pop("key_hosts", None)
    read = Certificate(**value)
    return replace(
        read,
        round=RoundId(read.round),
        key_mode=KeyMode(value["key_mode"]),
        counted_at=datetime.fromisoformat(value["counted_at"]),
        cleaned_at=None if cleaned is None else datetime.fromisoformat(cleaned),
        processes=None if processes is None else tuple(processes),
        key_hosts=None if key_hosts is None else tuple(KeyHost(**host) for host in key_hosts),
    )

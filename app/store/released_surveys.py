"""Small rows on released surveys, so that respondents' pages read no publication.

A publication of 300 communities is 5 MB of JSON. A request that parsed all of them would take longer with every year.
A row exists exactly for the surveys that are released and not replaced; pulses have none.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ForeignKey, Index, String, Table, Text, bindparam, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.core.languages import PartlyTranslatedText
from app.core.publication.survey_summary import SurveyExtent, SurveySummary, newest_regional_round_id
from app.core.rounds import RoundId
from app.store.database import Base, Executor, has_column, has_table
from app.store.rounds import RoundRow


class ReleasedSurveyRow(Base):
    __tablename__ = "released_survey"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    instrument_digest: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    counted_at: Mapped[datetime]
    units: Mapped[int]
    is_shown: Mapped[bool]
    is_regional: Mapped[bool]
    means: Mapped[str] = mapped_column(Text)


class ReleasedSurveyUnitRow(Base):
    __tablename__ = "surveyed_unit"
    __table_args__ = (Index(None, "round_id"),)

    unit_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True, autoincrement=False)


@dataclass(frozen=True, slots=True)
class RegionalSurvey:
    """The newest survey of the whole region; `digest` is that of its publication, which never changes."""

    round: RoundId
    digest: str
    instrument_digest: str


@dataclass(frozen=True, slots=True)
class UnitSurvey:
    """A survey that asked a unit."""

    round: RoundId
    title: PartlyTranslatedText


_SURVEYS = cast("Table", ReleasedSurveyRow.__table__)
_UNITS = cast("Table", ReleasedSurveyUnitRow.__table__)
_OLDEST_FIRST = (_SURVEYS.c.asked_at, _SURVEYS.c.counted_at, _SURVEYS.c.round_id)
_NEWEST_FIRST = tuple(column.desc() for column in _OLDEST_FIRST)
_MEANS = select(_SURVEYS.c.means).where(_SURVEYS.c.round_id == bindparam("of_round"))
_OF_UNIT_BEFORE_0019 = (
    select(_SURVEYS.c.round_id, _UNITS.c.unit_id, _SURVEYS.c.title)
    .join(_UNITS, _UNITS.c.round_id == _SURVEYS.c.round_id)
    .where(_UNITS.c.unit_id == bindparam("of_unit"), _SURVEYS.c.round_id != bindparam("other_than"))
    .order_by(*_NEWEST_FIRST)
    .limit(1)
)
_TRANSLATIONS = cast("Table", RoundRow.__table__).c.title_translations
NEWEST_OF_UNIT = _OF_UNIT_BEFORE_0019.join(RoundRow, RoundRow.id == _SURVEYS.c.round_id).add_columns(_TRANSLATIONS)
_BY_UNIT = select(_UNITS.c.unit_id, _UNITS.c.round_id).join(_SURVEYS, _SURVEYS.c.round_id == _UNITS.c.round_id)
_NO_ROUND = 0


def add(
    session: Executor,
    round_id: RoundId,
    summary: SurveySummary,
    *,
    digest: str,
    asked_at: datetime,
    counted_at: datetime,
) -> None:
    """Store the summary of a survey that is released now; safe to repeat."""
    remove(session, round_id)
    values = {
        "round_id": round_id,
        "digest": digest,
        "instrument_digest": summary.instrument_digest,
        "title": summary.title,
        "asked_at": asked_at,
        "counted_at": counted_at,
        "units": len(summary.units),
        "is_shown": summary.is_shown,
        "is_regional": False,
        "means": json.dumps(dict(summary.means)),
    }
    session.execute(insert(_SURVEYS), [values])
    if summary.units:
        session.execute(insert(_UNITS), [{"unit_id": unit, "round_id": round_id} for unit in summary.units])
    _mark_regional(session)


def remove(session: Executor, round_id: RoundId) -> None:
    """Remove the summary of a survey that another one replaces."""
    session.execute(delete(_UNITS).where(_UNITS.c.round_id == round_id))
    session.execute(delete(_SURVEYS).where(_SURVEYS.c.round_id == round_id))
    _mark_regional(session)


def _mark_regional(session: Executor) -> None:
    query = select(_SURVEYS.c.round_id, _SURVEYS.c.units, _SURVEYS.c.is_shown).order_by(*_OLDEST_FIRST)
    extents = [SurveyExtent(row.round_id, row.units, row.is_shown) for row in session.execute(query)]
    chosen = newest_regional_round_id(extents)
    session.execute(update(_SURVEYS).values(is_regional=_SURVEYS.c.round_id == (chosen or _NO_ROUND)))


def rounds_with_summary(session: Executor) -> frozenset[RoundId]:
    """Return the rounds whose summaries are stored."""
    return frozenset(map(RoundId, session.execute(select(_SURVEYS.c.round_id)).scalars()))


def unreplaced_rounds_oldest_first(session: Executor) -> tuple[RoundId, ...]:
    """Return the rounds of the released surveys that were not replaced, oldest first; empty before the migration."""
    if not has_released_survey_tables(session):
        return ()
    return tuple(map(RoundId, session.execute(select(_SURVEYS.c.round_id).order_by(*_OLDEST_FIRST)).scalars()))


def has_released_survey_tables(session: Executor) -> bool:
    """Tell whether the database has these tables: a new version may serve before the migration."""
    return has_table(session, _UNITS)


def region_means(session: Executor, round_id: RoundId) -> dict[str, float]:
    """Return the region's published means by scale in a survey."""
    text = session.execute(_MEANS, {"of_round": round_id}).scalar()
    means: dict[str, float] = json.loads(text) if text else {}
    return means


def find_newest_survey_of_unit(
    session: Executor, unit_id: str, *, other_than: RoundId | None = None
) -> UnitSurvey | None:
    """Return the newest survey other than `other_than` that asked a unit; None if none did, or before the migration."""
    if not has_released_survey_tables(session):
        return None
    query = NEWEST_OF_UNIT if has_column(session, _TRANSLATIONS) else _OF_UNIT_BEFORE_0019
    row = session.execute(query, newest_of_unit_parameters(unit_id, other_than=other_than)).one_or_none()
    return None if row is None else survey_from_row(row)


def newest_of_unit_parameters(unit_id: str, *, other_than: RoundId | None) -> dict[str, Any]:
    """Return the parameters of `NEWEST_OF_UNIT`."""
    return {"of_unit": unit_id, "other_than": other_than or _NO_ROUND}


def survey_from_row(row: Any) -> UnitSurvey:
    """Return a survey; a row has the columns of `NEWEST_OF_UNIT` as attributes."""
    return UnitSurvey(RoundId(row.round_id), PartlyTranslatedText(row.title, getattr(row, _TRANSLATIONS.name, None)))


def newest_round_by_unit(session: Executor) -> dict[str, RoundId]:
    """Return for each unit the newest survey that asked it; empty before the migration."""
    if not has_released_survey_tables(session):
        return {}
    rows = session.execute(_BY_UNIT.order_by(*_OLDEST_FIRST))
    return {row.unit_id: RoundId(row.round_id) for row in rows}

"""Surveys by others in each municipality, and the crosswalk from their scales to dimensions."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.accounts import AccountId
from app.core.languages import TranslatedText
from app.core.other_surveys import LONGEST_NAME, LONGEST_SCALE, LONGEST_SOURCE, GoodEnd, OtherSurvey, ScaleMatch
from app.core.text import sort_key
from app.store.columns import one_of_constraint
from app.store.database import Base


class OtherSurveyRow(Base):
    __tablename__ = "other_survey"
    __table_args__ = (CheckConstraint("last_day >= first_day", name="days"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[str] = mapped_column(ForeignKey("municipality.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(LONGEST_NAME))
    first_day: Mapped[date]
    last_day: Mapped[date]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    at: Mapped[datetime]


class ScaleMatchRow(Base):
    __tablename__ = "scale_match"
    __table_args__ = (one_of_constraint("good_end", GoodEnd),)

    survey: Mapped[str] = mapped_column(String(LONGEST_NAME), primary_key=True)
    dimension: Mapped[str] = mapped_column(String(40), primary_key=True)
    scale_fi: Mapped[str] = mapped_column(String(LONGEST_SCALE), primary_key=True)
    scale_sv: Mapped[str] = mapped_column(String(LONGEST_SCALE))
    scale_en: Mapped[str] = mapped_column(String(LONGEST_SCALE))
    good_end: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(LONGEST_SOURCE))


def other_surveys(session: Session, municipalities: Collection[str] | None = None) -> tuple[OtherSurvey, ...]:
    """Return the surveys of others, oldest first; of some municipalities, or of all."""
    query = select(OtherSurveyRow).order_by(OtherSurveyRow.id)
    if municipalities is not None:
        query = query.where(OtherSurveyRow.municipality_id.in_(municipalities))
    surveys = map(_survey, session.scalars(query))
    return tuple(sorted(surveys, key=lambda survey: (survey.first, sort_key(survey.title))))


def find_other_survey(session: Session, number: int) -> OtherSurvey | None:
    """Return one survey of others; None if there is none of that number."""
    row = session.get(OtherSurveyRow, number)
    return None if row is None else _survey(row)


def add(session: Session, survey: OtherSurvey, *, by: AccountId | None, now: datetime) -> int:
    """Store a survey of others and return its number."""
    row = OtherSurveyRow(
        municipality_id=survey.municipality,
        title=survey.title,
        first_day=survey.first,
        last_day=survey.last,
        account_id=by,
        at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def replace_if_unchanged(
    session: Session, seen: OtherSurvey, changed: OtherSurvey, *, by: AccountId | None, now: datetime
) -> bool:
    """Change title and days of a survey of others; False if it is no longer as it was `seen`."""
    row = session.get(OtherSurveyRow, seen.id, with_for_update=True, populate_existing=True)
    if row is None or _survey(row) != seen:
        return False
    row.title = changed.title
    row.first_day = changed.first
    row.last_day = changed.last
    row.account_id = by
    row.at = now
    session.flush()
    return True


def remove_if_unchanged(session: Session, seen: OtherSurvey) -> bool:
    """Delete a survey of others; False if it is no longer as it was `seen`."""
    row = session.get(OtherSurveyRow, seen.id, with_for_update=True, populate_existing=True)
    if row is None or _survey(row) != seen:
        return False
    session.delete(row)
    session.flush()
    return True


def load_crosswalk(session: Session) -> tuple[ScaleMatch, ...]:
    """Return the whole crosswalk, by survey and dimension."""
    matches = (
        ScaleMatch(
            row.survey,
            row.dimension,
            TranslatedText(fi=row.scale_fi, sv=row.scale_sv, en=row.scale_en),
            GoodEnd(row.good_end),
            row.source,
        )
        for row in session.scalars(select(ScaleMatchRow))
    )
    return tuple(sorted(matches, key=lambda match: (sort_key(match.survey), match.dimension, sort_key(match.scale.fi))))


def remove_and_add_matches(session: Session, removed: Iterable[ScaleMatch], added: Iterable[ScaleMatch]) -> None:
    """Delete the rows of `removed` from the crosswalk and store those of `added`."""
    for match in removed:
        key = (match.survey, match.dimension, match.scale.fi)
        session.execute(
            delete(ScaleMatchRow).where(
                ScaleMatchRow.survey == key[0], ScaleMatchRow.dimension == key[1], ScaleMatchRow.scale_fi == key[2]
            )
        )
    session.flush()
    session.add_all(
        ScaleMatchRow(
            survey=match.survey,
            dimension=match.dimension,
            scale_fi=match.scale.fi,
            scale_sv=match.scale.sv,
            scale_en=match.scale.en,
            good_end=match.good_end.value,
            source=match.source,
        )
        for match in added
    )
    session.flush()


def _survey(row: OtherSurveyRow) -> OtherSurvey:
    return OtherSurvey(row.id, row.municipality_id, row.title, row.first_day, row.last_day)

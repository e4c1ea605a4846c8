"""Find when the same people are asked: rounds of this service, and surveys by others."""

from collections.abc import Iterable
from datetime import date, tzinfo

from sqlalchemy.orm import Session

from app.core.languages import Language
from app.core.organisations import Region
from app.core.rounds import Round, RoundId
from app.core.survey_calendar import SurveyConflict, SurveyDays, assess_survey_conflict
from app.core.text import sort_key
from app.core.working_days import is_working_day
from app.store import followup, organisations, other_surveys, publications
from app.store import rounds as round_store


def survey_days_of_round(round_: Round, zone: tzinfo, language: Language) -> SurveyDays:
    """Return the days on which a round can be answered, under its title in `language`."""
    title = round_.translated_title.in_language(language)
    return SurveyDays(title, round_.opens_at.astimezone(zone).date(), round_.closes_at.astimezone(zone).date())


def check_round_for_survey_conflict(
    session: Session, round_: Round, *, today: date, zone: tzinfo, language: Language
) -> SurveyConflict:
    """Return which surveys of the same people are too near to a planned round, and when it could be instead."""
    days = survey_days_of_round(round_, zone, language)
    return check_days_for_survey_conflict(session, days, today=today, zone=zone, language=language, planned=round_.id)


def check_days_for_survey_conflict(
    session: Session,
    days: SurveyDays,
    *,
    today: date,
    zone: tzinfo,
    language: Language,
    planned: RoundId | None = None,
) -> SurveyConflict:
    """Return which surveys are too near to these days; `planned` is the round itself, None for a new one."""
    others = surveys_of_the_same_people(session, zone=zone, language=language, planned=planned)
    return assess_survey_conflict(days, others, earliest=today, is_suitable=is_working_day)


def surveys_of_the_same_people(
    session: Session, *, zone: tzinfo, language: Language, planned: RoundId | None = None
) -> tuple[SurveyDays, ...]:
    """Return the days of all other surveys that ask anybody whom the `planned` round asks.

    A round without units of its own asks the whole region, and so does `planned` where it is None: it is not saved yet.
    Rounds whose results another one replaced are left out: that one has the same days.
    """
    region = organisations.load_region(session)
    asked = None if planned is None else followup.units_asked_by_pulse(session, planned)
    own = [
        survey_days_of_round(each, zone, language)
        for each in round_store.rounds(session)
        if each.id != planned
        and _share_units(asked, followup.units_asked_by_pulse(session, each.id))
        and publications.find_replacement(session, each.id) is None
    ]
    return (*own, *_of_others(session, region.restricted_to(asked), region))


def _share_units(first: frozenset[str] | None, second: frozenset[str] | None) -> bool:
    return first is None or second is None or bool(first & second)


def _of_others(session: Session, asked: Region, region: Region) -> Iterable[SurveyDays]:
    """Return the surveys of others in the municipalities that are asked; one in several of them is named once."""
    places = {unit.municipality for unit in asked.units if unit.invited_count}
    names = {municipality.id: municipality.name for municipality in region.municipalities}
    by_days: dict[SurveyDays, list[str]] = {}
    for survey in other_surveys.other_surveys(session, places):
        by_days.setdefault(survey.survey_days, []).append(names.get(survey.municipality, survey.municipality))
    for days, where in by_days.items():
        yield SurveyDays(f"{days.title} ({', '.join(sorted(where, key=sort_key))})", days.first, days.last)

"""Find the publications that may be read, with their questionnaires, and the cell that was asked for."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core.accounts import Account
from app.core.instruments import Instrument
from app.core.organisations import ReportingUnit
from app.core.publication import Cell, LatestSurveys, Level, Publication, SurveyResult
from app.core.rounds import RoundId, RoundKind
from app.services.results.read_access import may_read, readable_municipalities
from app.store import instruments, organisations, publications, rounds
from app.store.publications import Replacement


@dataclass(frozen=True, slots=True)
class PublicationContext:
    """A publication, its questionnaire, and the released ones before it that it is read beside, oldest first.

    A survey is read beside surveys; a pulse beside pulses and the surveys that its items were taken from.
    """

    publication: Publication
    instrument: Instrument
    earlier: tuple[Publication, ...]
    released: bool


def newest_wide(session: Session, account: Account) -> RoundId | None:
    """Return the newest survey that asked a municipality which the account reads as a whole.

    Where none did, the newest survey; where no survey was released, whatever was released last; else None.
    """
    released = publications.all_released(session)
    surveys = LatestSurveys.from_publications(released).surveys
    found_publications = [survey for survey in surveys if readable_municipalities(account, survey)]
    return next((result[-1].round for result in (found_publications, surveys, released) if result), None)


def newest_of_units(session: Session, account: Account) -> tuple[SurveyResult, ...]:
    """Return for each unit that the account reads the newest survey that asked it, in the region's order.

    Where no survey was released, the units of what was released last.
    """
    released = publications.all_released(session)
    latest = LatestSurveys.from_publications(released)
    if latest.surveys:
        asked = latest.newest_by_unit(organisations.ids(session))
    else:
        asked = tuple(
            SurveyResult(publication, unit) for publication in released[-1:] for unit in publication.region.units
        )
    return tuple(survey_result for survey_result in asked if may_read(account, survey_result.unit))


def find(session: Session, round_id: RoundId) -> PublicationContext | None:
    """Return the publication of a round, released or not; None before the count and where another replaced it."""
    publication = publications.current(session, round_id)
    if publication is None:
        return None
    released = publications.all_released(session)
    kinds = {RoundKind.SURVEY, publication.kind}
    earlier = tuple(
        each_publication
        for each_publication in released
        if each_publication.asked_at < publication.asked_at and each_publication.kind in kinds
    )
    known = any(publication.round == round_id for publication in released)
    return PublicationContext(publication, instrument_of(session, publication), earlier, known)


def find_named(session: Session, name: str) -> Publication | None:
    """Return the publication of the round with this number or exactly this title; the newest of equal titles.

    None where there is none, or where another replaced it.
    """
    named = [round_.id for round_ in rounds.rounds(session) if round_.title == name or str(round_.id) == name]
    found_publications = [publications.current(session, round_id) for round_id in reversed(named)]
    return next((found_publication for found_publication in found_publications if found_publication is not None), None)


def replacement_named(session: Session, name: str) -> Replacement | None:
    """Return what replaced the results of the round with this number or exactly this title, or None."""
    replaced = publications.replacements(session)
    named = (round_.id for round_ in rounds.rounds(session) if round_.title == name or str(round_.id) == name)
    return next((replaced[round_id] for round_id in named if round_id in replaced), None)


def publication_choices(session: Session, *, unreleased: bool) -> tuple[Publication, ...]:
    """Return the publications to choose from, newest first; those not released only if asked for."""
    if not unreleased:
        return tuple(reversed(publications.all_released(session)))
    counted = (publications.current(session, round_.id) for round_ in rounds.rounds(session))
    return tuple(
        sorted(
            (publication for publication in counted if publication is not None),
            key=lambda each_publication: each_publication.asked_at,
            reverse=True,
        )
    )


def instrument_of(session: Session, publication: Publication) -> Instrument:
    """Return the very questionnaire that a publication was made with."""
    return instruments.cached_instrument(session, publication.instrument_digest)


def unit_of(publication: Publication, unit_id: str) -> ReportingUnit | None:
    """Return the reporting unit of that id, or the one that a community of that id is reported under."""
    return publication.unit_of(unit_id)


def cell_of(publication: Publication, level: Level, unit_id: str) -> Cell | None:
    """Return the cell of a whole unit, municipality or region; None if the round has none of that id."""
    if level is Level.REGION:
        return publication.region_cell
    if level is Level.MUNICIPALITY:
        known = {municipality.id for municipality in publication.region.municipalities}
        return Cell(level, unit_id) if unit_id in known else None
    unit = unit_of(publication, unit_id)
    return None if unit is None else Cell(level, unit.id)

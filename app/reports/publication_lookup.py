"""Look up publications with their questionnaires, and their cells."""

from dataclasses import dataclass

from app.core.accounts import Account
from app.core.instruments import Instrument
from app.core.organisations import ReportingUnit
from app.core.publication import Cell, Level, Publication, ReleasedSurveys, SurveyResult
from app.core.rounds import RoundId, RoundKind
from app.reports.read_access import fully_readable_municipalities, may_read
from app.store import instruments, organisations, publications, rounds
from app.store.database import Session
from app.store.publications import Replacement


@dataclass(frozen=True, slots=True)
class PublicationContext:
    """A publication, its questionnaire, and the earlier released ones for comparison, oldest first.

    A survey is compared with surveys; a pulse with pulses and with the surveys that its items come from. `current` are
    all released publications that were not replaced, oldest first.
    """

    publication: Publication
    instrument: Instrument
    earlier: tuple[Publication, ...]
    released: bool
    current: tuple[Publication, ...] = ()


def default_results_round_id(session: Session, account: Account) -> RoundId | None:
    """Return the newest survey of a municipality that the account may read as a whole.

    Else the newest survey, else the newest released round, else None.
    """
    released = publications.list_released_not_replaced(session)
    surveys = ReleasedSurveys.from_publications(released).surveys
    readable = [survey for survey in surveys if fully_readable_municipalities(account, survey)]
    return next((result[-1].round for result in (readable, surveys, released) if result), None)


def newest_readable_survey_of_each_unit(session: Session, account: Account) -> tuple[SurveyResult, ...]:
    """Return for each unit that the account may read the newest survey that asked it, in the region's order.

    Without a released survey, the units of the round released last.
    """
    released = publications.list_released_not_replaced(session)
    latest = ReleasedSurveys.from_publications(released)
    if latest.surveys:
        results = latest.newest_survey_per_unit(organisations.community_ids(session))
    else:
        results = tuple(
            SurveyResult(publication, unit) for publication in released[-1:] for unit in publication.region.units
        )
    return tuple(survey_result for survey_result in results if may_read(account, survey_result.unit))


def find_publication_context(session: Session, round_id: RoundId) -> PublicationContext | None:
    """Return the publication of a round, released or not; None before the count or if it was replaced."""
    publication = publications.find_not_replaced(session, round_id)
    if publication is None:
        return None
    released = publications.list_released_not_replaced(session)
    kinds = {RoundKind.SURVEY, publication.kind}
    earlier = tuple(
        item for item in released if item.round_opened_at < publication.round_opened_at and item.kind in kinds
    )
    is_released = any(publication.round == round_id for publication in released)
    return PublicationContext(publication, instrument_of(session, publication), earlier, is_released, released)


def find_publication_by_round_title_or_id(session: Session, name: str) -> Publication | None:
    """Return the publication of the round with this number or exact title, the newest of several.

    None if there is none, or if it was replaced.
    """
    named = [round_.id for round_ in rounds.rounds(session) if round_.title == name or str(round_.id) == name]
    candidates = [publications.find_not_replaced(session, round_id) for round_id in reversed(named)]
    return next((publication for publication in candidates if publication is not None), None)


def find_replacement_by_round_title_or_id(session: Session, name: str) -> Replacement | None:
    """Return the replacement of the round with this number or exact title, or None."""
    replaced = publications.replacements_by_round(session)
    named = (round_.id for round_ in rounds.rounds(session) if round_.title == name or str(round_.id) == name)
    return next((replaced[round_id] for round_id in named if round_id in replaced), None)


def selectable_publications(session: Session, *, unreleased: bool) -> tuple[Publication, ...]:
    """Return the publications, newest first; unreleased ones only on request."""
    if not unreleased:
        return tuple(reversed(publications.list_released_not_replaced(session)))
    counted = (publications.find_not_replaced(session, round_.id) for round_ in rounds.rounds(session))
    return tuple(
        sorted(
            (publication for publication in counted if publication is not None),
            key=lambda item: item.round_opened_at,
            reverse=True,
        )
    )


def instrument_of(session: Session, publication: Publication) -> Instrument:
    """Return exactly the questionnaire with which a publication was made."""
    return instruments.get_questionnaire(session, publication.instrument_digest)


def find_reporting_unit(publication: Publication, unit_id: str) -> ReportingUnit | None:
    """Return the reporting unit with this id, or the one under which this community is reported."""
    return publication.find_unit_of_community(unit_id)


def find_cell(publication: Publication, level: Level, unit_id: str) -> Cell | None:
    """Return the cell of a unit, municipality or region; None if the round has none with this id."""
    if level is Level.REGION:
        return publication.region_cell
    if level is Level.MUNICIPALITY:
        municipality_ids = {municipality.id for municipality in publication.region.municipalities}
        return Cell(level, unit_id) if unit_id in municipality_ids else None
    unit = find_reporting_unit(publication, unit_id)
    return None if unit is None else Cell(level, unit.id)

"""JSON API: released publications and the catalogue, read-only, with an OpenAPI document.

It reads the frozen publications that the pages read. Its questions choose among the figures that
were printed; none is computed for it.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import Response, abort, jsonify
from flask_smorest import Blueprint
from flask_smorest import abort as abort_with
from flask_smorest.error_handler import ErrorHandlerMixin
from marshmallow import RAISE, Schema
from werkzeug.exceptions import HTTPException

from app.core.accounts import Account, Permission
from app.core.catalogue import Course, CourseStatus
from app.core.instruments import Instrument
from app.core.languages import PartlyTranslatedText
from app.core.publication import Cell, Level, Measure, MeasureKind, Publication
from app.core.rounds import RoundId
from app.reports import figure_values, publication_lookup, read_access
from app.reports.publication_lookup import PublicationContext
from app.services import catalogue, list_exports, matching, supply, tokens
from app.store import publications
from app.store.database import read_session, write_session
from app.web.interface.bearer_auth import authenticate_bearer
from app.web.interface.course_schemas import CourseListsSchema, CoursesSchema, SupplyPlanSchema
from app.web.interface.schemas import (
    FigureQuery,
    FiguresSchema,
    PageQuery,
    PlaceQuery,
    PublicationSchema,
    QuestionFigurePageSchema,
    QuestionQuery,
    RoundSchema,
    StrainsSchema,
)
from app.web.shared.app_context import now

_One = TypeVar("_One")
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}]
REPLACED = "Other results replaced those of this round; the message names them, the day and the reason."
NO_ROUND = "No such round, or nothing in it for this account."
UNKNOWN_LANGUAGE = "und"  # as in BCP 47
READABLE = {CourseStatus.ACTIVE, CourseStatus.CANCELLED}

blueprint = Blueprint(
    "programs", __name__, url_prefix="/api/v1", description="Released results and the course catalogue, read-only."
)


@blueprint.errorhandler(HTTPException)
def json_error(error: HTTPException) -> Response:
    """Answer an error as JSON, with the way to authenticate where that is missing."""
    payload, code, headers = ErrorHandlerMixin().handle_http_exception(error)
    answer = jsonify(payload)
    answer.status_code = code
    answer.headers.extend(headers or {})
    if code == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _pages_of_a_round(
    what: str, query: type[PlaceQuery], answer: type[Schema], *, summary: str
) -> Callable[[Callable[..., Any]], Any]:
    """Register a view that returns pages of what one round published, with its parameters and its answer."""

    def register(view: Callable[..., Any]) -> Any:
        for decorate in (
            blueprint.doc(summary=summary, security=SECURITY),
            blueprint.alt_response(404, schema="Fault", description=NO_ROUND),
            blueprint.alt_response(401, schema="Fault", description="No valid token."),
            blueprint.alt_response(410, schema="Fault", description=REPLACED),
            blueprint.response(200, answer),
            blueprint.arguments(query, location="query", unknown=RAISE),
            blueprint.get(f"/rounds/<int:number>/{what}"),
        ):
            view = decorate(view)
        return view

    return register


@blueprint.get("/rounds")
@blueprint.response(200, RoundSchema(many=True))
@blueprint.alt_response(401, schema="Fault", description="No valid token.")
@blueprint.doc(summary="Released rounds, the newest first", security=SECURITY)
def rounds() -> list[dict[str, Any]]:
    """List the rounds of which the account may read something."""
    account, _token = authenticate_bearer()
    with read_session() as session:
        released = publication_lookup.selectable_publications(session, unreleased=False)
    return [_heading(publication) for publication in released if read_access.readable_cells(account, publication)]


@blueprint.get("/rounds/<int:number>")
@blueprint.response(200, PublicationSchema)
@blueprint.alt_response(401, schema="Fault", description="No valid token.")
@blueprint.alt_response(404, schema="Fault", description=NO_ROUND)
@blueprint.alt_response(410, schema="Fault", description=REPLACED)
@blueprint.doc(summary="One round: its scales, its questions, and the units with figures", security=SECURITY)
def one_round(number: int) -> dict[str, Any]:
    """Describe a round: its scales, its questions, and the units that the account may read."""
    account, _token = authenticate_bearer()
    context, readable = _found(number, account)
    titles = {scale.id: scale.title for scale in context.instrument.scales}
    publication = context.publication
    return {
        **_heading(publication),
        "scales": [_measure(measure, titles[measure.id]) for measure in publication.scales],
        "questions": _questions(publication, context.instrument),
        "units": _units(publication, readable),
        "quality": publication.quality if account.may(Permission.READ_REGION) else None,
    }


@_pages_of_a_round("figures", FigureQuery, FiguresSchema, summary="Frozen figures of one round")
def scale_figures(query: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the published figures of the units that the account may read."""
    publication, wanted = _taken(number, query)
    found_figures = [
        figure
        for figure in figure_values.scale_figures_of_cells(publication, wanted)
        if query.get("scale") in (None, figure.measure)
    ]
    return _page(
        found_figures, "figures", query, write=lambda each_figure: figure_values.figure_values(publication, each_figure)
    )


@_pages_of_a_round("questions", QuestionQuery, QuestionFigurePageSchema, summary="Frozen figures of single questions")
def question_figures(query: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the published figures of single questions in the units that the account may read; none is reversed."""
    publication, wanted = _taken(number, query)
    asked = figure_values.question_figures_of_cells(publication, wanted)
    found_figures = [figure for figure in asked if query.get("question") in (None, figure.measure)]
    return _page(
        found_figures,
        "questions",
        query,
        write=lambda each_figure: figure_values.figure_values(publication, each_figure, kind="question"),
    )


@_pages_of_a_round("strain", PlaceQuery, StrainsSchema, summary="Frozen figures of demands and control combined")
def strain(query: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the shares of people by demands and control, and the balance of the two, where they were published."""
    publication, wanted = _taken(number, query)
    cells = figure_values.cells_with_demand_control(publication, wanted)
    return _page(cells, "strain", query, write=lambda cell: figure_values.demand_control_values(publication, cell))


@blueprint.get("/courses")
@blueprint.arguments(PageQuery, location="query", unknown=RAISE)
@blueprint.response(200, CoursesSchema)
@blueprint.doc(summary="The public catalogue; no token needed")
def courses(query: dict[str, Any]) -> dict[str, Any]:
    """Return the public courses with their offerings."""
    with read_session() as session:
        known = [each for each in catalogue.courses(session) if each.status is CourseStatus.ACTIVE]
    return _page(known, "courses", query, write=_course)


@blueprint.get("/matching/lists")
@blueprint.arguments(PageQuery, location="query", unknown=RAISE)
@blueprint.response(200, CourseListsSchema)
@blueprint.alt_response(401, schema="Fault", description="No valid token.")
@blueprint.alt_response(404, schema="Fault", description="No lists yet: no survey is released, or they are being made.")
@blueprint.doc(summary="Needs and course lists of the communities that the account may read", security=SECURITY)
def course_lists(query: dict[str, Any]) -> dict[str, Any]:
    """Return needs with their parts, course lists with the codes of their reasons, and expected seats."""
    account, token = authenticate_bearer()
    with read_session() as session:
        lists = matching.find_or_build_region_lists(session, now=now())
    if lists is None:
        abort(404)
    with write_session() as session:
        tokens.record_token_use(session, token, f"course lists by token {token.id}", now=now())
    readable = [name for name, listed in lists.units.items() if read_access.may_read(account, listed.unit)]
    return _page(readable, "lists", query, write=lambda name: list_exports.course_lists_as_dicts(lists, [name])[0])


@blueprint.get("/matching/supply")
@blueprint.response(200, SupplyPlanSchema)
@blueprint.alt_response(401, schema="Fault", description="No valid token.")
@blueprint.alt_response(404, schema="Fault", description="No plan, or none for this account.")
@blueprint.doc(summary="The newest plan of which courses to hold next term", security=SECURITY)
def supply_plan() -> dict[str, Any]:
    """Return the newest supply plan; 404 for accounts that may not plan for the whole region."""
    account, token = authenticate_bearer()
    if not account.may_everywhere(Permission.ALLOCATE_SEATS):
        abort(404)
    with read_session() as session:
        stored = supply.find_latest_finished_plan(session)
        known = catalogue.courses(session)
    if stored is None or stored.plan is None:
        abort(404)
    with write_session() as session:
        tokens.record_token_use(session, token, f"supply plan:{stored.id} by token {token.id}", now=now())
    return {"made_at": stored.asked_at, **supply.plan_as_dict(stored.plan, known)}


def _found(number: int, account: Account) -> tuple[PublicationContext, frozenset[Cell]]:
    """Return a released round and what an account may read of it; 404 if that is nothing, as for an unknown round."""
    with read_session() as session:
        context = publication_lookup.find_publication_context(session, RoundId(number))
        replaced = None if context else publications.find_replacement(session, RoundId(number))
        standing = None if replaced is None else publication_lookup.find_publication_context(session, replaced.by)
    if replaced is not None and standing is not None and read_access.readable_cells(account, standing.publication):
        message = f"Replaced on {replaced.at:%Y-%m-%d} by round {replaced.by} because: {replaced.because}"
        abort_with(410, message=message)
    if context is None or not context.released:
        abort(404)
    readable = read_access.readable_cells(account, context.publication)
    return (context, readable) if readable else abort(404)


def _taken(number: int, query: dict[str, Any]) -> tuple[Publication, frozenset[Cell]]:
    """Return a round and the cells that are asked for and may be read; the audit log records that they were read."""
    account, token = authenticate_bearer()
    context, readable = _found(number, account)
    with write_session() as session:
        tokens.record_token_use(session, token, f"round:{number} by token {token.id}", now=now())
    return context.publication, frozenset(cell for cell in readable if _is_asked(cell, query))


def _is_asked(cell: Cell, query: dict[str, Any]) -> bool:
    return query.get("level") in (None, cell.level.value) and query.get("unit") in (None, cell.unit)


def _page(
    result: Sequence[_One], name: str, query: dict[str, Any], *, write: Callable[[_One], dict[str, Any]]
) -> dict[str, Any]:
    """Return one page of a list; only the items of that page are converted."""
    size = query["page_size"]
    begin = (query["page"] - 1) * query["page_size"]
    rows = [write(item) for item in result[begin : begin + size]]
    return {"page": query["page"], "page_size": size, "total": len(result), name: rows}


def _heading(publication: Publication) -> dict[str, Any]:
    return {
        "id": int(publication.round),
        "title": publication.title,
        "titles": _texts(publication.translated_title),
        "kind": publication.kind.value,
        "instrument": publication.instrument,
        "instrument_digest": publication.instrument_digest,
        "opened_at": publication.opened_at,
        "closed_at": publication.closed_at,
        "counted_at": publication.counted_at,
        "k": publication.k,
    }


def _measure(measure: Measure, title: Any) -> dict[str, Any]:
    names = ("id", "low", "high", "decimals", "dimension")
    plain = {name: getattr(measure, name) for name in names}
    return plain | {"identity": measure.comparison_key, "title": title, "polarity": measure.polarity.value}


def _questions(publication: Publication, instrument: Instrument) -> list[dict[str, Any]]:
    """Return the single questions: text, scale, and labels of the lowest and the highest option."""
    homes = {item: scale for scale in reversed(instrument.scales) for item in scale.items}
    result = []
    for measure in publication.measures:
        if measure.kind is not MeasureKind.ITEM:
            continue
        item = instrument.item(measure.id)
        home = homes.get(measure.id)
        ordered = sorted(item.options, key=lambda option: option.value)
        result.append(
            _measure(measure, item.text)
            | {
                "scale": None if home is None else home.id,
                "turned": home is not None and item.id in home.reversed,
                "lowest": ordered[0].label,
                "highest": ordered[-1].label,
            }
        )
    return result


def _units(publication: Publication, readable: frozenset[Cell]) -> list[dict[str, Any]]:
    area = publication.region
    places: list[tuple[Level, str, str, str | None]] = [(Level.REGION, area.id, area.name, None)]
    places += [(Level.MUNICIPALITY, municipality.id, municipality.name, None) for municipality in area.municipalities]
    places += [(Level.COMMUNITY, unit.id, unit.name, unit.municipality) for unit in area.units]
    return [
        {"level": level.value, "id": name, "name": title, "municipality": home}
        for level, name, title, home in places
        if Cell(level, name) in readable
    ]


def _texts(text: PartlyTranslatedText) -> dict[str, str]:
    """Return a text by language, as `und` where its language is unknown; empty where nothing was written."""
    if text.translations is None:
        return {UNKNOWN_LANGUAGE: text.main} if text else {}
    return {language.value: text.in_language(language) for language in text.translations.written_languages}


def _course(course: Course) -> dict[str, Any]:
    names = ("external_id", "title", "description", "target", "audience", "provider", "updated_at")
    return {name: getattr(course, name) for name in names} | {
        "area": course.area.value,
        "target": course.target.value,
        "dimensions": course.dimensions,
        "evidence_grade": course.evidence_grade.value,
        "evidence_note": _texts(course.evidence_note),
        "prerequisites": _texts(course.prerequisites),
        "led_from_outside": course.led_from_outside,
        "languages": [language.value for language in course.languages],
        "offerings": [
            {
                "external_id": offering.external_id,
                "mode": offering.mode.value,
                "status": offering.status.value,
                "sessions": offering.sessions,
                "place": offering.place,
                "accessibility": _texts(offering.accessibility),
                "capacity": offering.capacity,
                "registration_url": offering.registration_url,
            }
            for offering in course.offerings
            if offering.status in READABLE
        ],
    }

"""The interface for programs: released publications and the catalogue as JSON, read-only, with an OpenAPI document.

It reads the frozen publications that the pages read. Its questions choose among the figures that
were printed; none is computed for it.
"""

from collections.abc import Sequence
from typing import Any

from flask import Response, abort, jsonify
from flask_smorest import Blueprint
from flask_smorest.error_handler import ErrorHandlerMixin
from marshmallow import RAISE
from werkzeug.exceptions import HTTPException

from app.core.accounts import Account
from app.core.catalogue import Course, Status
from app.core.publication import Cell, Level, Measure, Publication
from app.core.rounds import RoundId
from app.services import catalogue, tokens
from app.services.results import finding, reach, tables
from app.services.results.finding import Found
from app.store.database import reading, transaction
from app.web.interface.bearers import bearer
from app.web.interface.schemas import (
    CoursesSchema,
    FigureQuery,
    FiguresSchema,
    PageQuery,
    PublicationSchema,
    RoundSchema,
)
from app.web.shared.door import now

SECURITY: list[dict[str, list[str]]] = [{"bearer": []}]
READABLE = {Status.ACTIVE, Status.CANCELLED}

blueprint = Blueprint(
    "programs", __name__, url_prefix="/api/v1", description="Released results and the course catalogue, read-only."
)


@blueprint.errorhandler(HTTPException)
def fault(error: HTTPException) -> Response:
    """Answer a fault as JSON, and say how to come in where that is what is missing."""
    payload, code, headers = ErrorHandlerMixin().handle_http_exception(error)
    answer = jsonify(payload)
    answer.status_code = code
    answer.headers.extend(headers or {})
    if code == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


@blueprint.get("/rounds")
@blueprint.response(200, RoundSchema(many=True))
@blueprint.alt_response(401, schema="Fault", description="No valid token.")
@blueprint.doc(summary="Released rounds, the newest first", security=SECURITY)
def rounds() -> list[dict[str, Any]]:
    """List the rounds of which the account may read something."""
    account, _token = bearer()
    with reading() as session:
        released = finding.choices(session, unreleased=False)
    return [_heading(one) for one in released if reach.cells(account, one)]


@blueprint.get("/rounds/<int:number>")
@blueprint.response(200, PublicationSchema)
@blueprint.alt_response(401, schema="Fault", description="No valid token.")
@blueprint.alt_response(404, schema="Fault", description="No such round, or nothing in it for this account.")
@blueprint.doc(summary="One round: its scales, and the places to read about", security=SECURITY)
def one_round(number: int) -> dict[str, Any]:
    """Say what the numbers of a round mean and where they are from."""
    account, _token = bearer()
    found, readable = _found(number, account)
    titles = {scale.id: scale.title for scale in found.instrument.scales}
    publication = found.publication
    return {
        **_heading(publication),
        "scales": [_scale(measure, titles[measure.id]) for measure in publication.scales],
        "units": _units(publication, readable),
    }


@blueprint.get("/rounds/<int:number>/figures")
@blueprint.arguments(FigureQuery, location="query", unknown=RAISE)
@blueprint.response(200, FiguresSchema)
@blueprint.alt_response(401, schema="Fault", description="No valid token.")
@blueprint.alt_response(404, schema="Fault", description="No such round, or nothing in it for this account.")
@blueprint.doc(summary="Frozen figures of one round", security=SECURITY)
def figures(query: dict[str, Any], number: int) -> dict[str, Any]:
    """Give the figures that were printed of the places that the account may read."""
    account, token = bearer()
    found, readable = _found(number, account)
    wanted = {cell for cell in readable if _is_asked(cell, query)}
    scale = query.get("scale")
    rows = [row for row in tables.rows(found.publication, wanted) if scale in (None, row["scale"])]
    with transaction() as session:
        tokens.record(session, token, f"round:{number} by token {token.id}", now=now())
    return _page(rows, "figures", query)


@blueprint.get("/courses")
@blueprint.arguments(PageQuery, location="query", unknown=RAISE)
@blueprint.response(200, CoursesSchema)
@blueprint.doc(summary="The public catalogue; no token needed")
def courses(query: dict[str, Any]) -> dict[str, Any]:
    """Give the courses that everybody may see, with their times."""
    with reading() as session:
        known = [one for one in catalogue.courses(session) if one.status is Status.ACTIVE]
    return _page([_course(one) for one in known], "courses", query)


def _found(number: int, account: Account) -> tuple[Found, frozenset[Cell]]:
    """Return a released round and what an account may read of it; a stranger cannot tell it from none."""
    with reading() as session:
        found = finding.find(session, RoundId(number))
    if found is None or not found.released:
        abort(404)
    readable = reach.cells(account, found.publication)
    return (found, readable) if readable else abort(404)


def _is_asked(cell: Cell, query: dict[str, Any]) -> bool:
    return query.get("level") in (None, cell.level.value) and query.get("unit") in (None, cell.unit)


def _page(rows: Sequence[dict[str, Any]], name: str, query: dict[str, Any]) -> dict[str, Any]:
    size, begin = query["page_size"], (query["page"] - 1) * query["page_size"]
    return {"page": query["page"], "page_size": size, "total": len(rows), name: rows[begin : begin + size]}


def _heading(publication: Publication) -> dict[str, Any]:
    return {
        "id": int(publication.round),
        "title": publication.title,
        "kind": publication.kind.value,
        "instrument": publication.instrument,
        "instrument_digest": publication.instrument_digest,
        "opened_at": publication.opened_at,
        "closed_at": publication.closed_at,
        "counted_at": publication.counted_at,
        "k": publication.k,
    }


def _scale(measure: Measure, title: Any) -> dict[str, Any]:
    names = ("id", "identity", "low", "high", "decimals", "dimension")
    return {name: getattr(measure, name) for name in names} | {"title": title, "polarity": measure.polarity.value}


def _units(publication: Publication, readable: frozenset[Cell]) -> list[dict[str, Any]]:
    area = publication.region
    places: list[tuple[Level, str, str, str | None]] = [(Level.REGION, area.id, area.name, None)]
    places += [(Level.MUNICIPALITY, one.id, one.name, None) for one in area.municipalities]
    places += [(Level.COMMUNITY, one.id, one.name, one.municipality) for one in area.units]
    return [
        {"level": level.value, "id": name, "name": title, "municipality": home}
        for level, name, title, home in places
        if Cell(level, name) in readable
    ]


def _course(course: Course) -> dict[str, Any]:
    names = ("external_id", "title", "description", "target", "audience", "provider", "updated_at")
    return {name: getattr(course, name) for name in names} | {
        "area": course.area.value,
        "target": course.target.value,
        "dimensions": course.dimensions,
        "evidence_grade": course.evidence_grade.value,
        "languages": [one.value for one in course.languages],
        "offerings": [
            {
                "external_id": one.external_id,
                "mode": one.mode.value,
                "status": one.status.value,
                "sessions": one.sessions,
                "place": one.place,
                "capacity": one.capacity,
                "registration_url": one.registration_url,
            }
            for one in course.offerings
            if one.status in READABLE
        ],
    }

"""Table of all questions by municipality, or by community of one municipality."""

from flask import Blueprint, Response, abort, render_template
from markupsafe import Markup

from app.core.accounts import Permission
from app.core.organisations import Municipality
from app.reports.publication_lookup import PublicationContext
from app.reports.question_map import (
    QuestionHeatMap,
    question_heat_map,
    question_heat_map_cells,
    question_heat_map_table,
)
from app.web.shared.access import has_permission_at, requires
from app.web.shared.fragment_cache import cached_fragment
from app.web.shared.languages import language
from app.web.staff.results.views import READ_WIDE, get_results_or_404, round_links, send_and_audit_results

blueprint = Blueprint("question_map", __name__, url_prefix="/staff/results")


@blueprint.get("/<int:number>/question-map/")
@blueprint.get("/<int:number>/question-map/<municipality>/")
@requires(READ_WIDE)
def show_question_heat_map(number: int, municipality: str | None = None) -> str:
    """Show the heat map of all questions by municipality, or by the communities of one municipality."""
    context = get_results_or_404(number)
    places = _readable(context)
    chosen = _chosen_or_404(context, municipality)
    key = "question_map", municipality, tuple(place.id for place in places), language()
    return render_template(
        "staff/results/question_map.html",
        found=context,
        places=places,
        chosen=chosen,
        figures=Markup(  # noqa: S704 - it was rendered, and so escaped, by _table
            cached_fragment((context.publication,), key, lambda: _table(context, municipality, places))
        ),
        rounds=round_links(),
    )


@blueprint.get("/<int:number>/question-map.<any(csv, xlsx):kind>")
@blueprint.get("/<int:number>/question-map/<municipality>/map.<any(csv, xlsx):kind>")
@requires(Permission.EXPORT_RESULTS)
def download_question_heat_map(number: int, kind: str, municipality: str | None = None) -> Response:
    """Send the map as a table: a row for each question, a column for each place."""
    context = get_results_or_404(number)
    places = _readable(context)
    if not places:
        abort(403)
    _chosen_or_404(context, municipality)
    rows = question_heat_map_table(
        _map(context, municipality, places, as_asked=True), region=context.publication.region.name
    )
    name = str(number) if municipality is None else f"{number}-{municipality}"
    return send_and_audit_results(context, rows, name, kind=kind, begins="question-map")


def _readable(context: PublicationContext) -> list[Municipality]:
    return [
        municipality
        for municipality in context.publication.region.municipalities
        if has_permission_at(READ_WIDE, municipality=municipality.id)
    ]


def _chosen_or_404(context: PublicationContext, municipality: str | None) -> Municipality | None:
    """Return the chosen municipality, None for the region; 404 where there is none, 403 where it may not be read."""
    if municipality is None:
        return None
    known = {each.id: each for each in context.publication.region.municipalities}
    if municipality not in known:
        abort(404)
    if not has_permission_at(READ_WIDE, municipality=municipality):
        abort(403)
    return known[municipality]


def _map(
    context: PublicationContext, municipality: str | None, places: list[Municipality], *, as_asked: bool = False
) -> QuestionHeatMap:
    cells = question_heat_map_cells(context.publication, municipality, [place.id for place in places])
    return question_heat_map(
        context.publication, cells, instrument=context.instrument, language=language(), as_asked=as_asked
    )


def _table(context: PublicationContext, municipality: str | None, places: list[Municipality]) -> str:
    return render_template(
        "staff/results/_question_map.html",
        map=_map(context, municipality, places),
        publication=context.publication,
    )

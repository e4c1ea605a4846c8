"""Chart images with their own URLs, cached in the instance folder by a digest of their content."""

from flask import Response, abort, request

from app.render.charts import cache
from app.render.charts.dark_mode import dark_svg
from app.render.design_tokens import Width
from app.reports.chart_specs import ChartSpec
from app.web.shared.app_context import settings

DARK = "dark"


def send_chart(chart: ChartSpec | None, width: str) -> Response:
    """Send a chart as SVG, drawn on first request and cached; 404 where there is none.

    Who asks for the dark one (`?scheme=dark`) gets the very same drawing in other colours.
    """
    if chart is None:
        abort(404)
    wide = Width[width.upper()]
    is_dark = request.args.get("scheme") == DARK
    drawn = cache.cached_chart(settings().instance / "pictures", chart.chart, wide, chart.draw)
    answer = Response(dark_svg(drawn) if is_dark else drawn, mimetype="image/svg+xml")
    answer.set_etag(cache.chart_digest(chart.chart, wide) + (f"-{DARK}" if is_dark else ""))
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.make_conditional(request)
    return answer

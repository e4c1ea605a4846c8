"""Summary sentences and chart titles of a report."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.publication import ChangeLabel, Level, RegionComparison
from app.reports.number_format import format_month, format_names, format_share
from app.reports.unit_report import CellReport, ReportRow

MAX_NAMES = 3


def summary_sentences(report: CellReport) -> list[str]:
    """Return the result in at most three sentences; "nothing differs" and "within the margin of error" are results."""
    said = [*region_differences(report), *change_sentences(report)]
    return [*said, f"{plane_title(report)}."] if report.balance and report.balance.interval else said


def region_differences(report: CellReport) -> list[str]:
    """Return the dimensions that differ from the region, better ones first; for the region its extremes."""
    if report.cell.level is Level.REGION:
        return _ends(report)
    compared = [row for row in report.shown if row.comparison is not RegionComparison.UNKNOWN]
    better = [row for row in compared if is_better(row)]
    worse = [row for row in compared if is_worse(row)]
    if not compared:
        return []
    if not better and not worse:
        return [_("No dimension differs clearly from the region.")]
    said = [_("Better than in the region: %(names)s.", names=_names(better))] if better else []
    return [*said, _("Worse than in the region: %(names)s.", names=_names(worse))] if worse else said


def _ends(report: CellReport) -> list[str]:
    if not report.strongest:
        return []
    told = {"best": _names(report.strongest), "worst": _names(report.weakest)}
    return [_("Highest: %(best)s. Lowest: %(worst)s.", **told)]


def change_sentences(report: CellReport) -> list[str]:
    """Return what changed clearly, slightly but certainly, or possibly, or that nothing can be concluded."""
    changed = [row for row in report.shown if row.trend is not None and row.trend_since is not None]
    if not changed:
        return []
    since = format_month(max(row.trend_since for row in changed if row.trend_since is not None))
    texts = []
    for label in (ChangeLabel.CLEAR, ChangeLabel.SMALL, ChangeLabel.POSSIBLE):
        for better in (True, False):
            rows = [row for row in changed if _has_label(row, label) and is_improvement(row) is better]
            if rows:
                texts.append(_change_words(label, better, since=since, names=_names(rows)))
    return texts or [_("We cannot say whether anything has changed since %(since)s.", since=since)]


def _change_words(label: ChangeLabel, better: bool, **values: str) -> str:
    if label is ChangeLabel.CLEAR:
        text = (
            _("Clearly better than in %(since)s: %(names)s.", **values)
            if better
            else _("Clearly worse than in %(since)s: %(names)s.", **values)
        )
    elif label is ChangeLabel.SMALL:
        text = (
            _("Small but certain improvement since %(since)s: %(names)s.", **values)
            if better
            else _("Small but certain decline since %(since)s: %(names)s.", **values)
        )
    else:
        text = (
            _("Possibly better than in %(since)s: %(names)s.", **values)
            if better
            else _("Possibly worse than in %(since)s: %(names)s.", **values)
        )
    return str(text)


def _has_label(row: ReportRow, label: ChangeLabel) -> bool:
    return row.trend is not None and row.trend.label is label


def is_improvement(row: ReportRow) -> bool:
    """Tell whether a scale moved in the favourable direction, however certain that is."""
    return row.trend is not None and (row.trend.difference > 0) == row.high_is_good


def is_better(row: ReportRow) -> bool:
    """Tell whether a scale is better than the region, beyond chance."""
    return row.comparison is (RegionComparison.HIGHER if row.high_is_good else RegionComparison.LOWER)


def is_worse(row: ReportRow) -> bool:
    """Tell whether a scale is worse than the region, beyond chance."""
    return row.comparison is (RegionComparison.LOWER if row.high_is_good else RegionComparison.HIGHER)


def _names(rows: Sequence[ReportRow]) -> str:
    names = [row.title for row in rows[:MAX_NAMES]]
    more = len(rows) - len(names)
    return format_names([*names, ngettext("one more", "%(num)s more", more)] if more else names)


def intervals_title(report: CellReport) -> str:
    """Return the title of the interval chart."""
    if report.cell.level is Level.REGION and report.strongest:
        told = {"best": report.strongest[0].title, "worst": report.weakest[0].title}
        return str(_("Most favourable mean: %(best)s; least favourable: %(worst)s", **told))
    compared = [row for row in report.shown if row.comparison is not RegionComparison.UNKNOWN]
    if not compared:
        return str(_("Results by dimension"))
    better = sum(map(is_better, compared))
    worse = sum(map(is_worse, compared))
    if not better and not worse:
        return str(_("No clear difference from the region"))
    counts = {"better": better, "worse": worse, "all": len(compared)}
    return str(_("Of %(all)s dimensions %(better)s better and %(worse)s worse than in the region", **counts))


def shares_title(rows: tuple[ReportRow, ...]) -> str:
    """Return the title of the shares chart."""
    best = max(rows, key=_favourable)
    values = {"title": best.title, "share": format_share(_favourable(best))}
    return str(_("Most favourable answers: %(title)s, %(share)s", **values))


def _favourable(row: ReportRow) -> int:
    shares = row.figure.distribution
    if shares is None:
        return 0
    return shares.high if row.high_is_good else shares.low


def trends_title(report: CellReport) -> str:
    """Say what changed, in a sentence; "within the margin of error" is a result."""
    changed = [row for row in report.shown if row.trend is not None]
    clear = [row for row in changed if _has_label(row, ChangeLabel.CLEAR)]
    if not changed or report.last_at is None:
        return str(_("There is nothing to compare with yet"))
    since = format_month(max((row.trend_since for row in changed if row.trend_since), default=report.last_at))
    if not clear:
        return str(_("No clear change since %(since)s", since=since))
    return str(
        ngettext(
            "One clear change among %(all)s scales since %(since)s",
            "%(num)s clear changes among %(all)s scales since %(since)s",
            len(clear),
            all=len(changed),
            since=since,
        )
    )


def plane_title(report: CellReport) -> str:
    """Return the title of the chart of demands and control."""
    balance = report.balance
    if balance is None or balance.interval is None:
        return str(_("Demands and control"))
    low, high = balance.interval
    if low > 0:
        return str(_("Control outweighs demands"))
    return str(_("Demands outweigh control") if high < 0 else _("Demands and control are about even"))

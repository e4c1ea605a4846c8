"""Summary sentences and chart titles of a report."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.publication import ChangeLabel, Level, RegionComparisonOutcome
from app.reports.number_format import CAP_LOW, format_capped_share, format_month, format_names, format_number
from app.reports.sentences import directed_title
from app.reports.unit_report import CellReport, ReportRow

MAX_NAMES = 3
MAX_LONG_CHANGES = 3  # lines in the summary


def region_difference_sentences(report: CellReport) -> list[str]:
    """Return the dimensions that differ from the region, better ones first; for the region its extremes."""
    if report.cell.level is Level.REGION:
        return _ends(report)
    compared = [row for row in report.rows_with_numbers if row.comparison is not RegionComparisonOutcome.UNKNOWN]
    better = [row for row in compared if row.is_better]
    worse = [row for row in compared if row.is_worse]
    if not compared:
        return []
    if not better and not worse:
        return [_("No dimension differs clearly from the region.")]
    said = [_("Better than in the region: %(names)s.", names=_names(better))] if better else []
    return [*said, _("Worse than in the region: %(names)s.", names=_names(worse))] if worse else said


def _ends(report: CellReport) -> list[str]:
    if not report.strongest:
        return []
    values = {"best": _names(report.strongest), "worst": _names(report.areas_to_improve)}
    return [_("Highest: %(best)s. Lowest: %(worst)s.", **values)]


def change_sentences(report: CellReport) -> list[str]:
    """Return what changed clearly, slightly but certainly, or possibly, or that nothing can be concluded."""
    changed = [row for row in report.rows_with_numbers if row.trend is not None and row.trend_since is not None]
    if not changed:
        return []
    since = format_month(max(row.trend_since for row in changed if row.trend_since is not None))
    texts = []
    for label in (ChangeLabel.CLEAR, ChangeLabel.SMALL, ChangeLabel.POSSIBLE):
        for better in (True, False):
            rows = [row for row in changed if _has_label(row, label) and is_change_favourable(row) is better]
            if rows:
                texts.append(_change_words(label, better, since=since, names=_names(rows)))
    return texts or [_("We cannot say whether anything has changed since %(since)s.", since=since)]


def long_change_sentences(report: CellReport) -> list[str]:
    """Return what changed certainly over all rounds that ask the same, with the number of each round."""
    texts = []
    rows = [row for row in report.rows_with_numbers if row.long_change is not None]
    for label in (ChangeLabel.CLEAR, ChangeLabel.SMALL):
        texts += [_long_change_words(row) for row in rows if _has_long_label(row, label)]
    return texts[:MAX_LONG_CHANGES]


def _has_long_label(row: ReportRow, label: ChangeLabel) -> bool:
    return row.long_change is not None and row.long_change.trend.label is label


def _long_change_words(row: ReportRow) -> str:
    change = row.long_change
    if change is None:
        return ""
    better = (change.trend.difference > 0) == row.high_is_good
    values = {
        "title": directed_title(row),
        "numbers": " → ".join(format_number(mean, row.measure) for mean in change.means),
        "since": format_month(change.since),
    }
    if change.trend.label is ChangeLabel.CLEAR:
        text = (
            _("%(title)s %(numbers)s: clearly better since %(since)s.", **values)
            if better
            else _("%(title)s %(numbers)s: clearly worse since %(since)s.", **values)
        )
    else:
        text = (
            _("%(title)s %(numbers)s: a small but certain improvement since %(since)s.", **values)
            if better
            else _("%(title)s %(numbers)s: a small but certain decline since %(since)s.", **values)
        )
    return str(text)


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


def is_change_favourable(row: ReportRow) -> bool:
    """Tell whether a scale moved in the favourable direction, however certain that is."""
    return row.trend is not None and (row.trend.difference > 0) == row.high_is_good


def _names(rows: Sequence[ReportRow]) -> str:
    if not rows:
        return ""
    names = [row.title for row in rows[:MAX_NAMES]]
    more = len(rows) - len(names)
    return format_names([*names, ngettext("one more", "%(num)s more", more)] if more else names)


def intervals_title(report: CellReport) -> str:
    """Return the title of the interval chart."""
    if report.cell.level is Level.REGION and report.strongest:
        values = {"best": report.strongest[0].title, "worst": report.areas_to_improve[0].title}
        return str(_("Most favourable mean: %(best)s; least favourable: %(worst)s", **values))
    compared = [row for row in report.rows_with_numbers if row.comparison is not RegionComparisonOutcome.UNKNOWN]
    if not compared:
        return str(_("Results by dimension"))
    better = [row for row in report.by_gap if row.is_better]
    worse = [row for row in reversed(report.by_gap) if row.is_worse]
    return _differences_title(better, worse)


def _differences_title(better: Sequence[ReportRow], worse: Sequence[ReportRow]) -> str:
    values = {"worse": _names(worse), "better": _names(better)}
    if better and worse:
        text = _("Worse than in the region: %(worse)s; better: %(better)s", **values)
    elif worse:
        text = _("Worse than in the region: %(worse)s", **values)
    elif better:
        text = _("Better than in the region: %(better)s", **values)
    else:
        text = _("No clear difference from the region")
    return str(text)


def shares_title(rows: tuple[ReportRow, ...]) -> str:
    """Return the title of the shares chart: where most answers are unfavourable; else where most are favourable."""
    if len(rows) == 1:
        return _one_title(rows[0])
    worst = max(rows, key=_unfavourable)
    if _unfavourable(worst) > CAP_LOW:
        values = {"title": worst.title, "share": format_capped_share(_unfavourable(worst))}
        return str(_("Most unfavourable answers: %(title)s, %(share)s", **values))
    best = max(rows, key=_favourable)
    values = {"title": best.title, "share": format_capped_share(_favourable(best))}
    return str(_("Most favourable answers: %(title)s, %(share)s", **values))


def _one_title(row: ReportRow) -> str:
    values = {
        "favourable": format_capped_share(_favourable(row)),
        "unfavourable": format_capped_share(_unfavourable(row)),
    }
    return str(_("Favourable %(favourable)s, unfavourable %(unfavourable)s", **values))


def _unfavourable(row: ReportRow) -> int:
    shares = row.figure.distribution
    if shares is None:
        return 0
    return shares.low if row.high_is_good else shares.high


def _favourable(row: ReportRow) -> int:
    shares = row.figure.distribution
    if shares is None:
        return 0
    return shares.high if row.high_is_good else shares.low


def trends_title(report: CellReport) -> str:
    """Say what changed, in a sentence; "within the margin of error" is a result."""
    changed = [row for row in report.rows_with_numbers if row.trend is not None]
    clear = [row for row in changed if _has_label(row, ChangeLabel.CLEAR)]
    if not changed or report.last_at is None:
        return str(_("There is nothing to compare with yet"))
    since = format_month(max((row.trend_since for row in changed if row.trend_since), default=report.last_at))
    if not clear:
        return str(_("No clear change since %(since)s", since=since))
    return str(
        ngettext(
            "One clear change among %(all)s dimensions since %(since)s",
            "%(num)s clear changes among %(all)s dimensions since %(since)s",
            len(clear),
            all=len(changed),
            since=since,
        )
    )


def demand_control_chart_title(report: CellReport) -> str:
    """Return the title of the chart of workload and control."""
    balance = report.balance
    if balance is None or balance.interval is None:
        return str(_("Workload and control"))
    low, high = balance.interval
    if low > 0:
        return str(_("Control outweighs the workload"))
    return str(_("The workload outweighs control") if high < 0 else _("Workload and control are about even"))

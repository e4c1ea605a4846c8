"""What a page says first: the result in a few short sentences, and sentences that stand above the charts."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.publication import ChangeLabel, Level, RegionComparison
from app.services.results.cell_report import CellReport, ReportRow
from app.services.results.number_format import format_month, format_names, format_share

MOST_NAMES = 3


def in_short(report: CellReport) -> list[str]:
    """Return the result in at most three sentences; "nothing differs" and "within the margin of error" are results."""
    said = [*beside_the_region(report), *since_the_last_round(report)]
    return [*said, f"{title_of_plane(report)}."] if report.balance and report.balance.interval else said


def beside_the_region(report: CellReport) -> list[str]:
    """Say which dimensions differ from the region, the better ones first; of the region itself the ends."""
    if report.cell.level is Level.REGION:
        return _ends(report)
    known = [row for row in report.shown if row.against is not RegionComparison.UNKNOWN]
    better = [row for row in known if is_better(row)]
    worse = [row for row in known if is_worse(row)]
    if not known:
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


def since_the_last_round(report: CellReport) -> list[str]:
    """Say what changed clearly, little but certainly, or possibly; where nothing did, say that it cannot be told."""
    changed = [row for row in report.shown if row.trend is not None and row.since is not None]
    if not changed:
        return []
    since = format_month(max(row.since for row in changed if row.since is not None))
    said = []
    for label in (ChangeLabel.CLEAR, ChangeLabel.SMALL, ChangeLabel.POSSIBLE):
        for better in (True, False):
            rows = [row for row in changed if _changed(row, label) and is_for_the_better(row) is better]
            if rows:
                said.append(_change_words(label, better, since=since, names=_names(rows)))
    return said or [_("We cannot say whether anything has changed since %(since)s.", since=since)]


def _change_words(label: ChangeLabel, better: bool, **told: str) -> str:
    if label is ChangeLabel.CLEAR:
        words = (
            _("Clearly better than in %(since)s: %(names)s.", **told)
            if better
            else _("Clearly worse than in %(since)s: %(names)s.", **told)
        )
    elif label is ChangeLabel.SMALL:
        words = (
            _("Small but certain improvement since %(since)s: %(names)s.", **told)
            if better
            else _("Small but certain decline since %(since)s: %(names)s.", **told)
        )
    else:
        words = (
            _("Possibly better than in %(since)s: %(names)s.", **told)
            if better
            else _("Possibly worse than in %(since)s: %(names)s.", **told)
        )
    return str(words)


def _changed(row: ReportRow, label: ChangeLabel) -> bool:
    return row.trend is not None and row.trend.label is label


def is_for_the_better(row: ReportRow) -> bool:
    """Tell whether a scale's number has moved to the good side; what the move is worth, its label says."""
    return row.trend is not None and (row.trend.difference > 0) == row.high_is_good


def is_better(row: ReportRow) -> bool:
    """Tell whether a scale stands better than the region, beyond chance."""
    return row.against is (RegionComparison.HIGHER if row.high_is_good else RegionComparison.LOWER)


def is_worse(row: ReportRow) -> bool:
    """Tell whether a scale stands worse than the region, beyond chance."""
    return row.against is (RegionComparison.LOWER if row.high_is_good else RegionComparison.HIGHER)


def _names(rows: Sequence[ReportRow]) -> str:
    names = [row.title for row in rows[:MOST_NAMES]]
    more = len(rows) - len(names)
    return format_names([*names, ngettext("one more", "%(num)s more", more)] if more else names)


def title_of_intervals(report: CellReport) -> str:
    """Say the first chart in a sentence."""
    if report.cell.level is Level.REGION and report.strongest:
        told = {"best": report.strongest[0].title, "worst": report.weakest[0].title}
        return str(_("Most favourable mean: %(best)s; least favourable: %(worst)s", **told))
    known = [row for row in report.shown if row.against is not RegionComparison.UNKNOWN]
    if not known:
        return str(_("Results by dimension"))
    better = sum(map(is_better, known))
    worse = sum(map(is_worse, known))
    if not better and not worse:
        return str(_("No clear difference from the region"))
    counts = {"better": better, "worse": worse, "all": len(known)}
    return str(_("Of %(all)s dimensions %(better)s better and %(worse)s worse than in the region", **counts))


def title_of_shares(rows: tuple[ReportRow, ...]) -> str:
    """Say the shares in a sentence."""
    best = max(rows, key=_favourable)
    told = {"title": best.title, "share": format_share(_favourable(best))}
    return str(_("Most favourable answers: %(title)s, %(share)s", **told))


def _favourable(row: ReportRow) -> int:
    shares = row.figure.distribution
    if shares is None:
        return 0
    return shares.high if row.high_is_good else shares.low


def title_of_trends(report: CellReport) -> str:
    """Say what changed, in a sentence; "within the margin of error" is a result."""
    changed = [row for row in report.shown if row.trend is not None]
    clear = [row for row in changed if _changed(row, ChangeLabel.CLEAR)]
    if not changed or report.last_at is None:
        return str(_("There is nothing to compare with yet"))
    since = format_month(max((row.since for row in changed if row.since), default=report.last_at))
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


def title_of_plane(report: CellReport) -> str:
    """Say the balance of demands and control in a sentence."""
    balance = report.balance
    if balance is None or balance.interval is None:
        return str(_("Demands and control"))
    low, high = balance.interval
    if low > 0:
        return str(_("Control outweighs demands"))
    return str(_("Demands outweigh control") if high < 0 else _("Demands and control are about even"))

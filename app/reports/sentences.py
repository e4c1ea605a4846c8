"""Sentences about a report in the language of the request; numbers are always explained."""

from collections.abc import Callable
from statistics import median

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.publication import ChangeLabel, Figure, Level, Measure, Participation, RegionComparisonOutcome
from app.reports import placements
from app.reports.history import LineContinuity
from app.reports.interval_reasons import no_difference_despite_interval
from app.reports.number_format import (
    format_band,
    format_effect_size,
    format_mean_and_interval,
    format_month,
    format_number,
    format_points,
    format_signed,
)
from app.reports.questionnaire_change import questionnaire_change_summary
from app.reports.unit_report import CellReport, ReportRow

HOPED_FOR_CHANGE = 5.0  # a change that people hope to see; below this nothing is ever called clear


def participation_and_caution_sentences(report: CellReport) -> list[str]:
    """Return the reading guide: how many answered, and what must not be concluded."""
    silent = [*_non_respondents_note(report), *_worst_case_note(report)]
    moved = changed_communities_cautions(report)
    changes = [*detectable_change_sentences(report), *detectable_change_at_80_percent_power_sentences(report)]
    return [
        *participation_sentences(report),
        *moved,
        *changes,
        *silent,
        _comparisons_note(report),
        *questionnaire_change_summary(report.questionnaire_change, report.titles),
        *incomparable_dimensions_cautions(report),
    ]


def participation_sentences(report: CellReport) -> list[str]:
    """Return how many answered, in bands."""
    part = report.participation
    if part is None or part.answers_band is None:
        return [_("The number of respondents is not shown because it is small.")]
    words = [_("%(band)s people answered.", band=format_band(part.answers_band))]
    if part.everyone_answered:
        words.append(_("Everyone who was invited answered, so the means describe the whole current staff."))
    elif part.response_band is not None:
        invited = part.invited
        values = {"share": format_band(part.response_band), "invited": invited}
        words.append(
            _("Response rate %(share)s %% (%(invited)s invited).", **values)
            if invited is not None
            else _("Response rate %(share)s %%.", share=values["share"])
        )
    if part.covers is not None and part.covers[0] < part.covers[1]:
        values = {"counted": part.covers[0], "all": part.covers[1]}
        words.append(
            _(
                "The figures cover %(counted)s of %(all)s communities; the others are included only in wider results.",
                **values,
            )
        )
    return [*words, *_answered_by_fewer(report)]


def _answered_by_fewer(report: CellReport) -> list[str]:
    """Return which scales have fewer answers or units than the others."""
    texts = []
    for row in report.rows_with_numbers:
        covers = row.figure.covers
        values = {"title": row.title}
        if covers is not None:
            values |= {"counted": str(covers[0]), "all": str(covers[1])}
            texts.append(_("%(title)s covers %(counted)s of %(all)s communities.", **values))
        if row.figure.answers_band is not None:
            texts.append(
                _("“%(title)s” was answered by %(band)s people.", band=format_band(row.figure.answers_band), **values)
            )
    return texts


def changed_communities_cautions(report: CellReport, *, detail: bool = False) -> list[str]:
    """Return a caution if the previous round may have counted other communities.

    `detail` is for single questions, which need more answers.
    """
    now = _covers(report.participation, detail=detail)
    then = _covers(report.before, detail=detail)
    if now is None or then is None or report.last_at is None or (now == then and now[0] == now[1]):
        return []
    values = {"since": format_month(report.last_at), "counted": then[0], "all": then[1]}
    return [
        _(
            "In %(since)s the figures covered %(counted)s of %(all)s communities. If these are not the same "
            "communities as now, that alone can explain a change.",
            **values,
        )
    ]


def _covers(part: Participation | None, *, detail: bool) -> tuple[int, int] | None:
    if part is None:
        return None
    return part.detail_covers if detail else part.covers


def incomparable_dimensions_cautions(report: CellReport) -> list[str]:
    """Return a caution that the dimension with the lowest number is not necessarily the greatest need.

    None without strengths.
    """
    if not report.strongest:
        return []
    return [
        _(
            "Dimensions are measured with different questions, so their numbers cannot be compared exactly with one "
            "another: the lowest number is not necessarily the greatest need."
        )
    ]


def _non_respondents_note(report: CellReport) -> list[str]:
    part = report.participation
    if part is None or part.everyone_answered or not part.silent_shift:
        return []
    return [
        _(
            "We do not know what the others think. If their answers had been 10 points lower on a scale of 0–100, "
            "the means of the whole staff would be at most %(shift)s points lower.",
            shift=format_points(part.silent_shift),
        )
    ]


def _worst_case_note(report: CellReport) -> list[str]:
    """Return the range of the mean of all staff in the worst case; nothing if everyone answered."""
    rows = [row for row in (*report.areas_to_improve, *report.rows_with_numbers) if row.figure.worst_case is not None]
    if not rows or rows[0].figure.worst_case is None:
        return []
    low, high = (format_number(end, rows[0].measure) for end in rows[0].figure.worst_case)
    values = {"title": directed_title(rows[0]), "low": low, "high": high}
    return [
        _(
            "In the extreme case, if all the others had chosen the lowest or the highest option, the mean of the "
            "whole staff would lie between %(low)s and %(high)s (%(title)s).",
            **values,
        )
    ]


def detectable_change_sentences(report: CellReport) -> list[str]:
    """Return the smallest change that a next round of this size could detect."""
    measure, typical = _typical_change(report, lambda figure: figure.smallest_change)
    if measure is None:
        return []
    words = _(
        "A change smaller than about %(least)s points cannot be distinguished from chance.",
        least=format_number(typical, measure),
    )
    if measure.decimals == 0 and typical > HOPED_FOR_CHANGE:
        words += " " + _(
            "A change of %(claim)s points would not be visible.", claim=format_number(HOPED_FOR_CHANGE, measure)
        )
    return [words]


def detectable_change_at_80_percent_power_sentences(report: CellReport) -> list[str]:
    """Return the change that a next round of this size would detect in four cases of five."""
    measure, typical = _typical_change(report, lambda figure: figure.change_seen_mostly)
    if measure is None:
        return []
    words = _(
        "A real change of %(mostly)s points would be detected in four cases out of five.",
        mostly=format_number(typical, measure),
    )
    return [words]


def _typical_change(report: CellReport, change_of: Callable[[Figure], float | None]) -> tuple[Measure | None, float]:
    """Return a measure and the median of a change over the scales, preferring whole-number scales."""
    seen = [(row.measure, change_of(row.figure)) for row in report.rows_with_numbers]
    known_changes = [(measure, change) for measure, change in seen if change is not None]
    whole = [(measure, change) for measure, change in known_changes if measure.decimals == 0]
    chosen = whole or known_changes
    if not chosen:
        return None, 0.0
    return chosen[0][0], median(change for _measure, change in chosen)


def _comparisons_note(report: CellReport) -> str:
    count = len(report.rows_with_numbers)
    return str(
        ngettext(
            "One dimension is shown here.",
            "%(num)s dimensions are shown here. A difference is reported only if it remains when all of them "
            "are taken into account.",
            count,
        )
    )


def scale_result_sentence(row: ReportRow) -> str:
    """Return a scale's mean and interval, compared with the region; it says what a high number means."""
    values = {"title": directed_title(row), "mean": format_mean_and_interval(row.figure, row.measure)}
    text = _("%(title)s: %(mean)s.", **values)
    return f"{text} {region_sentence(row)}".strip()


def region_sentence(row: ReportRow) -> str:
    """Return how a scale compares with the region, and why where the printed interval seems to say otherwise."""
    return f"{_comparison(row)} {no_difference_despite_interval(row)}".strip()


def _comparison(row: ReportRow) -> str:
    """Return how a scale compares with the region; "no clear difference" is a result."""
    if row.region is None or row.region.mean is None:
        return ""
    values = {"mean": format_number(row.region.mean, row.measure)}
    if row.comparison is RegionComparisonOutcome.UNKNOWN:
        return str(_("The region's mean is %(mean)s.", **values))
    if row.comparison is RegionComparisonOutcome.NO_DIFFERENCE:
        return str(_("No clear difference from the region (%(mean)s).", **values))
    text = (
        _("Better than the region (%(mean)s).", **values)
        if row.is_better
        else _("Worse than the region (%(mean)s).", **values)
    )
    return str(text)


def trend_sentence(row: ReportRow) -> str:
    """Return the change since the previous round: clear, small but certain, possible, or unclear."""
    change = row.trend
    if change is None:
        return _no_trend(row)
    values = {
        "change": format_signed(change.difference, row.measure),
        "low": format_signed(change.interval[0], row.measure),
        "high": format_signed(change.interval[1], row.measure),
    }
    if change.label is ChangeLabel.CANNOT_TELL:
        return str(_("The change %(change)s is within the margin of error (%(low)s to %(high)s).", **values))
    better = (change.difference > 0) == row.high_is_good
    if change.label is ChangeLabel.POSSIBLE:
        return str(
            _("Possibly better: %(change)s (%(low)s to %(high)s).", **values)
            if better
            else _("Possibly worse: %(change)s (%(low)s to %(high)s).", **values)
        )
    if change.label is ChangeLabel.SMALL:
        return str(
            _("Small but certain improvement: %(change)s (%(low)s to %(high)s).", **values)
            if better
            else _("Small but certain decline: %(change)s (%(low)s to %(high)s).", **values)
        )
    return str(
        _("Clearly better: %(change)s (%(low)s to %(high)s).", **values)
        if better
        else _("Clearly worse: %(change)s (%(low)s to %(high)s).", **values)
    )


def _no_trend(row: ReportRow) -> str:
    """Return why no change is reported."""
    if all(before.continuity is LineContinuity.NOT_ASKED for before in row.earlier_rounds):
        return str(_("This was asked for the first time."))
    before = row.earlier_rounds[-1]
    if before.figure is None:
        return str(_("No earlier number."))
    reasons = {
        LineContinuity.NOT_ASKED: _("This was not asked in the last survey."),
        LineContinuity.QUESTIONS_CHANGED: _("The questions changed, so the rounds cannot be compared."),
        LineContinuity.LEAD_IN_CHANGED: _("The text above the questions changed, so the rounds cannot be compared."),
        LineContinuity.COMMUNITY_CHANGED: _(
            "The composition of the community has changed, so the rounds cannot be compared."
        ),
        LineContinuity.WHOLE: _("Only a bound is shown for one of the rounds, so the change cannot be calculated."),
    }
    return str(reasons[before.continuity])


def current_staff_change_text(row: ReportRow) -> str:
    """Return whether the mean of the current staff differs from the previous one."""
    interval = None if row.trend is None else row.trend.staff_interval
    if interval is None:
        return "–"
    values = {"low": format_signed(interval[0], row.measure), "high": format_signed(interval[1], row.measure)}
    if interval[0] > 0 or interval[1] < 0:
        return str(_("has changed, between %(low)s and %(high)s", **values))
    return str(_("may be unchanged, between %(low)s and %(high)s", **values))


def standardised_change_text(row: ReportRow) -> str:
    """Return the change since the previous round in standard deviations as text; a dash without one."""
    result = None if row.trend is None else row.trend.effect
    if result is None:
        return "–"
    return format_effect_size(result)


def number_of_tested_changes_sentence(report: CellReport) -> str:
    """Return how many changes were tested together."""
    count = max((row.trend.comparisons for row in report.rows_with_numbers if row.trend is not None), default=0)
    if not count:
        return ""
    return str(
        ngettext(
            "One change was tested.",
            "%(num)s changes were tested together, and the words “clear” and “small but certain” take this into "
            "account (Benjamini–Hochberg).",
            count,
        )
    )


def placement_sentence(row: ReportRow) -> str:
    """Return where a small community lies, without a number, and how certain that is."""
    return placements.placement_text(row.figure.placement, row.placement_chance, high_is_good=row.high_is_good)


def direction_sentence(row: ReportRow) -> str:
    """Return what a high number means where that is not obvious: of a turned question, and where low is good."""
    return direction_text(meaning=row.meaning, high_is_good=row.high_is_good)


def directed_title(row: ReportRow) -> str:
    """Return the title of a scale or question, to stand before a number: it says so where low is good."""
    direction = direction_sentence(row)
    return f"{row.title} ({direction})" if direction else row.title


def direction_text(*, meaning: str, high_is_good: bool) -> str:
    """Return what a high number means: `meaning` is the option that it stands for in a turned question."""
    if meaning:
        return str(_("high = “%(option)s”", option=meaning))
    return "" if high_is_good else str(_("low is good"))


def lower_better_heading() -> str:
    """Return the heading of the scales whose high numbers are bad."""
    return str(_("Lower is better"))


def difference_label(row: ReportRow) -> str:
    """Return in two words how a scale differs from the region, beyond chance; empty without a difference."""
    if row.is_better:
        return str(_("better than the region"))
    return str(_("worse than the region")) if row.is_worse else ""


def cell_legend_label(report: CellReport) -> str:
    """Return the legend text of the cell itself: our community, municipality or region."""
    return {
        Level.COMMUNITY: str(_("Our community")),
        Level.MUNICIPALITY: str(_("Municipality")),
        Level.REGION: str(_("Region")),
    }[report.cell.level]

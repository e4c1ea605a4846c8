"""Sentences about single questions, which never claim more than a single question allows."""

from collections.abc import Sequence
from dataclasses import replace

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.publication import Cell, ChangeLabel, DisclosureState, Level, Publication, RegionComparisonOutcome
from app.reports import sentences
from app.reports.number_format import (
    format_capped_share,
    format_month,
    format_names,
    format_number,
    shares_by_favourability,
)
from app.reports.questions import Question, QuestionGroup, QuestionReport
from app.reports.unit_report import CellReport, ReportRow

MIN_QUESTIONS_FOR_ENDS = 4  # fewer questions need no best and no weakest


def in_quotation_marks(text: str) -> str:
    """Return a question in the quotation marks of the reader's language."""
    return str(_("“%(text)s”", text=text))


def question_summary_sentences(questions: QuestionReport) -> list[str]:
    """Return a summary: extreme questions, differences from the region, and changes."""
    report = questions.report
    texts = _ends(report.rows_with_numbers)
    if report.cell.level is not Level.REGION:
        texts += _region_differences(report.rows_with_numbers)
    return [*texts, *_changes(report.rows_with_numbers)]


def _ends(rows: Sequence[ReportRow]) -> list[str]:
    if len(rows) < MIN_QUESTIONS_FOR_ENDS:
        return []
    ordered = sorted(rows, key=lambda row: row.mean_favourability)
    values = {"best": _with_direction(ordered[-1]), "worst": _with_direction(ordered[0])}
    return [str(_("Most favourable answers: %(best)s. Least favourable: %(worst)s.", **values))]


def _with_direction(row: ReportRow) -> str:
    """Quote a question, noting if low agreement is favourable."""
    direction = sentences.direction_sentence(row)
    return f"{in_quotation_marks(row.title)} ({direction})" if direction else in_quotation_marks(row.title)


def _region_differences(rows: Sequence[ReportRow]) -> list[str]:
    compared = [row for row in rows if row.comparison is not RegionComparisonOutcome.UNKNOWN]
    better = sum(row.is_better for row in compared)
    worse = sum(row.is_worse for row in compared)
    if compared and not better and not worse:
        return [str(_("No single question differs clearly from the region."))]
    values = {"all": len(compared), "better": better, "worse": worse}
    text = _("Of %(all)s questions, %(better)s are better and %(worse)s worse than in the region.", **values)
    return [str(text)] if compared else []


def _changes(rows: Sequence[ReportRow]) -> list[str]:
    changed = [row for row in rows if row.trend is not None and row.trend_since is not None]
    if not changed:
        return []
    since = format_month(max(row.trend_since for row in changed if row.trend_since is not None))
    clear = sum(row.trend is not None and row.trend.label is ChangeLabel.CLEAR for row in changed)
    small = sum(row.trend is not None and row.trend.label is ChangeLabel.SMALL for row in changed)
    if not clear:
        text = _("No question shows a clear change since %(since)s.", since=since)
    else:
        text = ngettext(
            "One clear change among %(all)s questions since %(since)s.",
            "%(num)s clear changes among %(all)s questions since %(since)s.",
            clear,
            all=len(changed),
            since=since,
        )
    texts = [str(text)]
    if small:
        texts.append(str(ngettext("One small but certain change.", "%(num)s small but certain changes.", small)))
    return texts


def question_participation_and_cautions(questions: QuestionReport) -> list[str]:
    """Return how many answered, and what must not be concluded from single questions."""
    report = questions.report
    part = report.participation
    texts = list(sentences.participation_sentences(report))
    if part is not None and part.detail_covers is not None and part.detail_covers[0] < part.detail_covers[1]:
        counted, whole = part.detail_covers
        texts.append(_("Results by question cover %(counted)s of %(all)s communities.", counted=counted, all=whole))
    texts += sentences.changed_communities_cautions(report, detail=True)
    texts.append(
        ngettext(
            "One question is shown here. A single question says less than a dimension.",
            "%(num)s questions are shown here, and a single question says less than a dimension. A difference is "
            "reported only if it remains when all of them are taken into account.",
            len(report.rows_with_numbers),
        )
    )
    return [*texts, *_rounding_note(report)]


def _rounding_note(report: CellReport) -> list[str]:
    rows = [row for row in report.rows_with_numbers if row.figure.grain is not None]
    if not rows or rows[0].figure.grain is None:
        return []
    grain = format_number(rows[0].figure.grain, rows[0].measure)
    text = _(
        "Where few answered, the mean of a single question is rounded to the nearest %(grain)s, "
        "so that nobody's answer can be worked out.",
        grain=grain,
    )
    return [str(text)]


def wider_cell_note(questions: QuestionReport, own: Cell) -> str:
    """Return whose figures these are, if not those of the requested cell; else an empty text."""
    report = questions.report
    if report.cell == own:
        return ""
    values = {"least": report.publication.detail_from, "name": report.name}
    return str(
        _(
            "Results by question are shown only where at least %(least)s people answered each question, so that no "
            "one can be identified. The results below are for %(name)s as a whole.",
            **values,
        )
    )


def no_questions_text(publication: Publication) -> str:
    """Return why no single question is published."""
    least = publication.detail_from
    return str(
        _(
            "No results by question are shown for this round: each question needs at least %(least)s answers.",
            least=least,
        )
    )


def question_group_title(group: QuestionGroup, report: CellReport) -> str:
    """Return a sentence about the questions of one dimension."""
    name = group.title or str(_("Other questions"))
    compared = [row for row in group.shown_rows if row.comparison is not RegionComparisonOutcome.UNKNOWN]
    if report.cell.level is Level.REGION and len(group.shown_rows) > 1:
        worst = min(group.shown_rows, key=lambda row: row.mean_favourability)
        return str(_("%(name)s: least favourable answers to “%(text)s”", name=name, text=worst.title))
    if not compared:
        return name
    better = sum(row.is_better for row in compared)
    worse = sum(row.is_worse for row in compared)
    if not better and not worse:
        return str(_("%(name)s: no clear difference from the region", name=name))
    values = {"name": name, "better": better, "worse": worse, "all": len(compared)}
    return str(_("%(name)s: %(better)s better and %(worse)s worse than in the region, out of %(all)s", **values))


def question_chart_alt_text(row: ReportRow) -> str:
    """Return the text alternative of a question's chart."""
    # "Mean (low is good): 44": the direction stands beside the number, not beside the quotation.
    text = f"{in_quotation_marks(row.title)} {sentences.scale_result_sentence(replace(row, title=_('Mean')))}"
    shares = row.figure.distribution
    if shares is None:
        return text
    unfavourable, neutral, favourable = map(
        format_capped_share, shares_by_favourability(shares, high_is_good=row.high_is_good)
    )
    parts = {"unfavourable": unfavourable, "neutral": neutral, "favourable": favourable}
    message = _("Unfavourable %(unfavourable)s, neutral %(neutral)s, favourable %(favourable)s.", **parts)
    return f"{text} {message}"


def question_group_notes(group: QuestionGroup) -> list[str]:
    """Return notes on a group: meaning of the numbers, reversed questions, and withheld ones."""
    # The meaning of a reversed question is stated next to it and in the note below.
    texts = [*_ranges([question for question in group.questions if not question.row.is_turned])]
    turned = [in_quotation_marks(question.row.title) for question in group.questions if question.row.is_turned]
    if turned:
        texts.append(
            ngettext(
                "Agreement with this question is unfavourable, so it is shown by its meaning: a high number and a "
                "favourable answer mean disagreement. %(names)s",
                "Agreement with these questions is unfavourable, so they are shown by their meaning: a high number and "
                "a favourable answer mean disagreement. %(names)s",
                len(turned),
                names=format_names(turned),
            )
        )
    withheld = [
        in_quotation_marks(question.row.title)
        for question in group.questions
        if question.row.figure.state is not DisclosureState.SHOWN
    ]
    if withheld:
        texts.append(_("Withheld, because too few have answered: %(names)s.", names=format_names(withheld)))
    return texts


def _ranges(questions: Sequence[Question]) -> list[str]:
    """Return which options the ends of the range are, by question only if they differ."""
    result: dict[tuple[str, ...], list[str]] = {}
    for question in questions:
        measure = question.row.measure
        low = format_number(measure.low, measure)
        high = format_number(measure.high, measure)
        result.setdefault((low, question.ends[0], high, question.ends[1]), []).append(
            in_quotation_marks(question.row.title)
        )
    texts = []
    for (low, lowest, high, highest), names in result.items():
        ends = {"low": low, "lowest": lowest, "high": high, "highest": highest}
        text = _("%(low)s is “%(lowest)s” and %(high)s “%(highest)s”.", **ends)
        texts.append(text if len(result) == 1 else f"{format_names(names)}: {text}")
    return texts

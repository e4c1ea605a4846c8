"""What single questions say in sentences; a single question is never read as more than it is."""

from collections.abc import Sequence
from dataclasses import replace

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.publication import Cell, ChangeLabel, DisclosureState, Level, Publication, RegionComparison
from app.services.results import sentences, summaries
from app.services.results.cell_report import CellReport, ReportRow
from app.services.results.number_format import format_month, format_names, format_number, format_share, oriented_shares
from app.services.results.questions import Question, QuestionGroup, QuestionReport

FEWEST_FOR_ENDS = 4  # fewer questions need no best and no weakest


def quoted(text: str) -> str:
    """Put a question between the quotation marks of the reader's language."""
    return str(_("“%(text)s”", text=text))


def in_short(questions: QuestionReport) -> list[str]:
    """Return the result in a few sentences: the ends, how many differ from the region, how many changed."""
    report = questions.reading
    said = _ends(report.shown)
    if report.cell.level is not Level.REGION:
        said += _beside_the_region(report.shown)
    return [*said, *_changes(report.shown)]


def _ends(rows: Sequence[ReportRow]) -> list[str]:
    if len(rows) < FEWEST_FOR_ENDS:
        return []
    ordered = sorted(rows, key=lambda row: row.goodness)
    told = {"best": _with_direction(ordered[-1]), "worst": _with_direction(ordered[0])}
    return [str(_("Most favourable answers: %(best)s. Least favourable: %(worst)s.", **told))]


def _with_direction(row: ReportRow) -> str:
    """Quote a question; where agreeing is a strain, say that few agreed is what is good."""
    direction = sentences.direction_sentence(row)
    return f"{quoted(row.title)} ({direction})" if direction else quoted(row.title)


def _beside_the_region(rows: Sequence[ReportRow]) -> list[str]:
    known = [row for row in rows if row.against is not RegionComparison.UNKNOWN]
    better = sum(map(summaries.is_better, known))
    worse = sum(map(summaries.is_worse, known))
    if known and not better and not worse:
        return [str(_("No single question differs clearly from the region."))]
    told = {"all": len(known), "better": better, "worse": worse}
    words = _("Of %(all)s questions %(better)s better and %(worse)s worse than in the region.", **told)
    return [str(words)] if known else []


def _changes(rows: Sequence[ReportRow]) -> list[str]:
    changed = [row for row in rows if row.trend is not None and row.since is not None]
    if not changed:
        return []
    since = format_month(max(row.since for row in changed if row.since is not None))
    clear = sum(row.trend is not None and row.trend.label is ChangeLabel.CLEAR for row in changed)
    small = sum(row.trend is not None and row.trend.label is ChangeLabel.SMALL for row in changed)
    if not clear:
        words = _("No question shows a clear change since %(since)s.", since=since)
    else:
        words = ngettext(
            "One clear change among %(all)s questions since %(since)s.",
            "%(num)s clear changes among %(all)s questions since %(since)s.",
            clear,
            all=len(changed),
            since=since,
        )
    said = [str(words)]
    if small:
        said.append(str(ngettext("One small but certain change.", "%(num)s small but certain changes.", small)))
    return said


def question_guide(questions: QuestionReport) -> list[str]:
    """Say how many answered, and what may not be concluded from single questions."""
    report = questions.reading
    part = report.participation
    said = list(sentences.participation_sentence(report))
    if part is not None and part.detail_covers is not None and part.detail_covers[0] < part.detail_covers[1]:
        counted, whole = part.detail_covers
        said.append(_("Results by question cover %(counted)s of %(all)s communities.", counted=counted, all=whole))
    said += sentences.other_communities(report, detail=True)
    said.append(
        ngettext(
            "One question is shown here. A single question says less than a dimension.",
            "%(num)s questions are shown here, and a single question says less than a dimension. A difference is "
            "reported only if it remains when all of them are taken into account.",
            len(report.shown),
        )
    )
    return [*said, *_coarseness(report)]


def _coarseness(report: CellReport) -> list[str]:
    rows = [row for row in report.shown if row.figure.grain is not None]
    if not rows or rows[0].figure.grain is None:
        return []
    grain = format_number(rows[0].figure.grain, rows[0].measure)
    words = _(
        "Where few answered, the mean of a single question is rounded to the nearest %(grain)s, "
        "so that nobody's answer can be worked out.",
        grain=grain,
    )
    return [str(words)]


def whose_figures(questions: QuestionReport, own: Cell) -> str:
    """Say whose figures these are, where they are not those of the cell that was asked for; else nothing."""
    report = questions.reading
    if report.cell == own:
        return ""
    told = {"least": report.publication.detail_from, "name": report.name}
    return str(
        _(
            "Results by question are shown only where at least %(least)s people answered each question, so that no "
            "one can be identified. The results below are for %(name)s as a whole.",
            **told,
        )
    )


def no_questions_text(publication: Publication) -> str:
    """Say why no single question is told anywhere."""
    least = publication.detail_from
    return str(
        _(
            "No results by question are shown for this round: each question needs at least %(least)s answers.",
            least=least,
        )
    )


def group_title(group: QuestionGroup, report: CellReport) -> str:
    """Say the questions of one dimension in a sentence."""
    name = group.title or str(_("Other questions"))
    known = [row for row in group.shown if row.against is not RegionComparison.UNKNOWN]
    if report.cell.level is Level.REGION and len(group.shown) > 1:
        worst = min(group.shown, key=lambda row: row.goodness)
        return str(_("%(name)s: least favourable answers to “%(text)s”", name=name, text=worst.title))
    if not known:
        return name
    better = sum(map(summaries.is_better, known))
    worse = sum(map(summaries.is_worse, known))
    if not better and not worse:
        return str(_("%(name)s: no clear difference from the region", name=name))
    told = {"name": name, "better": better, "worse": worse, "all": len(known)}
    return str(_("%(name)s: of %(all)s questions %(better)s better and %(worse)s worse than in the region", **told))


def question_text(row: ReportRow) -> str:
    """Say one question for those who do not see the chart."""
    words = f"{quoted(row.title)} {sentences.standing_out(replace(row, title=_('Mean')))}"
    shares = row.figure.distribution
    if shares is None:
        return words
    unfavourable, neutral, favourable = map(format_share, oriented_shares(shares, high_is_good=row.high_is_good))
    parts = {"unfavourable": unfavourable, "neutral": neutral, "favourable": favourable}
    message = _("Unfavourable %(unfavourable)s, neutral %(neutral)s, favourable %(favourable)s.", **parts)
    return f"{words} {message}"


def group_notes(group: QuestionGroup) -> list[str]:
    """Say what the numbers of a group stand for, which questions are turned in the dimension, and what is withheld."""
    said = [*_ranges(group.questions)]
    reversed_ones = [quoted(question.row.title) for question in group.questions if question.turned]
    if reversed_ones:
        said.append(
            ngettext(
                "This question is worded in the opposite direction. It is reversed when the number of the dimension "
                "is calculated, but shown here as it was answered: %(names)s.",
                "These questions are worded in the opposite direction. They are reversed when the number of the "
                "dimension is calculated, but shown here as they were answered: %(names)s.",
                len(reversed_ones),
                names=format_names(reversed_ones),
            )
        )
    withheld = [
        quoted(question.row.title)
        for question in group.questions
        if question.row.figure.state is not DisclosureState.SHOWN
    ]
    if withheld:
        said.append(_("Withheld, because too few have answered: %(names)s.", names=format_names(withheld)))
    return said


def _ranges(questions: Sequence[Question]) -> list[str]:
    """Say which options the ends of the range are; question by question only where they are not the same."""
    result: dict[tuple[str, ...], list[str]] = {}
    for question in questions:
        measure = question.row.measure
        low = format_number(measure.low, measure)
        high = format_number(measure.high, measure)
        result.setdefault((low, question.ends[0], high, question.ends[1]), []).append(quoted(question.row.title))
    said = []
    for (low, lowest, high, highest), names in result.items():
        ends = {"low": low, "lowest": lowest, "high": high, "highest": highest}
        words = _("%(low)s is “%(lowest)s” and %(high)s “%(highest)s”.", **ends)
        said.append(words if len(result) == 1 else f"{format_names(names)}: {words}")
    return said

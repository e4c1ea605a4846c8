"""Comparability after the questionnaire changed: which trends continue and which start anew.

Everything is read from publications: two measures are compared only if they ask the same
(`Measure.comparison_key`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.publication import MeasureKind, Publication
from app.core.rounds import RoundKind
from app.reports.number_format import format_names


@dataclass(frozen=True, slots=True)
class QuestionnaireChange:
    """How a survey's questions differ from those of the survey before it, by ids of measures.

    `since` is the title of that survey. `continued` scales ask the same, `changed` ones have the name of a scale that
    asked something else, `added` ones are new. `questions` is the number of single questions asked as before.
    """

    since: str
    continued: tuple[str, ...]
    changed: tuple[str, ...]
    added: tuple[str, ...]
    questions: int


def questionnaire_change(publication: Publication, earlier: Sequence[Publication]) -> QuestionnaireChange | None:
    """Return how the questions differ from the last survey among `earlier` (oldest first); None if no scale does.

    A pulse is a choice of questions, so neither is one compared here nor a survey with one.
    """
    surveys = [before for before in earlier if before.kind is RoundKind.SURVEY]
    if publication.kind is not RoundKind.SURVEY or not surveys:
        return None
    before = surveys[-1]
    lines = {measure.comparison_key for measure in before.measures}
    names = {measure.id for measure in before.scales}
    scales = [measure for measure in publication.scales if measure.comparison_key not in lines]
    if before.instrument_digest == publication.instrument_digest or not scales:
        return None
    questions = [measure for measure in publication.measures if measure.kind is MeasureKind.ITEM]
    return QuestionnaireChange(
        since=before.title,
        continued=tuple(measure.id for measure in publication.scales if measure.comparison_key in lines),
        changed=tuple(measure.id for measure in scales if measure.id in names),
        added=tuple(measure.id for measure in scales if measure.id not in names),
        questions=sum(measure.comparison_key in lines for measure in questions),
    )


def questionnaire_change_sentences(change: QuestionnaireChange | None, titles: dict[str, str]) -> list[str]:
    """Return in words what continues and what begins anew; `titles` are the names of scales by id, as shown."""
    if change is None:
        return []
    sentences = [_continued_sentence(change, titles)]
    if change.changed:
        names = _names(change.changed, titles)
        sentences.append(_("Starting again, because the questions are different: %(names)s.", names=names))
    if change.added:
        sentences.append(_("Asked for the first time: %(names)s.", names=_names(change.added, titles)))
    if change.questions:
        sentences.append(
            ngettext(
                "One single question is the same as before.",
                "%(num)s single questions are the same as before and can be compared one by one.",
                change.questions,
            )
        )
    return sentences


def questionnaire_change_summary(change: QuestionnaireChange | None, titles: dict[str, str]) -> list[str]:
    """Return the same in one sentence, for papers and slides."""
    return [] if change is None else [_continued_sentence(change, titles)]


def _continued_sentence(change: QuestionnaireChange, titles: dict[str, str]) -> str:
    if not change.continued:
        text = _(
            "The questionnaire has changed since “%(survey)s”, so no dimension can be compared with earlier surveys.",
            survey=change.since,
        )
    else:
        text = _(
            "The questionnaire has changed since “%(survey)s”. Only these can be compared with earlier surveys: "
            "%(names)s.",
            survey=change.since,
            names=_names(change.continued, titles),
        )
    return str(text)


def _names(scales: Sequence[str], titles: dict[str, str]) -> str:
    return format_names([titles[name] for name in scales if name in titles])

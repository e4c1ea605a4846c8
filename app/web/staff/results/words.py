"""Labels and sentences used by the templates of results."""

from functools import wraps
from inspect import isfunction
from typing import Any

from flask import Flask

from app.core.publication import DisclosureState, Level
from app.reports import highlights, number_format, question_sentences, region_report, sentences, summaries
from app.reports.unit_report import ReportContentKind
from app.web.shared.formats import keep_ranges_unbroken
from app.web.staff.results import reference_words

WORDS = {
    "region_difference_sentences": summaries.region_difference_sentences,
    "change_and_questionnaire_lines": highlights.change_and_questionnaire_lines,
    "questionnaire_change_details": highlights.questionnaire_change_details,
    "also_weaker": highlights.also_weaker_sentence,
    "highlight_words": highlights.highlight_sentence,
    "improvement_heading": highlights.improvement_heading,
    "difference_words": sentences.difference_label,
    "visible_change": sentences.detectable_change_sentences,
    "placement_tone": region_report.placement_tone,
    "lower_better": sentences.lower_better_heading,
    "guide": sentences.participation_and_caution_sentences,
    "answered": sentences.participation_sentences,
    "standing_out": sentences.scale_result_sentence,
    "against_region": sentences.region_sentence,
    "trend_words": sentences.trend_sentence,
    "staff_change": sentences.current_staff_change_text,
    "compared": sentences.number_of_tested_changes_sentence,
    "effect_words": sentences.standardised_change_text,
    "placement_words": sentences.placement_sentence,
    "direction_words": sentences.direction_sentence,
    "direction_text": sentences.direction_text,
    "mean_words": number_format.format_mean,
    "number_words": number_format.format_number,
    "REFERENCE_SIDES": reference_words.SIDES,
    "MAP_SIDES": reference_words.MAP_SIDES,
    "KIND_SIDES": reference_words.KIND_SIDES,
    "interval_words": number_format.format_interval,
    "share_words": number_format.format_share_and_interval,
    "turned_shares": number_format.shares_by_favourability,
    "turned_intervals": number_format.share_intervals_by_favourability,
    "month": number_format.format_month,
    "signed_words": number_format.format_signed,
    "band_words": number_format.format_band,
    "questions_in_short": question_sentences.question_summary_sentences,
    "questions_guide": question_sentences.question_participation_and_cautions,
    "questions_whose": question_sentences.wider_cell_note,
    "questions_title": question_sentences.question_group_title,
    "questions_notes": question_sentences.question_group_notes,
    "no_questions": question_sentences.no_questions_text,
    "quoted": question_sentences.in_quotation_marks,
    "Standing": ReportContentKind,
    "Level": Level,
    "CellState": DisclosureState,
}


def register(app: Flask) -> None:
    """Give the templates of `app` their words for results; no range in them breaks across lines."""
    app.jinja_env.globals.update({name: _for_pages(item) for name, item in WORDS.items()})


def _for_pages(item: Any) -> Any:
    """Return a function whose texts are ready for a page; other things as they are."""
    if not isfunction(item):
        return item

    @wraps(item)
    def words(*arguments: Any, **named: Any) -> Any:
        return _unbroken(item(*arguments, **named))

    return words


def _unbroken(result: Any) -> Any:
    if isinstance(result, str):
        return keep_ranges_unbroken(result)
    if isinstance(result, (tuple, list)) and all(isinstance(part, str) for part in result):
        return [keep_ranges_unbroken(part) for part in result]
    return result

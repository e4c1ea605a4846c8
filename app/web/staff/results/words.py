"""Labels and sentences used by the templates of results."""

from flask import Flask

from app.core.publication import DisclosureState, Level
from app.reports import highlights, number_format, question_sentences, region_report, sentences, summaries
from app.reports.unit_report import ReportKind
from app.web.staff.results import reference_words

WORDS = {
    "region_differences": summaries.region_differences,
    "change_lines": highlights.change_lines,
    "also_weaker": highlights.also_weaker_sentence,
    "highlight_words": highlights.highlight_sentence,
    "difference_words": sentences.difference_label,
    "visible_change": sentences.visible_change,
    "placement_tone": region_report.placement_tone,
    "lower_better": sentences.lower_better_heading,
    "guide": sentences.reading_guide,
    "answered": sentences.participation_sentence,
    "standing_out": sentences.scale_sentence,
    "against_region": sentences.region_sentence,
    "trend_words": sentences.trend_sentence,
    "staff_change": sentences.staff_change,
    "compared": sentences.comparisons_sentence,
    "effect_words": sentences.standardised_change_sentence,
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
    "questions_in_short": question_sentences.question_summary,
    "questions_guide": question_sentences.question_guide,
    "questions_whose": question_sentences.wider_cell_note,
    "questions_title": question_sentences.group_title,
    "questions_notes": question_sentences.group_notes,
    "no_questions": question_sentences.no_questions_text,
    "quoted": question_sentences.in_quotation_marks,
    "Standing": ReportKind,
    "Level": Level,
    "CellState": DisclosureState,
}


def register(app: Flask) -> None:
    """Give the templates of `app` their words for results."""
    app.jinja_env.globals.update(WORDS)

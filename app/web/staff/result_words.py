"""The words that the templates of results ask for."""

from flask import Flask

from app.core.publication import Level, State
from app.services.results import headlines, numbers, question_sentences, sentences
from app.services.results.readings import Standing

WORDS = {
    "in_short": headlines.in_short,
    "guide": sentences.guide,
    "answered": sentences.answered,
    "standing_out": sentences.standing_out,
    "against_region": sentences.against,
    "trend_words": sentences.trend,
    "staff_change": sentences.staff_change,
    "compared": sentences.compared,
    "effect_words": sentences.effect,
    "placement_words": sentences.placement,
    "direction_words": sentences.direction,
    "mean_words": numbers.mean,
    "interval_words": numbers.between,
    "share_words": numbers.share_and_interval,
    "turned_shares": numbers.turned,
    "turned_intervals": numbers.turned_intervals,
    "month": numbers.month,
    "signed_words": numbers.signed,
    "band_words": numbers.band,
    "questions_in_short": question_sentences.in_short,
    "questions_guide": question_sentences.guide,
    "questions_whose": question_sentences.whose,
    "questions_title": question_sentences.title,
    "questions_notes": question_sentences.notes,
    "no_questions": question_sentences.nothing,
    "quoted": question_sentences.quoted,
    "Standing": Standing,
    "Level": Level,
    "CellState": State,
}


def register(app: Flask) -> None:
    """Give the templates of `app` their words for results."""
    app.jinja_env.globals.update(WORDS)

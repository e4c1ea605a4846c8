"""The staff wing, put together."""

from flask import Blueprint, Flask

from app.web.shared import access
from app.web.staff import (
    allocations,
    audit,
    catalogue,
    ceremonies,
    comments,
    contacts,
    dossier,
    effect,
    followup,
    handing_over,
    home,
    imports,
    inbox,
    keysheets,
    letters,
    lost_keys,
    matching,
    meeting_papers,
    meetings,
    navigation,
    networking,
    organisations,
    own_account,
    paces,
    people,
    plans,
    questionnaires,
    questions,
    result_words,
    results,
    reviews,
    rounds,
    seats,
    signin,
    single_signon,
    slips,
    structures,
    support,
    timelines,
    tokens,
    votes,
    weights,
    words,
)

ROOMS: tuple[Blueprint, ...] = (
    signin.blueprint,
    single_signon.blueprint,
    home.blueprint,
    rounds.blueprint,
    questionnaires.blueprint,
    imports.blueprint,
    structures.blueprint,
    ceremonies.blueprint,
    comments.blueprint,
    keysheets.blueprint,
    lost_keys.blueprint,
    slips.blueprint,
    letters.blueprint,
    contacts.blueprint,
    catalogue.blueprint,
    results.blueprint,
    questions.blueprint,
    matching.blueprint,
    dossier.blueprint,
    effect.blueprint,
    meetings.blueprint,
    meeting_papers.blueprint,
    votes.blueprint,
    seats.blueprint,
    allocations.blueprint,
    networking.blueprint,
    weights.blueprint,
    followup.blueprint,
    plans.blueprint,
    reviews.blueprint,
    paces.blueprint,
    timelines.blueprint,
    inbox.blueprint,
    organisations.blueprint,
    support.blueprint,
    people.blueprint,
    handing_over.blueprint,
    audit.blueprint,
    own_account.blueprint,
    tokens.blueprint,
)


def register(app: Flask) -> None:
    """Hang the pages of those who sign in into `app`, each behind its permission."""
    for room in ROOMS:
        app.register_blueprint(room)
    access.guard(app, ROOMS)
    navigation.register(app)
    words.register(app)
    result_words.register(app)

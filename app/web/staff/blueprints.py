"""Register the blueprints of the staff area."""

from flask import Blueprint, Flask

from app.web.shared import access
from app.web.staff import audit, enum_words, navigation
from app.web.staff.accounts import own_account, sign_in, single_signon, tokens
from app.web.staff.catalogue import views as catalogue
from app.web.staff.data_package import views as data_package
from app.web.staff.followup import deadlines as step_deadlines
from app.web.staff.followup import inbox, meeting_papers, meetings, networking, plans, reviews, votes
from app.web.staff.followup import overview as follow_up_overview
from app.web.staff.followup import views as followup
from app.web.staff.home import views as home
from app.web.staff.imports import answers as imports
from app.web.staff.imports import limesurvey as limesurvey_structures
from app.web.staff.matching import dossier, weights
from app.web.staff.matching import views as matching
from app.web.staff.organisations import other_surveys, support
from app.web.staff.organisations import views as organisations
from app.web.staff.people import role_transfer
from app.web.staff.people import views as people
from app.web.staff.questionnaires import views as questionnaires
from app.web.staff.results import comments, effect, municipality, question_map, questions, workbooks
from app.web.staff.results import views as results
from app.web.staff.results import words as result_words
from app.web.staff.rounds import clock, contacts, key_backups, lost_keys, messages, slips
from app.web.staff.rounds import transitions as round_transitions
from app.web.staff.rounds import views as rounds
from app.web.staff.seats import allocations
from app.web.staff.seats import views as seats
from app.web.staff.supply import views as supply

BLUEPRINTS: tuple[Blueprint, ...] = (
    sign_in.blueprint,
    single_signon.blueprint,
    home.blueprint,
    rounds.blueprint,
    questionnaires.blueprint,
    imports.blueprint,
    limesurvey_structures.blueprint,
    round_transitions.blueprint,
    comments.blueprint,
    key_backups.blueprint,
    lost_keys.blueprint,
    clock.blueprint,
    slips.blueprint,
    messages.blueprint,
    contacts.blueprint,
    catalogue.blueprint,
    results.blueprint,
    questions.blueprint,
    question_map.blueprint,
    workbooks.blueprint,
    matching.blueprint,
    municipality.blueprint,
    dossier.blueprint,
    effect.blueprint,
    meetings.blueprint,
    meeting_papers.blueprint,
    votes.blueprint,
    seats.blueprint,
    allocations.blueprint,
    supply.blueprint,
    networking.blueprint,
    weights.blueprint,
    followup.blueprint,
    plans.blueprint,
    reviews.blueprint,
    step_deadlines.blueprint,
    follow_up_overview.blueprint,
    inbox.blueprint,
    organisations.blueprint,
    data_package.blueprint,
    support.blueprint,
    other_surveys.blueprint,
    people.blueprint,
    role_transfer.blueprint,
    audit.blueprint,
    own_account.blueprint,
    tokens.blueprint,
)


def register(app: Flask) -> None:
    """Register the blueprints of the staff area, each view with its permission check."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    access.install_access_control(app, BLUEPRINTS)
    navigation.register(app)
    enum_words.register(app)
    result_words.register(app)

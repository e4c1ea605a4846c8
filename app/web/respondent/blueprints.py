"""Register the blueprints of the respondent area."""

from flask import Blueprint, Flask

from app.services.answering import KeyAvailabilityCache
from app.web.respondent import community, length_padding, own_feedback, self_assessment, statements, views, votes
from app.web.respondent.failed_code_limiter import FailedCodeLimiter
from app.web.respondent.submission_batcher import BatcherRegistry

BLUEPRINTS: tuple[Blueprint, ...] = (
    views.blueprint,
    own_feedback.blueprint,
    self_assessment.blueprint,
    statements.blueprint,
    community.blueprint,
    votes.blueprint,
)


def register(app: Flask) -> None:
    """Register the pages of respondents with `app`."""
    app.extensions[views.FAILED_CODES] = FailedCodeLimiter()
    app.extensions[views.BATCHERS] = BatcherRegistry()
    app.extensions[views.KEY_WATCH] = KeyAvailabilityCache(app.extensions["voimavara"].settings.keys)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
        app.after_request_funcs.setdefault(blueprint.name, []).append(length_padding.pad_response_to_multiple)

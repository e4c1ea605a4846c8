"""What the interface reads and writes, described once: for the answers, the checks and the OpenAPI document."""

from marshmallow import Schema, fields, validate

from app.core.publication import Level

NOTHING_SMALLER = "Null where too few answered: what is too small to print is stored nowhere."


class TextSchema(Schema):
    """One text in three languages."""

    fi = fields.String(required=True)
    sv = fields.String(required=True)
    en = fields.String(required=True)


class RoundSchema(Schema):
    """One released round."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": "survey or pulse"})
    instrument = fields.String(required=True)
    instrument_digest = fields.String(required=True)
    opened_at = fields.AwareDateTime(required=True, allow_none=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
    counted_at = fields.AwareDateTime(required=True)
    k = fields.Integer(required=True, metadata={"description": "Fewest answers behind a number."})


class MeasureSchema(Schema):
    """One scale: what its numbers mean. Equal identities may be compared between rounds, others may not."""

    id = fields.String(required=True)
    title = fields.Nested(TextSchema, required=True)
    identity = fields.String(required=True)
    polarity = fields.String(required=True)
    low = fields.Float(required=True)
    high = fields.Float(required=True)
    decimals = fields.Integer(required=True)
    dimension = fields.String(required=True)


class UnitSchema(Schema):
    """One place that figures are about."""

    level = fields.String(required=True)
    id = fields.String(required=True)
    name = fields.String(required=True)
    municipality = fields.String(required=True, allow_none=True)


class PublicationSchema(RoundSchema):
    """One released round with its scales and the places that the account may read."""

    scales = fields.List(fields.Nested(MeasureSchema), required=True)
    units = fields.List(fields.Nested(UnitSchema), required=True)


class FigureSchema(Schema):
    """One figure as it was printed and frozen."""

    level = fields.String(required=True)
    unit = fields.String(required=True)
    group = fields.String(required=True, allow_none=True, metadata={"description": "Null: everybody there."})
    scale = fields.String(required=True)
    state = fields.String(required=True, metadata={"description": "shown, placement or withheld"})
    answers_band = fields.String(required=True, allow_none=True)
    response_band = fields.String(required=True, allow_none=True)
    mean = fields.Float(required=True, allow_none=True, metadata={"description": NOTHING_SMALLER})
    capped = fields.String(
        required=True, allow_none=True, metadata={"description": "low: at most this mean; high: at least."}
    )
    half_width = fields.Float(required=True, allow_none=True)
    interval = fields.List(
        fields.Float(), required=True, allow_none=True, metadata={"description": "95 %, the staff of now."}
    )
    placement = fields.String(required=True, allow_none=True)


class FigureQuery(Schema):
    """Which of the frozen figures to give; nothing is computed for a question."""

    level = fields.String(validate=validate.OneOf([one.value for one in Level]))
    unit = fields.String(validate=validate.Length(min=1, max=80))
    scale = fields.String(validate=validate.Length(min=1, max=80))
    page = fields.Integer(load_default=1, validate=validate.Range(1, 10_000))
    page_size = fields.Integer(load_default=500, validate=validate.Range(1, 1000))


class PageQuery(Schema):
    """Which page of a list."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 10_000))
    page_size = fields.Integer(load_default=100, validate=validate.Range(1, 1000))


class PageSchema(Schema):
    """Where a page stands in its list."""

    page = fields.Integer(required=True)
    page_size = fields.Integer(required=True)
    total = fields.Integer(required=True)


class FiguresSchema(PageSchema):
    """One page of figures."""

    figures = fields.List(fields.Nested(FigureSchema), required=True)


class SessionSchema(Schema):
    """One sitting."""

    start = fields.AwareDateTime(required=True)
    end = fields.AwareDateTime(required=True)


class OfferingSchema(Schema):
    """One time that a course is held."""

    external_id = fields.String(required=True)
    mode = fields.String(required=True)
    status = fields.String(required=True)
    sessions = fields.List(fields.Nested(SessionSchema), required=True)
    place = fields.String(required=True)
    capacity = fields.Integer(required=True)
    registration_url = fields.String(required=True)


class RelevanceSchema(Schema):
    """How much a course has to do with a dimension, 0-3."""

    dimension = fields.String(required=True)
    value = fields.Integer(required=True)


class CourseSchema(Schema):
    """One course of the public catalogue."""

    external_id = fields.String(required=True)
    title = fields.Nested(TextSchema, required=True)
    description = fields.Nested(TextSchema, required=True)
    area = fields.String(required=True)
    dimensions = fields.List(fields.Nested(RelevanceSchema), required=True)
    target = fields.String(required=True)
    audience = fields.List(fields.String(), required=True)
    evidence_grade = fields.String(required=True)
    languages = fields.List(fields.String(), required=True)
    provider = fields.String(required=True)
    updated_at = fields.AwareDateTime(required=True)
    offerings = fields.List(fields.Nested(OfferingSchema), required=True)


class CoursesSchema(PageSchema):
    """One page of courses."""

    courses = fields.List(fields.Nested(CourseSchema), required=True)


class FaultSchema(Schema):
    """Why a request was not answered."""

    code = fields.Integer(required=True)
    status = fields.String(required=True)
    message = fields.String()
    errors = fields.Dict(keys=fields.String(), metadata={"description": "Where the fault lies, and what to do."})

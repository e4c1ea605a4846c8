"""What the interface writes of the public catalogue."""

from marshmallow import Schema, fields

from app.web.interface.schemas import PageSchema, TextSchema


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

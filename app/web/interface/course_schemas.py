"""API schemas of the public catalogue, course lists and supply plans."""

from marshmallow import Schema, fields

from app.web.interface.schemas import PageSchema, TextSchema


def _note() -> fields.Dict:
    """Return the field of a text by language (fi, sv, en), as `und` where its language is unknown."""
    return fields.Dict(keys=fields.String(), values=fields.String(), required=True)


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
    accessibility = _note()
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
    evidence_note = _note()
    prerequisites = _note()
    led_from_outside = fields.Boolean(required=True)
    languages = fields.List(fields.String(), required=True)
    provider = fields.String(required=True)
    updated_at = fields.AwareDateTime(required=True)
    offerings = fields.List(fields.Nested(OfferingSchema), required=True)


class CoursesSchema(PageSchema):
    """One page of courses."""

    courses = fields.List(fields.Nested(CourseSchema), required=True)


class NeedSchema(Schema):
    """The need of a community in one dimension; 1 is the mean of the region, shares and means are 0-1, good end up."""

    dimension = fields.String(required=True)
    basis = fields.String(required=True)
    need = fields.Float(required=True)
    common = fields.Float(required=True)
    own = fields.Float(required=True)
    impact = fields.Float(required=True)
    reach = fields.Float(required=True)
    adverse = fields.Float(required=True)
    mean = fields.Float(required=True, allow_none=True)
    deviation = fields.Float(required=True, allow_none=True)
    weaker_than_region = fields.Boolean(required=True)


class ListedCourseSchema(Schema):
    """One course on a list: what it is there for, and the seats that can be expected of it."""

    course = fields.String(required=True)
    place = fields.Integer(required=True)
    dimension = fields.String(required=True)
    role = fields.String(required=True)
    gain = fields.Float(required=True)
    seats = fields.Integer(required=True)
    free_seats = fields.Integer(required=True)
    given_seats = fields.Integer(required=True)
    expected_seats = fields.Integer(required=True)
    equal_to_the_one_above = fields.Boolean(required=True)


class UnmetNeedSchema(Schema):
    """A need that no course on the list is about, and why."""

    dimension = fields.String(required=True)
    why = fields.String(required=True)
    greatest = fields.Boolean(required=True)


class CourseListSchema(Schema):
    """The needs and the course list of one community."""

    community = fields.String(required=True)
    municipality = fields.String(required=True)
    staff = fields.Integer(required=True)
    weights = fields.String(required=True)
    needs = fields.List(fields.Nested(NeedSchema), required=True)
    advice = fields.List(fields.String(), required=True)
    courses = fields.List(fields.Nested(ListedCourseSchema), required=True)
    own_order = fields.List(fields.String(), required=True)
    unmet = fields.List(fields.Nested(UnmetNeedSchema), required=True)


class CourseListsSchema(PageSchema):
    """One page of course lists."""

    lists = fields.List(fields.Nested(CourseListSchema), required=True)


class PlannedSchema(Schema):
    """One offering of the supply plan; `offering` is null for a new time of the course."""

    course = fields.String(required=True, allow_none=True)
    offering = fields.String(required=True, allow_none=True)
    times = fields.Integer(required=True)
    seats = fields.Integer(required=True)
    communities = fields.Integer(required=True)
    by_municipality = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    gain = fields.Float(required=True)


class NotPlannedSchema(Schema):
    """What the plan leaves out, and why."""

    course = fields.String(required=True, allow_none=True)
    offering = fields.String(required=True, allow_none=True)
    why = fields.String(required=True)


class FloorSchema(Schema):
    """The seats that a municipality was promised, and the price of the promise as a share of the gain."""

    municipality = fields.String(required=True)
    floor = fields.Integer(required=True)
    promised = fields.Integer(required=True)
    seats = fields.Integer(required=True)
    price = fields.Float(required=True)
    interval = fields.List(fields.Float(), required=True)


class NextBestSchema(Schema):
    """What would add most to the plan."""

    course = fields.String(required=True, allow_none=True)
    offering = fields.String(required=True, allow_none=True)
    gain = fields.Float(required=True)
    seats = fields.Integer(required=True)
    money = fields.Float(required=True)
    hours = fields.Float(required=True)


class SupplyPlanSchema(Schema):
    """The newest supply plan; gains, gap and reach are shares (0-1)."""

    made_at = fields.AwareDateTime(required=True)
    seats = fields.Integer(required=True)
    money = fields.Float(required=True)
    hours = fields.Float(required=True)
    gap = fields.Float(required=True)
    reach = fields.Float(required=True)
    held = fields.List(fields.Nested(PlannedSchema), required=True)
    not_held = fields.List(fields.Nested(NotPlannedSchema), required=True)
    floors = fields.List(fields.Nested(FloorSchema), required=True)
    next_best = fields.List(fields.Nested(NextBestSchema), required=True)

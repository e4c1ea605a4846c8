"""API schemas (marshmallow) for requests and responses; the OpenAPI document is made from them."""

from marshmallow import Schema, fields, validate

from app.core.publication import Level

NOTHING_SMALLER = "Null where too few answered: what is too small to print is stored nowhere."


def _ends(description: str) -> fields.List[float]:
    """Describe an interval: its lower and its upper end."""
    return fields.List(
        fields.Float(),
        required=True,
        allow_none=True,
        validate=validate.Length(equal=2),
        metadata={"description": description},
    )


class TextSchema(Schema):
    """One text in three languages."""

    fi = fields.String(required=True)
    sv = fields.String(required=True)
    en = fields.String(required=True)


class RoundSchema(Schema):
    """One released round."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)
    titles = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "The title by language; `und` where its language is unknown."},
    )
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


class QuestionSchema(MeasureSchema):
    """One single question: its text, its scale, and the labels of the ends of its range."""

    scale = fields.String(required=True, allow_none=True, metadata={"description": "Null: it belongs to no scale."})
    turned = fields.Boolean(
        required=True,
        metadata={"description": "Worded in the opposite direction: reversed in its scale, but not in these figures."},
    )
    lowest = fields.Nested(TextSchema, required=True)
    highest = fields.Nested(TextSchema, required=True)


class QualitySchema(Schema):
    """Reliability and agreement of one scale, from the pooled answers of the region; see docs/methods.md."""

    scale = fields.String(required=True)
    items = fields.Integer(required=True)
    alpha = fields.Float(required=True, allow_none=True, metadata={"description": "Spearman-Brown for two items."})
    alpha_interval = _ends("95 %, Feldt.")
    omega = fields.Float(required=True, allow_none=True)
    icc1 = fields.Float(required=True, allow_none=True)
    icc2 = fields.Float(required=True, allow_none=True)
    rwg_median = fields.Float(required=True, allow_none=True)
    communities_differ = fields.Boolean(required=True, allow_none=True)


class UnitSchema(Schema):
    """One unit that figures are about: the region, a municipality, or a community."""

    level = fields.String(required=True)
    id = fields.String(required=True)
    name = fields.String(required=True)
    municipality = fields.String(required=True, allow_none=True)


class PublicationSchema(RoundSchema):
    """One released round with its scales, its single questions, and the units that the account may read."""

    scales = fields.List(fields.Nested(MeasureSchema), required=True)
    questions = fields.List(fields.Nested(QuestionSchema), required=True)
    units = fields.List(fields.Nested(UnitSchema), required=True)
    quality = fields.List(
        fields.Nested(QualitySchema),
        required=True,
        allow_none=True,
        metadata={"description": "Null for accounts that read single communities only."},
    )


class SharesSchema(Schema):
    """How many answers lie in each third of the range, per cent to the nearest five; 10 is at most, 90 at least."""

    low = fields.Integer(required=True)
    middle = fields.Integer(required=True)
    high = fields.Integer(required=True)
    intervals = fields.List(
        fields.List(fields.Integer(), validate=validate.Length(equal=2)),
        required=True,
        allow_none=True,
        metadata={"description": "95 % intervals of the three shares, in that order."},
    )


class ChangeSchema(Schema):
    """The change of a published mean since an earlier round, computed from published numbers only."""

    since_round = fields.Integer(required=True)
    difference = fields.Float(required=True)
    interval = _ends("95 %, of working conditions: each round taken as a sample.")
    label = fields.String(required=True, metadata={"description": "clear, small_but_certain, possible or cannot_tell"})
    staff_interval = _ends("95 %, of the mean of the staff; null where everyone answered.")
    effect = fields.Float(required=True, allow_none=True, metadata={"description": "Hedges g, to a tenth."})
    comparisons = fields.Integer(required=True, metadata={"description": "How many changes the label allows for."})


class BaseFigureSchema(Schema):
    """The cell of a figure (level, unit, staff group), and its disclosure state."""

    level = fields.String(required=True)
    unit = fields.String(required=True)
    group = fields.String(required=True, allow_none=True, metadata={"description": "Null: all staff of the unit."})
    state = fields.String(required=True, metadata={"description": "shown, placement or withheld"})
    answers_band = fields.String(required=True, allow_none=True)
    response_band = fields.String(required=True, allow_none=True)


class PublishedFigureSchema(BaseFigureSchema):
    """One published figure; it never changes."""

    mean = fields.Float(required=True, allow_none=True, metadata={"description": NOTHING_SMALLER})
    capped = fields.String(
        required=True, allow_none=True, metadata={"description": "low: at most this mean; high: at least."}
    )
    grain = fields.Float(
        required=True, allow_none=True, metadata={"description": "Rounding step of the mean, where few answered."}
    )
    half_width = fields.Float(required=True, allow_none=True)
    interval = _ends("95 %, the staff of now; null where everyone answered.")
    interval_conditions = _ends("95 %, working conditions in general, of which the staff of now are a sample.")
    worst_case = _ends("Range of the mean of all staff, whatever the non-respondents would have answered.")
    smallest_change = fields.Float(
        required=True, allow_none=True, metadata={"description": "Smaller changes cannot be distinguished from chance."}
    )
    change_seen_mostly = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "A true change of this size is seen in four cases of five; null in old rounds."},
    )
    shares = fields.Nested(SharesSchema, required=True, allow_none=True)
    changes = fields.List(fields.Nested(ChangeSchema), required=True)


class SameKindSchema(Schema):
    """The mean of the communities of one kind whose own mean is published, five or more."""

    kind = fields.String(required=True, metadata={"description": "early_childhood, school or upper_secondary"})
    communities = fields.Integer(required=True)
    mean = fields.Float(required=True)
    capped = fields.String(
        required=True, allow_none=True, metadata={"description": "low: at most this mean; high: at least."}
    )
    grain = fields.Float(required=True, allow_none=True)


class FigureSchema(PublishedFigureSchema):
    """One scale in one unit."""

    scale = fields.String(required=True)
    placement = fields.String(
        required=True, allow_none=True, metadata={"description": "below, same (no clear difference) or above"}
    )
    placement_chance = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "How likely a placement below or above is true, 0-1; null where it is not known."},
    )
    compare_with = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "The mean shrunk towards that of the region: the fewer the answers, the more."},
    )
    same_kind = fields.Nested(
        SameKindSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Null for levels other than communities, and if fewer than five means are published."},
    )


class QuestionFigureSchema(PublishedFigureSchema):
    """One single question in one unit; never reversed."""

    question = fields.String(required=True)


class QuadrantsSchema(Schema):
    """Shares of people by demands and control, per cent to the nearest five; 10 is at most, 90 at least."""

    high_strain = fields.Integer(required=True)
    active = fields.Integer(required=True)
    passive = fields.Integer(required=True)
    low_strain = fields.Integer(required=True)
    intervals = fields.List(
        fields.List(fields.Integer(), validate=validate.Length(equal=2)),
        required=True,
        allow_none=True,
        metadata={"description": "95 % intervals of the four shares, in that order."},
    )


class StrainSchema(Schema):
    """Demands and control combined, in one unit."""

    level = fields.String(required=True)
    unit = fields.String(required=True)
    group = fields.String(required=True, allow_none=True)
    shares = fields.Nested(QuadrantsSchema, required=True, allow_none=True)
    balance = fields.Float(
        required=True, allow_none=True, metadata={"description": "The mean of control minus that of demands."}
    )
    balance_interval = _ends("From the intervals of the two means; wider than 95 % needs.")


class PlaceQuery(Schema):
    """Filter by level and unit; published figures are selected, and none is computed for a request."""

    level = fields.String(validate=validate.OneOf([each_level.value for each_level in Level]))
    unit = fields.String(validate=validate.Length(min=1, max=80))
    page = fields.Integer(load_default=1, validate=validate.Range(1, 10_000))
    page_size = fields.Integer(load_default=500, validate=validate.Range(1, 1000))


class FigureQuery(PlaceQuery):
    """Filter by scale, level and unit."""

    scale = fields.String(validate=validate.Length(min=1, max=80))


class QuestionQuery(PlaceQuery):
    """Filter by single question, level and unit."""

    question = fields.String(validate=validate.Length(min=1, max=80))


class PageQuery(Schema):
    """Page number and size."""

    page = fields.Integer(load_default=1, validate=validate.Range(1, 10_000))
    page_size = fields.Integer(load_default=100, validate=validate.Range(1, 1000))


class PageSchema(Schema):
    """Position of a page in its list."""

    page = fields.Integer(required=True)
    page_size = fields.Integer(required=True)
    total = fields.Integer(required=True)


class FiguresSchema(PageSchema):
    """One page of figures."""

    figures = fields.List(fields.Nested(FigureSchema), required=True)


class QuestionFigurePageSchema(PageSchema):
    """One page of single questions."""

    questions = fields.List(fields.Nested(QuestionFigureSchema), required=True)


class StrainsSchema(PageSchema):
    """One page of demands and control."""

    strain = fields.List(fields.Nested(StrainSchema), required=True)


class FaultSchema(Schema):
    """Error response."""

    code = fields.Integer(required=True)
    status = fields.String(required=True)
    message = fields.String()
    errors = fields.Dict(keys=fields.String(), metadata={"description": "The errors by location and field."})

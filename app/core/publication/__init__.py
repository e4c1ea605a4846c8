"""Publications: disclosure-controlled results, the only source for pages, charts, files and e-mails.

A publication is made once, by `core.counting`, and stored as JSON. It contains nothing that is too small to
publish. Rounding, caps and bands are already applied.
"""

from app.core.publication.changes import interval_for_changes
from app.core.publication.codec import FORMAT, InvalidPublication, digest, digest_of_json, from_json, to_json
from app.core.publication.figures import (
    MIN_POSSIBLE_COUNTS,
    MIN_RATE_ANSWERS,
    Balance,
    Capped,
    Cell,
    CommunityKindMean,
    DisclosureState,
    Distribution,
    Figure,
    Impact,
    ImpactWeight,
    Level,
    Measure,
    MeasureKind,
    Participation,
    Placement,
    Quadrants,
    RegionQuality,
    Trend,
    default_unit_coverage,
)
from app.core.publication.latest import RegionResults, ReleasedSurveys, SurveyResult
from app.core.publication.lazy_publication import LazyPublication, PartSource
from app.core.publication.lead_ins import with_lead_ins
from app.core.publication.parts import (
    PartEntry,
    PartText,
    PublicationHeader,
    SplitPublication,
    matches_publication_digest,
    split_publication,
    split_publication_json,
)
from app.core.publication.placed import placement_chance
from app.core.publication.publication import AttackCheck, Publication, StoredPublication
from app.core.publication.region_comparison import (
    RegionComparisonOutcome,
    compare_measures_with_region,
    compare_scales_with_kind_mean,
)
from app.core.stats.change import ChangeLabel

__all__ = [
    "FORMAT",
    "MIN_POSSIBLE_COUNTS",
    "MIN_RATE_ANSWERS",
    "AttackCheck",
    "Balance",
    "Capped",
    "Cell",
    "ChangeLabel",
    "CommunityKindMean",
    "DisclosureState",
    "Distribution",
    "Figure",
    "Impact",
    "ImpactWeight",
    "InvalidPublication",
    "LazyPublication",
    "Level",
    "Measure",
    "MeasureKind",
    "PartEntry",
    "PartSource",
    "PartText",
    "Participation",
    "Placement",
    "Publication",
    "PublicationHeader",
    "Quadrants",
    "RegionComparisonOutcome",
    "RegionQuality",
    "RegionResults",
    "ReleasedSurveys",
    "SplitPublication",
    "StoredPublication",
    "SurveyResult",
    "Trend",
    "compare_measures_with_region",
    "compare_scales_with_kind_mean",
    "default_unit_coverage",
    "digest",
    "digest_of_json",
    "from_json",
    "interval_for_changes",
    "matches_publication_digest",
    "placement_chance",
    "split_publication",
    "split_publication_json",
    "to_json",
    "with_lead_ins",
]

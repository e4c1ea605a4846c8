"""What passed the gate, frozen: the only source of every page, chart, file, mail and ranking.

A publication is made once, by `core.counting`, and stored as JSON. Nothing that is too small to
print is in it. Precision, caps and bands are already those of print.
"""

from app.core.publication.codec import FORMAT, InvalidPublication, digest, digest_of_json, from_json, to_json
from app.core.publication.figures import (
    FEWEST_COUNTS,
    RATE_FROM,
    Balance,
    Capped,
    Cell,
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
    usual_covers,
)
from app.core.publication.latest import LatestSurveys, RegionResults, SurveyResult
from app.core.publication.lead_ins import with_lead_ins
from app.core.publication.placed import placement_chance
from app.core.publication.publication import AttackCheck, Publication, StoredPublication
from app.core.publication.region_comparison import RegionComparison, compare_with_region
from app.core.stats.change import ChangeLabel

__all__ = [
    "FEWEST_COUNTS",
    "FORMAT",
    "RATE_FROM",
    "AttackCheck",
    "Balance",
    "Capped",
    "Cell",
    "ChangeLabel",
    "DisclosureState",
    "Distribution",
    "Figure",
    "Impact",
    "ImpactWeight",
    "InvalidPublication",
    "LatestSurveys",
    "Level",
    "Measure",
    "MeasureKind",
    "Participation",
    "Placement",
    "Publication",
    "Quadrants",
    "RegionComparison",
    "RegionQuality",
    "RegionResults",
    "StoredPublication",
    "SurveyResult",
    "Trend",
    "compare_with_region",
    "digest",
    "digest_of_json",
    "from_json",
    "placement_chance",
    "to_json",
    "usual_covers",
    "with_lead_ins",
]

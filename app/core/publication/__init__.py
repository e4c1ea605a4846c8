"""What passed the gate, frozen: the only source of every page, chart, file, mail and ranking.

A publication is made once, by `core.counting`, and stored as JSON. Nothing that is too small to
print is in it. Precision, caps and bands are already those of print.
"""

from app.core.publication.beside import Against, beside_region
from app.core.publication.codec import FORMAT, PublicationUnreadable, digest, from_json, seal_of, to_json
from app.core.publication.figures import (
    FEWEST_COUNTS,
    RATE_FROM,
    Balance,
    Capped,
    Cell,
    Distribution,
    Figure,
    Level,
    Measure,
    MeasureKind,
    Participation,
    Placement,
    Quadrants,
    RegionQuality,
    State,
    Trend,
    usual_covers,
)
from app.core.publication.latest import LatestSurveys, RegionResults, SurveyResult
from app.core.publication.lead_ins import with_lead_ins
from app.core.publication.placed import placement_chance
from app.core.publication.whole import Check, Publication, StoredPublication
from app.core.stats.change import Change

__all__ = [
    "FEWEST_COUNTS",
    "FORMAT",
    "RATE_FROM",
    "Against",
    "Balance",
    "Capped",
    "Cell",
    "Change",
    "Check",
    "Distribution",
    "Figure",
    "LatestSurveys",
    "Level",
    "Measure",
    "MeasureKind",
    "Participation",
    "Placement",
    "Publication",
    "PublicationUnreadable",
    "Quadrants",
    "RegionQuality",
    "RegionResults",
    "State",
    "StoredPublication",
    "SurveyResult",
    "Trend",
    "beside_region",
    "digest",
    "from_json",
    "placement_chance",
    "seal_of",
    "to_json",
    "usual_covers",
    "with_lead_ins",
]

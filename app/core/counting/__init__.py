"""From opened ballots to a frozen publication: the only door that answers go out through."""

from app.core.counting.ceremony import count
from app.core.counting.checking import valid_counts
from app.core.counting.collected import Collected, CountRefused
from app.core.counting.forecast import RESPONSES, Forecast, forecast
from app.core.counting.preflight import Preflight, preflight

__all__ = [
    "RESPONSES",
    "Collected",
    "CountRefused",
    "Forecast",
    "Preflight",
    "count",
    "forecast",
    "preflight",
    "valid_counts",
]

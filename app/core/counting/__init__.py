"""From opened ballots to a frozen publication: the only door that answers go out through."""

from app.core.counting.ceremony import count
from app.core.counting.collected import Collected, CountRefused
from app.core.counting.preflight import Preflight, preflight

__all__ = ["Collected", "CountRefused", "Preflight", "count", "preflight"]

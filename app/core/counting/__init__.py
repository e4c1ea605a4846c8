"""Counting: turns opened ballots into a frozen publication; answers leave the system in no other way."""

from app.core.counting.attack_check import valid_counts
from app.core.counting.forecast import RESPONSES, Forecast, forecast
from app.core.counting.opened_ballots import CountError, OpenedBallots
from app.core.counting.preflight import Preflight, preflight
from app.core.counting.publication_builder import build_publication

__all__ = [
    "RESPONSES",
    "CountError",
    "Forecast",
    "OpenedBallots",
    "Preflight",
    "build_publication",
    "forecast",
    "preflight",
    "valid_counts",
]

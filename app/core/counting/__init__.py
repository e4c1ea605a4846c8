"""Counting: turn decrypted ballots into a publication; answers leave the system in no other form."""

from app.core.counting.attack_check import valid_answers_by_scale
from app.core.counting.ballot_sums import BallotSums, empty_ballot_sums, sum_ballots, sum_ballots_of_units
from app.core.counting.forecast import RESPONSES, Forecast, forecast_at_response_rate
from app.core.counting.opened_ballots import CountError, OpenedBallots
from app.core.counting.preflight import Preflight, preflight
from app.core.counting.publication_builder import build_publication

__all__ = [
    "RESPONSES",
    "BallotSums",
    "CountError",
    "Forecast",
    "OpenedBallots",
    "Preflight",
    "build_publication",
    "empty_ballot_sums",
    "forecast_at_response_rate",
    "preflight",
    "sum_ballots",
    "sum_ballots_of_units",
    "valid_answers_by_scale",
]

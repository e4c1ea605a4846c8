"""`/metrics` for Prometheus, protected by a bearer token."""

import hmac
from collections.abc import Iterator

from flask import Blueprint, Flask, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from app.services import answering, clock_jumps, metrics
from app.services.metrics import ServiceMetrics
from app.store.database import read_session
from app.web.shared.app_context import now, settings

blueprint = Blueprint("metrics", __name__)


def register(app: Flask) -> None:
    """Register the URL of the metrics."""
    app.register_blueprint(blueprint)


@blueprint.get("/metrics")
def show() -> tuple[bytes, int, dict[str, str]]:
    """Return the metrics for Prometheus; 404 without the right token."""
    token = settings().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        abort(404)
    with read_session() as session:
        service_metrics = metrics.collect_metrics(session, now=now())
        jump = clock_jumps.find_jump(session, now=now())
        keyless = answering.rounds_without_key_host(session, keys=settings().keys, now=now())
    # Own registry: the default one reports process metrics, whose CPU time reveals when people answer.
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(service_metrics, len(keyless), has_clock_jump=jump is not None))
    return generate_latest(registry), 200, {"Content-Type": CONTENT_TYPE_LATEST}


class _Figures:
    def __init__(self, watched: ServiceMetrics, rounds_without_key: int, *, has_clock_jump: bool) -> None:
        self._watched = watched
        self._rounds_without_key = rounds_without_key
        self._has_clock_jump = has_clock_jump

    def collect(self) -> Iterator[GaugeMetricFamily]:
        service_metrics = self._watched
        yield _by("rounds", "Rounds by state", "state", service_metrics.rounds)
        yield _one("rounds_late", "Rounds that the clock should have moved on an hour ago", service_metrics.late_rounds)
        yield _one(
            "rounds_uncleaned", "Counted rounds whose remnants are not wiped yet", service_metrics.uncleaned_rounds
        )
        yield _one("rounds_without_key", "Rounds that no host that is alive can open", self._rounds_without_key)
        began = {job: moment.timestamp() for job, moment in service_metrics.last_jobs.items()}
        yield _by("job_last_began_timestamp_seconds", "When each job last began", "job", began)
        yield _by("mail_batches", "Batches of messages by state", "state", service_metrics.mail_batches)
        yield _one(
            "mail_setbacks", "How often the mail server has failed in a row, at most", service_metrics.mail_setbacks
        )
        yield _one(
            "allocations_waiting",
            "Allocations of seats that wait or are worked on",
            service_metrics.waiting_allocations,
        )
        yield _one(
            "clock_jump",
            "1 while scheduled tasks wait for a person who confirms the time",
            self._has_clock_jump,
        )
        if service_metrics.has_clock_skew is not None:
            yield _one(
                "clock_apart",
                "1 where this host's clock is half a minute off the database's",
                service_metrics.has_clock_skew,
            )


def _one(name: str, message: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"voimavara_{name}", message, value=value)


def _by(name: str, message: str, label: str, values: dict[str, int] | dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"voimavara_{name}", message, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family

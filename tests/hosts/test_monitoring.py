"""The alert rules and the dashboard of deploy/monitoring ask for metrics that /metrics has, and for no others."""

import json
import re
from datetime import UTC, datetime

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest

from app.config import ROOT
from app.services.metrics import ServiceMetrics
from app.web.shared.metrics import _Figures

MONITORING = ROOT / "deploy" / "monitoring"
ALERTS = MONITORING / "alerts.yaml"
RULES = [rule for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]
PANELS = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))["panels"]
METRIC = re.compile(r"\bvoimavara_\w+")


@pytest.fixture(scope="module")
def metrics():
    """Every metric of /metrics with the labels that it may have."""
    began = {"close_due": datetime(2026, 11, 24, tzinfo=UTC)}
    registry = CollectorRegistry(auto_describe=False)
    watched = ServiceMetrics({"open": 1}, 0, 0, began, {"done": 1}, 0, 0, has_clock_skew=True)
    registry.register(_Figures(watched, rounds_without_key=0, has_clock_jump=False))
    lines = [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]
    return {re.split(r"[{ ]", line)[0]: set(re.findall(r"(\w+)=", line)) for line in lines}


def asked(expression):
    return set(METRIC.findall(expression))


def expressions():
    return [rule["expr"] for rule in RULES] + [target["expr"] for panel in PANELS for target in panel["targets"]]


def test_every_metric_that_is_asked_for_is_there_with_its_labels(metrics):
    for expression in expressions():
        assert asked(expression) <= metrics.keys(), expression
        for name, labels in re.findall(r"(voimavara_\w+)\{([^}]*)\}", expression):
            assert set(re.findall(r"(\w+)\s*=", labels)) <= metrics[name], expression


def test_every_metric_but_the_rounds_has_an_alert_and_every_one_a_panel(metrics):
    alerted = set().union(*(asked(rule["expr"]) for rule in RULES))
    shown = set().union(*(asked(target["expr"]) for panel in PANELS for target in panel["targets"]))
    assert alerted == metrics.keys() - {"voimavara_rounds", "voimavara_mail_batches"}
    assert shown == metrics.keys()


def test_every_alert_says_what_is_wrong_and_what_to_do():
    for rule in RULES:
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["remedy"].endswith(".")
    assert len({rule["alert"] for rule in RULES}) == len(RULES)


def test_no_panel_lies_on_another():
    taken = [
        (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
        for panel in PANELS
        for x in range(panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["h"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24

"""Search engines may index the catalogue and nothing else."""

from urllib.robotparser import RobotFileParser

import pytest


@pytest.fixture
def rules(app):
    answer = app.test_client().get("/robots.txt")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert "Set-Cookie" not in answer.headers
    parser = RobotFileParser()
    parser.parse(answer.text.splitlines())
    return parser


@pytest.mark.parametrize("path", ["/courses/", "/courses/TYO-01", "/static/style.css"])
def test_the_catalogue_may_be_found(rules, path):
    assert rules.can_fetch("any", path)


@pytest.mark.parametrize("path", ["/", "/fi/", "/sv/vote", "/staff/sign-in", "/api/v1/rounds", "/metrics", "/readyz"])
def test_nothing_else_may_be_found(rules, path):
    assert not rules.can_fetch("any", path)

"""How the dimensions go together with wellbeing: on the region's page and in files, and never said to cause it."""

import json
import re
from dataclasses import replace

import pytest
from flask_babel import force_locale

from app.core.accounts import Grant, Role
from app.core.languages import Language
from app.core.publication import Impact, ImpactWeight
from app.reports import exports
from app.reports.impact_report import relative_weight_report
from app.reports.workbooks import PublicationWorkbook
from tests.publications import WELLBEING, made, store
from tests.web.staff_client import signed_in

CAUSES = {
    "en": r"\bcaus|\bbecause of\b|\blead(s)? to better\b|\bimproves?\b",
    "fi": r"\baiheutta|\bsyynä\b|\bparantaa\b",
    "sv": r"\borsak|\bberor på\b|\bförbättrar\b",
}


def impact_of(*weights):
    """Weights of the questionnaire's scales, each (weight, low, high)."""
    scales = [scale.id for scale in WELLBEING.scales if scale.dimension not in ("wellbeing", "")]
    parts = tuple(ImpactWeight(name, one[0], one[1:]) for name, one in zip(scales, weights, strict=False))
    return Impact(outcome="wellbeing", weights=parts, explained=0.5)


CLEAR = impact_of((0.2, 0.1, 0.3), (0.5, 0.4, 0.6), (0.3, 0.2, 0.4))
UNCLEAR = impact_of((0.3, 0.1, 0.5), (0.4, 0.2, 0.6), (0.3, 0.1, 0.4))
TIED = impact_of((0.35, 0.2, 0.5), (0.35, 0.2, 0.5), (0.3, 0.1, 0.4))


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def english(app):
    with app.test_request_context("/?lang=en"), force_locale("en"):
        yield


def read(publication, impact):
    return relative_weight_report(replace(publication, impact=impact), instrument=WELLBEING, language=Language.EN)


def test_the_rows_are_those_of_the_publication_largest_first(frozen):
    report = read(frozen, CLEAR)
    assert [row.weight for row in report.rows] == [50, 30, 20]
    assert [row.interval for row in report.rows] == [(40, 60), (20, 40), (10, 30)]
    assert report.explained == 50
    assert report.equal == pytest.approx(100 / 3)


@pytest.mark.parametrize(("impact", "clear", "leaders"), [(CLEAR, True, 1), (UNCLEAR, False, 1), (TIED, False, 2)])
def test_a_first_place_is_named_alone_only_where_intervals_do_not_overlap(frozen, impact, clear, leaders):
    report = read(frozen, impact)
    assert report.leads_clearly is clear
    assert len(report.titles_with_largest_weight) == leaders


def test_fewer_than_300_answers_have_no_weights_and_nothing_is_said(app, session):
    publication = made(1, others=5)
    assert publication.counted < 300
    assert publication.impact is None
    number = store(session, publication).round
    page = signed_in(app, Grant(Role.COORDINATOR)).get(f"/staff/results/{number}").text
    assert "What is linked with wellbeing" not in page
    assert "impact-bar" not in page


@pytest.mark.parametrize("impact", [CLEAR, UNCLEAR, TIED])
@pytest.mark.parametrize("language", ["en", "fi", "sv"])
def test_the_page_says_what_goes_together_and_never_what_is_a_cause(app, session, frozen, impact, language):
    number = store(session, replace(frozen, impact=impact)).round
    page = signed_in(app, Grant(Role.COORDINATOR)).get(f"/staff/results/{number}?lang={language}").text
    section = re.search(r'<section aria-labelledby="impact">.*?</section>', page, re.DOTALL)[0]
    assert {"en": "are linked", "fi": "yhteydessä", "sv": "hänger ihop"}[language] in section
    assert not re.search(CAUSES[language], section, re.IGNORECASE)
    for weight in impact.weights:
        ends = "–".join(str(round(100 * end)) for end in weight.interval)
        assert f"{ends} %" in section


def test_files_hold_the_weights_and_old_publications_none(frozen, english):
    told = replace(frozen, impact=CLEAR)
    plain = json.loads(exports.export_json(told))["impact"]
    assert [weight["weight"] for weight in plain["weights"]] == [0.2, 0.5, 0.3]
    assert json.loads(exports.export_json(replace(frozen, impact=None)))["impact"] is None

    def sheet(publication):
        book = PublicationWorkbook(
            publication, [publication.region_cell], WELLBEING, Language.EN, {}, with_quality=True
        )
        return dict(book.sheets()).get("Link with wellbeing")

    assert [row[1:] for row in sheet(told)[1:]] == [(50, 40, 60), (30, 20, 40), (20, 10, 30)]
    assert sheet(replace(frozen, impact=None)) is None


def test_the_weights_of_a_real_count_are_shown(app, session, frozen):
    publication = made(1, others=20)
    assert publication.impact is not None
    number = store(session, publication).round
    page = signed_in(app, Grant(Role.COORDINATOR)).get(f"/staff/results/{number}").text
    assert page.count("impact-bar") == len(publication.impact.weights)
    principal = signed_in(app, Grant(Role.PRINCIPAL, "south", "pine"), email="p@example.test")
    assert "impact-bar" not in principal.get(f"/staff/results/{number}/community/pine").text

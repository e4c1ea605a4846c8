"""Programs read single questions, and everything that is printed of a figure, within the scope of their account."""

import pytest
import schemathesis

from app.core.accounts import Grant, Role
from app.core.audit import AuditEvent, AuditFilter
from app.core.publication import Cell, DisclosureState, Level, MeasureKind
from app.reports import read_access
from app.store import audit
from tests.publications import WELLBEING, made, store
from tests.web.test_interface import COORDINATOR, PRINCIPAL, read, token_of

NUMBERS = ("mean", "half_width", "interval", "interval_conditions", "worst_case", "smallest_change", "shares", "grain")


@pytest.fixture(scope="module")
def frozen():
    first = made(1)
    return first, made(2, lift=0.4, earlier=(first,), days=365)


@pytest.fixture
def stored(session, frozen):
    return [store(session, one) for one in frozen][-1]


def asked(app, address, headers, **query):
    words = "&".join(f"{name}={value}" for name, value in query.items())
    return read(app, f"{address}?page_size=1000&{words}", headers).json


def every_page(app, address, headers, name):
    first = asked(app, address, headers)
    pages = -(-first["total"] // 1000)
    return [row for page in range(pages) for row in asked(app, address, headers, page=page + 1)[name]]


def test_a_coordinator_reads_every_question_as_it_was_printed(app, session, stored):
    _who, headers = token_of(session, COORDINATOR)
    rows = every_page(app, f"rounds/{stored.round}/questions", headers, "questions")
    told = {(Cell(Level(row["level"]), row["unit"], row["group"]), row["question"]): row for row in rows}
    items = [measure.id for measure in stored.measures if measure.kind is MeasureKind.ITEM]
    assert set(told) == {(part.cell, item) for part in stored.participation for item in items}
    assert len(stored.items) > 100
    for figure in stored.items:
        row = told.pop((figure.cell, figure.measure))
        shares = figure.distribution
        assert (row["state"], row["mean"], row["grain"]) == ("shown", figure.mean, figure.grain)
        assert row["shares"] == {
            "low": shares.low, "middle": shares.middle, "high": shares.high,
            "intervals": [list(ends) for ends in shares.intervals],
        }  # fmt: skip
        assert [one["difference"] for one in row["changes"]] == [one.difference for one in figure.trends]
    assert told and all(row["state"] == "withheld" for row in told.values())
    assert all(not row["changes"] and not any(row[name] for name in NUMBERS) for row in told.values())


def test_a_figure_carries_all_that_is_printed_of_it(app, session, stored):
    _who, headers = token_of(session, COORDINATOR)
    (row,) = asked(app, f"rounds/{stored.round}/figures", headers, unit="pine", scale="control")["figures"]
    figure = stored.figure(Cell(Level.COMMUNITY, "pine"), "control")
    assert row["interval_conditions"] == list(figure.interval_conditions)
    assert (row["worst_case"], row["compare_with"]) == (list(figure.worst_case), figure.shrunken)
    (change,) = row["changes"]
    (trend,) = figure.trends
    assert (change["since_round"], change["difference"], change["label"]) == (1, trend.difference, trend.label.value)
    assert change["staff_interval"] == list(trend.staff_interval)


def test_a_principal_reads_the_own_questions_and_those_of_the_wholes_around(app, session, stored):
    _who, headers = token_of(session, PRINCIPAL)
    rows = asked(app, f"rounds/{stored.round}/questions", headers)["questions"]
    assert {row["unit"] for row in rows} == {"pine", "south", "region"}
    assert {row["group"] for row in rows} == {None}


@pytest.mark.parametrize("query", ["unit=fir", "level=community&unit=fir", "unit=north", "unit=fir&question=c1"])
def test_asking_for_a_neighbour_s_questions_gives_nothing(app, session, stored, query):
    _who, headers = token_of(session, PRINCIPAL)
    assert read(app, f"rounds/{stored.round}/questions?{query}", headers).json["questions"] == []


def test_the_neighbour_s_questions_are_read_where_place_is_not_asked_for(app, session, stored, monkeypatch):
    monkeypatch.setattr(read_access, "may_read", lambda *_arguments: True)
    _who, headers = token_of(session, PRINCIPAL)
    assert read(app, f"rounds/{stored.round}/questions?unit=fir", headers).json["questions"]


def test_a_small_community_has_no_question_with_a_number(app, session, stored):
    _who, headers = token_of(session, Grant(Role.PRINCIPAL, "north", "fir"))
    rows = asked(app, f"rounds/{stored.round}/questions", headers, unit="fir")["questions"]
    assert rows and {row["state"] for row in rows} == {"withheld"}  # twelve answers: means of scales, and no more
    assert stored.disclosure_state_of(Cell(Level.COMMUNITY, "fir")) is DisclosureState.SHOWN


def test_a_round_says_what_its_questions_mean_in_three_languages(app, session, stored):
    _who, headers = token_of(session, PRINCIPAL)
    told = {one["id"]: one for one in read(app, f"rounds/{stored.round}", headers).json["questions"]}
    assert list(told) == [measure.id for measure in stored.measures if measure.kind is MeasureKind.ITEM]
    for item in WELLBEING.items:
        one = told[item.id]
        assert [one["title"][word] for word in ("fi", "sv", "en")] == [item.text.fi, item.text.sv, item.text.en]
        assert (one["lowest"]["fi"], one["highest"]["sv"]) == (item.options[0].label.fi, item.options[-1].label.sv)
    turned = {item for scale in WELLBEING.scales for item in scale.reversed}
    assert {name for name, one in told.items() if one["turned"]} == turned
    assert told["control_order"]["scale"] == "control"


def test_a_filter_that_belongs_elsewhere_is_refused_with_its_name(app, session, stored):
    _who, headers = token_of(session, COORDINATOR)
    answer = read(app, f"rounds/{stored.round}/questions?scale=control", headers)
    assert answer.status_code == 422
    assert "scale" in answer.json["errors"]["query"]


def test_taking_questions_stands_in_the_audit_log(app, session, stored):
    who, headers = token_of(session, PRINCIPAL)
    read(app, f"rounds/{stored.round}/questions", headers)
    entry = audit.entries(session, AuditFilter(event=AuditEvent.RESULTS_EXPORTED))[0]
    assert (entry.account, entry.subject.split()[0]) == (who.id, f"round:{stored.round}")


def test_demands_and_control_are_those_that_were_printed(app, session, stored):
    _who, headers = token_of(session, COORDINATOR)
    rows = asked(app, f"rounds/{stored.round}/strain", headers)["strain"]
    told = {Cell(Level(row["level"]), row["unit"], row["group"]): row for row in rows}
    assert set(told) == {one.cell for one in (*stored.quadrants, *stored.balances)}
    for one in stored.quadrants:
        shares = told[one.cell]["shares"]
        assert (shares["high_strain"], shares["low_strain"]) == (one.high_strain, one.low_strain)
        assert shares["intervals"] == [list(ends) for ends in one.intervals]
    for one in stored.balances:
        assert told[one.cell]["balance"] == one.difference
    _who, own = token_of(session, PRINCIPAL, email="own@example.test")
    mine = asked(app, f"rounds/{stored.round}/strain", own)["strain"]
    assert {row["unit"] for row in mine} == {"pine", "south", "region"}


def test_reliability_is_for_those_who_may_read_it_on_its_page(app, session, stored):
    _who, wide = token_of(session, COORDINATOR)
    _who, own = token_of(session, PRINCIPAL, email="own@example.test")
    told = read(app, f"rounds/{stored.round}", wide).json["quality"]
    assert [(one["scale"], one["alpha"]) for one in told] == [(one.scale, one.alpha) for one in stored.quality]
    assert read(app, f"rounds/{stored.round}", own).json["quality"] is None


@pytest.mark.parametrize("query", [{}, {"level": "community"}, {"unit": "tiny"}, {"unit": "pine", "page_size": 1}])
def test_what_a_released_round_answers_is_what_the_document_promises(app, session, stored, query):
    """The round that is really there, not only numbers drawn at random: shown, placed and withheld figures alike."""
    _who, headers = token_of(session, COORDINATOR)
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for word in ("figures", "questions", "strain"):
        path = f"/api/v1/rounds/{{number}}/{word}"
        case = document[path]["GET"].Case(path_parameters={"number": int(stored.round)}, query=query, headers=headers)
        answer = case.call()
        assert answer.status_code == 200
        case.validate_response(answer)

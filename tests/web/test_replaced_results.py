"""A second import of the same people replaces the first or is refused; what was replaced is printed nowhere."""

import pytest

from app.core.accounts import Grant, Role
from app.core.audit import AuditEvent, AuditFilter
from app.core.counting import figure_columns
from app.core.disclosure import overlaps
from app.core.rounds import RoundError
from app.services import rounds as moves
from app.services import tokens
from app.store import audit, publications, rounds
from app.store.database import database, write_session
from app.store.overlaps import stored_publications
from tests.conftest import NOON
from tests.web.staff_client import add_account, signed_in
from tests.web.test_imports_pages import HEAD, ITEMS, carried_by, stored, try_files

BECAUSE = "One form had been left out."
PLACES = {"pine": (15, 12), "large": (90, 60)}
INVITED = "community,municipality,invited\n" + "\n".join(f"{name},town,{size}" for name, (size, _) in PLACES.items())


def answers(late=0):
    """Forms of every place; the late ones of the small place give the highest answer to everything."""
    rows = [
        f"{name},," + ",".join(str(1 + (n + k) % 4) for k in range(len(ITEMS)))
        for name, (_, most) in PLACES.items()
        for n in range(most)
    ]
    return "\n".join([HEAD, *rows, *["pine,," + ",".join(["4"] * len(ITEMS))] * late])


def imported(client, *, because=None, **changed):
    values = {"answers": answers(), "invited": INVITED} | changed
    page = try_files(client, **values)
    assert page.status_code == 200, page.text
    sent = {"files": carried_by(page)} | ({} if because is None else {"because": because})
    return page, client.post("/staff/imports/count", data=sent)


def numbers():
    return [one.id for one in rounds.rounds(database.session())]


@pytest.fixture
def coordinator(app):
    return signed_in(app, Grant(Role.COORDINATOR))


@pytest.fixture
def first(coordinator):
    imported(coordinator)
    (number,) = numbers()
    with write_session() as session:
        moves.release(session, number, now=NOON)
    return number


@pytest.fixture
def second(coordinator, first):
    imported(coordinator, title_en="Corrected", answers=answers(late=1), because=BECAUSE)
    return next(one for one in numbers() if one != first)


def test_the_page_says_what_is_replaced_before_it_is(coordinator, first):
    before = stored()
    page = try_files(coordinator, title_en="Corrected", answers=answers(late=1), invited=INVITED)
    assert page.status_code == 200
    assert "This replaces “Paper round”" in page.text and "Replace and count" in page.text
    assert stored() == before
    assert publications.find_replacement(database.session(), first) is None


@pytest.mark.parametrize("because", [None, "", "  "])
def test_without_a_reason_nothing_is_replaced(coordinator, first, because):
    before = stored()
    _page, done = imported(coordinator, title_en="Corrected", because=because)
    assert done.status_code == 422 and "covers the same people and period" in done.text
    assert stored() == before
    assert publications.find_replacement(database.session(), first) is None


def test_the_first_is_printed_nowhere_and_says_what_replaced_it(coordinator, first, second):
    page = coordinator.get(f"/staff/results/{first}")
    assert page.status_code == 410
    assert BECAUSE in page.text and f"/staff/results/{second}" in page.text
    for address in ("community/pine", "community/pine/figures.csv", "figures.csv", "quality"):
        answer = coordinator.get(f"/staff/results/{first}/{address}")
        assert answer.status_code == 410, address
    assert coordinator.get(f"/staff/results/{second}").status_code == 200
    assert BECAUSE in coordinator.get(f"/staff/rounds/{first}").text
    with pytest.raises(RoundError), write_session() as session:
        moves.release(session, first, now=NOON)


@pytest.mark.parametrize(
    ("language", "words"), [("fi", "Nämä tulokset on korvattu"), ("sv", "De här resultaten har ersatts")]
)
def test_it_says_so_in_every_language(app, first, second, language, words):
    reader = signed_in(app, Grant(Role.COORDINATOR), language=language, email="other@example.org")
    assert words in reader.get(f"/staff/results/{first}").text


def test_the_audit_log_tells_who_replaced_what(coordinator, first, second):
    (entry,) = audit.entries(database.session(), AuditFilter(event=AuditEvent.ROUND_REPLACED))
    assert entry.subject == f"round:{first} by:{second}"
    assert entry.account is not None


def test_programs_are_told_and_given_nothing(app, coordinator, first, second):
    with write_session() as session:
        moves.release(session, second, now=NOON)
        who = add_account(Grant(Role.COORDINATOR), email="program@example.org")
        word = tokens.create_token(session, who.id, "report", lasts=(NOON.replace(year=2027) - NOON), now=NOON)
    headers = {"Authorization": f"Bearer {word}"}
    client = app.test_client()
    assert [one["id"] for one in client.get("/api/v1/rounds", headers=headers).json] == [second]
    for address in ("", "/figures", "/questions", "/strain"):
        answer = client.get(f"/api/v1/rounds/{first}{address}", headers=headers)
        assert answer.status_code == 410, address
        assert BECAUSE in answer.json["message"] and "figures" not in answer.json


def test_the_command_line_exports_it_no_more(app, coordinator, first, second):
    told = app.test_cli_runner().invoke(args=["results", "export", str(first)])
    assert told.exit_code and BECAUSE in told.output
    assert app.test_cli_runner().invoke(args=["results", "export", str(second)]).exit_code == 0


def test_a_correction_holds_every_community_of_the_first(coordinator, first):
    only = "\n".join(line for line in answers().splitlines() if not line.startswith("large"))
    page = try_files(
        coordinator, title_en="Corrected", answers=only, invited="community,municipality,invited\npine,town,15"
    )
    assert page.status_code == 422 and "which also contains large" in page.text


def test_another_period_is_another_round(coordinator, first):
    page, done = imported(coordinator, title_en="Next year", opened="2027-09-01", closed="2027-09-30")
    assert done.status_code == 302 and "This replaces" not in page.text
    assert publications.replacements_by_round(database.session()) == {}


def test_what_both_together_would_tell_is_refused_where_the_first_was_read(coordinator, first, monkeypatch):
    monkeypatch.setattr(figure_columns, "rounding_step", lambda *_: None)
    days = {"opened": "2025-09-01", "closed": "2025-09-30"}
    imported(coordinator, title_en="Whole numbers", **days)
    number = next(one for one in numbers() if one != first)
    with write_session() as session:
        moves.release(session, number, now=NOON)
    before = stored()
    page = try_files(
        coordinator,
        title_en="Late form",
        opened="2025-09-01",
        closed="2025-09-30",
        answers=answers(late=1),
        invited=INVITED,
    )
    assert page.status_code == 422 and "Read together, the two would reveal" in page.text
    assert stored() == before


def test_what_nobody_read_is_replaced_without_an_attack(coordinator, monkeypatch):
    imported(coordinator)
    monkeypatch.setattr(overlaps, "attack_union", None)
    _page, done = imported(coordinator, title_en="Corrected", because=BECAUSE)
    assert done.status_code == 302


def test_what_was_looked_at_before_its_release_counts_as_read(coordinator):
    imported(coordinator)
    (number,) = numbers()
    assert [one.is_read for one in stored_publications(database.session())] == [False]
    database.session().rollback()
    assert coordinator.get(f"/staff/results/{number}").status_code == 200
    assert [one.is_read for one in stored_publications(database.session())] == [True]

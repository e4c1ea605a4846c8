"""Programs read what was printed for the account behind their token, and nothing else."""

from datetime import timedelta

import pytest
import schemathesis
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from app.core.accounts import Grant, Role
from app.core.audit import AuditEvent, AuditFilter
from app.reports import read_access
from app.services import accounts, tokens
from app.store import audit
from app.store import tokens as kept
from tests.conftest import NOON
from tests.publications import made, store
from tests.web.staff_client import add_account, client_of, signed_in

PRINCIPAL = Grant(Role.PRINCIPAL, "south", "pine")
COORDINATOR = Grant(Role.COORDINATOR)


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture
def stored(session, frozen):
    return store(session, frozen)


def token_of(session, *grants, lasts=timedelta(days=30), **who):
    who = add_account(*grants, **who)
    word = tokens.create_token(session, who.id, "report", lasts=lasts, now=NOON)
    session.commit()
    return who, {"Authorization": f"Bearer {word}"}


def read(app, address, headers):
    return app.test_client().get(f"/api/v1/{address}", headers=headers)


def units(answer, level="community"):
    return {row["unit"] for row in answer.json["figures"] if row["level"] == level}


def test_a_coordinator_reads_every_frozen_figure_as_it_was_printed(app, session, stored):
    _who, headers = token_of(session, COORDINATOR)
    answer = read(app, f"rounds/{stored.round}/figures?page_size=1000", headers)
    assert answer.json["total"] == len(stored.figures) == len(answer.json["figures"])
    for row in answer.json["figures"]:
        found = next(
            one
            for one in stored.figures
            if (one.cell.level, one.cell.unit, one.cell.group, one.measure)
            == (row["level"], row["unit"], row["group"], row["scale"])
        )
        assert row["mean"] == found.mean
        assert row["state"] == found.state.value


def test_a_principal_reads_the_own_community_and_the_wholes_around_it(app, session, stored):
    _who, headers = token_of(session, PRINCIPAL)
    answer = read(app, f"rounds/{stored.round}/figures?page_size=1000", headers)
    assert units(answer) == {"pine"}
    assert units(answer, "municipality") == {"south"}
    assert all(row["group"] is None for row in answer.json["figures"])
    assert [one["id"] for one in read(app, f"rounds/{stored.round}", headers).json["units"]] == [
        "region", "south", "pine",
    ]  # fmt: skip


@pytest.mark.parametrize("query", ["unit=fir", "level=community&unit=fir", "unit=north", "unit=tiny&scale=control"])
def test_asking_for_a_neighbour_gives_nothing(app, session, stored, query):
    _who, headers = token_of(session, PRINCIPAL)
    assert read(app, f"rounds/{stored.round}/figures?{query}", headers).json["figures"] == []


def test_the_neighbour_is_read_where_place_is_not_asked_for(app, session, stored, monkeypatch):
    monkeypatch.setattr(read_access, "may_read", lambda *_arguments: True)
    _who, headers = token_of(session, PRINCIPAL)
    assert read(app, f"rounds/{stored.round}/figures?unit=fir", headers).json["figures"]


def test_filters_choose_and_pages_follow_one_another(app, session, stored):
    _who, headers = token_of(session, COORDINATOR)
    address = f"rounds/{stored.round}/figures?scale=control&page_size=7"
    total = read(app, address, headers).json["total"]
    pages = [read(app, f"{address}&page={page + 1}", headers).json["figures"] for page in range(total // 7 + 1)]
    rows = [row for page in pages for row in page]
    assert len(rows) == total == len({(row["level"], row["unit"], row["group"]) for row in rows})
    assert {row["scale"] for row in rows} == {"control"}


def test_an_unknown_filter_is_refused_with_its_name(app, session, stored):
    _who, headers = token_of(session, COORDINATOR)
    answer = read(app, f"rounds/{stored.round}/figures?staff_group=teachers", headers)
    assert answer.status_code == 422
    assert "staff_group" in answer.json["errors"]["query"]


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer ", "Bearer wrong", "Basic abc", "wrong"])
def test_without_a_token_nothing_is_read(app, stored, header):
    headers = {} if header is None else {"Authorization": header}
    here = f"rounds/{stored.round}"
    for address in ("rounds", here, f"{here}/figures", f"{here}/questions", f"{here}/strain"):
        answer = read(app, address, headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_cookie_opens_nothing_here(app, stored):
    client = signed_in(app, COORDINATOR)
    word = client.get_cookie("voimavara", path="/staff").value
    client.set_cookie("voimavara", word, path="/")
    assert client.get("/api/v1/rounds").status_code == 401


def test_a_token_ends_with_its_day_its_account_and_its_withdrawal(app, session, stored):
    who, headers = token_of(session, COORDINATOR)
    _other, short = token_of(session, COORDINATOR, lasts=timedelta(0), email="short@example.test")
    assert read(app, "rounds", short).status_code == 401
    assert read(app, "rounds", headers).json
    (own,) = tokens.tokens_of_account(session, who.id)
    assert tokens.revoke_token(session, who.id, own.id, now=NOON)
    assert read(app, "rounds", headers).status_code == 401
    another = {
        "Authorization": f"Bearer {tokens.create_token(session, who.id, 'x', lasts=timedelta(days=1), now=NOON)}"
    }
    assert read(app, "rounds", another).status_code == 200
    accounts.close(session, who.id, by=None, now=NOON)
    assert read(app, "rounds", another).status_code == 401


def test_a_token_loses_what_its_account_loses(app, session, stored):
    who, headers = token_of(session, COORDINATOR, PRINCIPAL)
    accounts.revoke_role(session, who.id, COORDINATOR, by=None, now=NOON)
    assert units(read(app, f"rounds/{stored.round}/figures?page_size=1000", headers)) == {"pine"}
    accounts.revoke_role(session, who.id, PRINCIPAL, by=None, now=NOON)
    assert read(app, f"rounds/{stored.round}/figures", headers).status_code == 404
    assert read(app, "rounds", headers).json == []


def test_what_is_not_released_is_not_there(app, session, frozen):
    store(session, frozen, released=False)
    _who, headers = token_of(session, COORDINATOR)
    assert read(app, "rounds", headers).json == []
    assert read(app, f"rounds/{frozen.round}/figures", headers).status_code == 404


def test_what_a_program_takes_stands_in_the_trail(app, session, stored):
    who, headers = token_of(session, PRINCIPAL)
    read(app, f"rounds/{stored.round}/figures", headers)
    entry = audit.entries(session, AuditFilter(event=AuditEvent.RESULTS_EXPORTED))[0]
    assert (entry.account, entry.subject.split()[0]) == (who.id, f"round:{stored.round}")
    assert tokens.tokens_of_account(session, who.id)[0].used_on == NOON.date()


def test_only_digests_of_tokens_are_kept(app, session, stored):
    _who, headers = token_of(session, PRINCIPAL)
    word = headers["Authorization"].removeprefix("Bearer ")
    (row,) = session.query(kept.TokenRow).all()
    assert word.encode() not in row.digest
    assert word not in row.name


def test_a_token_is_made_seen_once_and_withdrawn_on_the_own_page(app, session, stored):
    who = add_account(PRINCIPAL)
    client = client_of(app, who)
    page = client.post("/staff/account/tokens/", data={"name": "monthly report", "days": "30"})
    word = page.text.split('class="key-sheet">')[1].split("<")[0]
    assert read(app, "rounds", {"Authorization": f"Bearer {word}"}).status_code == 200
    listed = client.get("/staff/account/tokens/")
    assert "monthly report" in listed.text
    assert word not in listed.text
    (own,) = tokens.tokens_of_account(session, who.id)
    stranger = client_of(app, add_account(COORDINATOR, email="other@example.test"))
    assert stranger.post(f"/staff/account/tokens/{own.id}/withdraw").status_code == 404
    assert client.post(f"/staff/account/tokens/{own.id}/withdraw").status_code == 302
    assert read(app, "rounds", {"Authorization": f"Bearer {word}"}).status_code == 401


def test_the_eleventh_token_is_refused_with_a_remedy(app, session):
    who = add_account(PRINCIPAL)
    for number in range(10):
        tokens.create_token(session, who.id, str(number), lasts=timedelta(days=1), now=NOON)
    session.commit()
    answer = client_of(app, who).post("/staff/account/tokens/", data={"name": "one more", "days": "30"})
    assert answer.status_code == 422
    assert "First withdraw one" in answer.text


def test_answers_are_what_the_document_promises(app, session, stored):
    """Ask whatever the OpenAPI document allows, and much that it does not; no answer may break it."""
    _who, headers = token_of(session, COORDINATOR)
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    asked = set()

    @document.auth()
    class Bearer:
        def get(self, _case, _context):
            return headers["Authorization"]

        def set(self, case, word, _context):
            case.headers = {**(case.headers or {}), "Authorization": word}

    for operation in document.get_all_operations():

        @hypothesis_settings(max_examples=12, deadline=None, derandomize=True, database=None)
        @given(case=operation.ok().as_strategy())
        def keeps_its_word(case):
            case.call_and_validate()
            asked.add(case.operation.path.removeprefix("/api/v1"))

        keeps_its_word()
    assert asked == {
        "/rounds",
        "/rounds/{number}",
        "/rounds/{number}/figures",
        "/rounds/{number}/questions",
        "/rounds/{number}/strain",
        "/courses",
        "/matching/lists",
        "/matching/supply",
    }

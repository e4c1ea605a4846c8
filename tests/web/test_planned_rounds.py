"""A planned round is changed, copied and deleted; an opened one is not; nobody overwrites what another changed."""

from dataclasses import replace

import pytest

from app.core.accounts import Grant, Role
from app.core.audit import AuditEvent, AuditFilter
from app.core.languages import Language
from app.core.mail import InvitedAddress, MessagePurpose, SenderIdentity
from app.core.organisations import Community, CommunityKind, Municipality
from app.core.rounds import KeyMode, RoundError, RoundFault, RoundId, RoundKind, RoundState
from app.services import followup, mail, rounds
from app.store import audit, contacts
from app.store import followup as pulse_store
from app.store import organisations as store
from app.store import rounds as round_store
from app.store.database import database
from tests.databases import both_databases
from tests.services.factories import opened, plan
from tests.web.open_round import open_round
from tests.web.staff_client import signed_in
from tests.web.test_followup_pages import looked_at

FORM = {
    "title_en": "Autumn round",
    "instrument": "wellbeing",
    "opens_on": "2026-11-24",
    "closes_on": "2026-12-04",
    "key_mode": "automatic",
}


@pytest.fixture
def client(app, session):
    store.upsert(
        session,
        municipalities=[Municipality("m1", "Järvelä")],
        communities=[Community("c1", "Järvelän koulu", "m1", CommunityKind.SCHOOL, {"teachers": 12})],
        region=("region", "Lakeland"),
    )
    session.commit()
    found = signed_in(app, Grant(Role.COORDINATOR))
    assert found.post("/staff/rounds/plan", data=FORM).status_code == 302
    return found


def seen(page):
    return page.split('name="seen"')[1].split('value="')[1].split('"')[0]


def current():
    database.session.commit()
    return rounds.get_round(database.session(), RoundId(1))


def test_what_was_planned_stands_in_the_form_and_is_changed(app, client):
    page = looked_at(client, "/staff/rounds/1/edit")
    assert 'value="Autumn round"' in page and 'value="2026-11-24"' in page
    changed = FORM | {"title_en": "Winter round", "closes_on": "2026-12-11", "key_mode": "trustee", "comments": "y"}
    assert client.post("/staff/rounds/1/edit", data=changed | {"seen": seen(page)}).status_code == 302
    stands = current()
    assert (stands.title, stands.key_mode, stands.comments) == ("Winter round", KeyMode.TRUSTEE, True)
    assert stands.closes_at.date().isoformat() == "2026-12-11"
    assert audit.entries(database.session(), limit=1)[0].event is AuditEvent.ROUND_PREPARED


def test_what_another_changed_meanwhile_is_not_overwritten(client):
    page = client.get("/staff/rounds/1/edit").text
    client.post("/staff/rounds/1/edit", data=FORM | {"title_en": "First", "seen": seen(page)})
    refused = client.post("/staff/rounds/1/edit", data=FORM | {"title_en": "Second", "seen": seen(page)})
    assert refused.status_code == 422 and "Someone else changed or opened this round" in refused.text
    assert client.post("/staff/rounds/1/delete", data={"seen": seen(page)}).status_code == 302
    assert current().title == "First"


def test_a_planned_round_is_deleted_after_confirmation_with_its_addresses(client, session):
    contacts.upsert(session, RoundId(1), [InvitedAddress("a@example.test", "c1", Language.FI)])
    contacts.set_sender(session, RoundId(1), SenderIdentity("Town", "town@example.test"))
    for purpose in (MessagePurpose.THANKS, MessagePurpose.RELEASED):
        mail.plan_thanks_or_results_news(session, rounds.get_round(session, RoundId(1)), purpose)
    session.commit()
    page = looked_at(client, "/staff/rounds/1/delete")
    assert "only planned" in page
    assert "was deleted" in client.post("/staff/rounds/1/delete", data={"seen": seen(page)}, follow_redirects=True).text
    assert rounds.rounds(session) == ()
    (entry,) = audit.entries(session, AuditFilter(event=AuditEvent.ROUND_DELETED))
    assert entry.subject == "round:1"
    assert all(found.event is not AuditEvent.ROUND_PREPARED for found in audit.entries(session))
    assert contacts.contacts(session, RoundId(1)) == ()
    assert mail.batches(session, RoundId(1)) == ()


def test_an_opened_round_is_neither_changed_nor_deleted(app, client, session):
    number, _codes = open_round(app, session, alder=12)
    for page in ("edit", "delete"):
        told = client.get(f"/staff/rounds/{number}/{page}", follow_redirects=True).text
        assert "can no longer be changed or deleted" in told
        client.post(f"/staff/rounds/{number}/{page}", data=FORM | {"seen": "x"})
    round_ = rounds.get_round(session, number)
    assert round_.state is RoundState.OPEN and round_.title == "Autumn survey"
    assert f"/staff/rounds/{number}/edit" not in client.get(f"/staff/rounds/{number}").text


def test_another_round_lends_its_choices_to_a_new_one(client):
    client.post("/staff/rounds/plan", data=FORM | {"key_mode": "trustee", "comments": "y", "is_confirmed": "y"})
    page = client.get("/staff/rounds/plan?from=2").text
    chosen = [part.split(">")[0] for part in page.split("<input")[1:] if " checked" in part.split(">")[0]]
    assert any('value="trustee"' in part for part in chosen) and any('name="comments"' in part for part in chosen)
    assert client.get("/staff/rounds/plan?from=nothing").status_code == 200


def test_a_coordinator_of_one_municipality_changes_no_plan(app, client):
    local = signed_in(app, Grant(Role.COORDINATOR, "m1"), email="local@example.test")
    for page in ("edit", "delete"):
        assert local.get(f"/staff/rounds/1/{page}").status_code == 403
        assert local.post(f"/staff/rounds/1/{page}", data=FORM).status_code == 403


def test_a_pulse_of_some_communities_stays_one(session, client):
    followup_round = rounds.get_round(session, RoundId(1))
    pulse = plan(session, kind=RoundKind.PULSE)
    pulse_store.add_pulse_units(session, pulse, ["elsewhere"], survey=followup_round.id)
    session.commit()
    page = client.get(f"/staff/rounds/{pulse}/edit").text
    assert page.count("<option") == 1  # its own questions only
    source = {"instrument": "small", "seen": seen(page), "is_confirmed": "y"}
    assert client.post(f"/staff/rounds/{pulse}/edit", data=FORM | source).status_code == 302
    session.commit()
    assert rounds.get_round(session, pulse).kind is RoundKind.PULSE
    assert followup.region_asked_by_round(session, pulse, store.load_region(session)).units == ()


@both_databases
def test_a_round_that_was_opened_or_changed_after_it_was_seen_stays(app, session):
    keys = app.extensions["voimavara"].settings.keys
    keys.mkdir(parents=True, exist_ok=True)
    number = plan(session)
    stale = replace(rounds.get_round(session, number), title="Of another")
    for act in (
        round_store.delete_draft_if_unchanged,
        lambda session, seen: round_store.update_draft_if_unchanged(session, seen, seen),
    ):
        assert not act(session, stale)
    with pytest.raises(RoundError) as refused:
        rounds.delete_planned_round(session, stale)
    assert refused.value.fault is RoundFault.CHANGED_MEANWHILE
    assert rounds.get_round(session, number).title == "Autumn"
    open_number = opened(session, keys, alder=12)
    assert not round_store.delete_draft_if_unchanged(session, rounds.get_round(session, open_number))


AGAIN = FORM | {"title_en": "Once more", "opens_on": "2027-01-25", "closes_on": "2027-02-05"}
NEAR = "The same people would be asked again within eight weeks."


def titles():
    database.session.commit()
    return [round_.title for round_ in rounds.rounds(database.session())]


def test_a_round_within_eight_weeks_is_planned_only_when_it_is_confirmed(client):
    asked = client.post("/staff/rounds/plan", data=AGAIN)
    assert asked.status_code == 422
    assert NEAR in asked.text
    assert "Autumn round: 24 November 2026 – 4 December 2026" in asked.text.replace("\xa0", " ")
    assert 'value="Once more"' in asked.text
    assert titles() == ["Autumn round"]
    assert client.post("/staff/rounds/plan", data=AGAIN | {"is_confirmed": "y"}).status_code == 302
    assert titles() == ["Autumn round", "Once more"]


@pytest.mark.parametrize(("first", "warned"), [("2027-01-29", True), ("2027-01-30", False)])
def test_eight_weeks_are_counted_from_the_last_day(client, first, warned):
    sent = client.post("/staff/rounds/plan", data=AGAIN | {"opens_on": first, "closes_on": "2027-02-12"})
    assert (sent.status_code == 422) is warned


def test_an_earlier_time_is_compared_too_and_the_form_asks_nothing_at_first(client):
    assert NEAR not in client.get("/staff/rounds/plan").text
    before = AGAIN | {"opens_on": "2026-11-24", "closes_on": "2026-11-25"}
    assert NEAR in client.post("/staff/rounds/plan", data=before).text


def test_a_plan_that_is_changed_is_not_near_itself(client):
    page = client.get("/staff/rounds/1/edit").text
    changed = client.post("/staff/rounds/1/edit", data=FORM | {"title_en": "Renamed", "seen": seen(page)})
    assert changed.status_code == 302
    client.post("/staff/rounds/plan", data=AGAIN | {"opens_on": "2027-03-01", "closes_on": "2027-03-12"})
    page = client.get("/staff/rounds/2/edit").text
    moved = AGAIN | {"opens_on": "2027-01-11", "closes_on": "2027-01-22", "seen": seen(page)}
    assert NEAR in client.post("/staff/rounds/2/edit", data=moved).text
    assert client.post("/staff/rounds/2/edit", data=moved | {"is_confirmed": "y"}).status_code == 302

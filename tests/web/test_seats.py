from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.cli.demo.courses import demo_catalogue_csv
from app.core.accounts import Grant, Role
from app.core.organisations import Community, CommunityKind, Municipality
from app.services import accounts, catalogue, seats
from app.store import accounts as store
from app.store import courses, organisations, outbox
from tests.web.page_checks import audit
from tests.web.staff_client import signed_in
from tests.web.visitor import Visitor

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def place(app, session):
    catalogue.import_courses(session, demo_catalogue_csv(NOW.date()), zone=ZoneInfo("Europe/Helsinki"), now=NOW)
    organisations.upsert(
        session,
        region=("r", "Seutu"),
        municipalities=[Municipality("m", "Tyrskylä")],
        communities=[Community(one, f"Yhteisö {one}", "m", CommunityKind.SCHOOL, {"teachers": 20}) for one in "ab"],
    )
    session.commit()
    return seats.requestable_offerings(session, now=NOW)[0][1]


def principal(app, community):
    return signed_in(app, Grant(Role.PRINCIPAL, "m", community), email=f"{community}@example.test")


def wish(app, community, offering, number):
    sent = {f"seats|{offering.external_id}": str(number), f"priority|{offering.external_id}": "1"}
    return principal(app, community).post(f"/staff/seats/community/{community}", data=sent)


def test_wishes_are_shared_published_and_answered_with_a_reason(app, session, place):
    half = place.capacity // 2
    assert wish(app, "a", place, place.capacity).status_code == 302
    wish(app, "b", place, place.capacity)
    desk = signed_in(app, Grant(Role.COORDINATOR))
    desk.post("/staff/seats/allocation/run", data={"seed": "3"})
    kept = seats.find_allocation(session)
    assert sorted(seats.final_seats(kept).values()) == [half, place.capacity - half]
    client = principal_again(app, "a")
    assert "What you get" not in client.get("/staff/seats/community/a").text
    desk.post(f"/staff/seats/allocation/{kept.id}/publish")
    page = client.get("/staff/seats/community/a").text
    assert "What you get" in page
    assert "This is the share that each community is guaranteed, based on its staff." in page


def test_publishing_is_asked_about_done_once_and_told_by_letter(app, session, place):
    wish(app, "a", place, place.capacity)
    wish(app, "b", place, place.capacity)
    for who in accounts.accounts(session):
        store.set_password_hash(session, who.id, "kept elsewhere")
    session.commit()
    door = app.extensions["voimavara"]
    settings = replace(door.settings, smtp_url="smtp://127.0.0.1:9", mail_from="seats@example.test")
    app.extensions["voimavara"] = replace(door, settings=settings)
    desk = signed_in(app, Grant(Role.COORDINATOR))
    desk.post("/staff/seats/allocation/run", data={"seed": "3"})
    first = seats.find_allocation(session)
    asked = desk.get(f"/staff/seats/allocation/{first.id}/publish")
    assert "2 communities see their decisions" in asked.text and "informed by e-mail" in asked.text and not audit(asked)
    assert seats.find_published_allocation(session) is None
    for _ in range(2):
        desk.post(f"/staff/seats/allocation/{first.id}/publish")
    assert sum(one.written for one in outbox.mail_batches(session)) == 2

    client = signed_in(app, Grant(Role.PRINCIPAL, "m", "a"), email="other@example.test")
    client.post("/staff/seats/community/a", data={f"seats|{place.external_id}": "1"})
    desk.post("/staff/seats/allocation/run", data={"seed": "3"})
    later = seats.find_allocation(session)
    assert "fewer seats than promised: Yhteisö a." in desk.get(f"/staff/seats/allocation/{later.id}/publish").text


def principal_again(app, community):
    return signed_in(app, Grant(Role.PRINCIPAL, "m", community), email=f"again-{community}@example.test")


def test_a_coordinator_decides_otherwise_only_with_a_note_and_within_the_seats(app, session, place):
    wish(app, "a", place, 3)
    desk = signed_in(app, Grant(Role.COORDINATOR))
    desk.post("/staff/seats/allocation/run", data={"seed": "3"})
    number = seats.find_allocation(session).id
    pair = f"a|{place.external_id}"
    for refused in ({"seats": "2", "note": " "}, {"seats": "9999", "note": "more"}, {"seats": "x", "note": "what"}):
        desk.post(f"/staff/seats/allocation/{number}/override", data={"pair": pair, **refused})
    session.expire_all()
    assert seats.find_allocation(session).overrides == ()
    desk.post(
        f"/staff/seats/allocation/{number}/override", data={"pair": pair, "seats": "2", "note": "Agreed by phone"}
    )
    session.expire_all()
    assert seats.final_seats(seats.find_allocation(session))["a", place.external_id] == 2
    assert "Agreed by phone" in desk.get("/staff/seats/allocation/").text


def test_other_times_lie_folded_once_there_is_a_list_or_a_wish_and_all_can_still_be_wished_for(app, session, place):
    client = principal(app, "a")
    plain = client.get("/staff/seats/community/a")
    assert "What you have requested" not in plain.text
    wish(app, "b", place, 3)
    folded = principal_again(app, "b").get("/staff/seats/community/b")
    assert not audit(folded)
    near, _details, far = folded.text.partition("What you have requested")[2].partition('<details class="rows">')
    field = f'name="seats|{place.external_id}"'
    assert field in near and field not in far
    assert (
        folded.text.count('name="seats|')
        == plain.text.count('name="seats|')
        == len(seats.requestable_offerings(session, now=NOW))
    )
    refused = wish_again(app, "b", place)
    assert refused.status_code == 422 and refused.text.count('<details class="row" open>') == 1


def wish_again(app, community, offering):
    client = signed_in(app, Grant(Role.PRINCIPAL, "m", community), email=f"third-{community}@example.test")
    return client.post(f"/staff/seats/community/{community}", data={f"seats|{offering.external_id}": "many"})


@pytest.mark.parametrize("number", ["-1", "9999", "many"])
def test_a_wish_that_does_not_fit_is_refused_and_nothing_is_stored(app, session, place, number):
    assert wish(app, "a", place, number).status_code == 422
    assert seats.seat_requests(session, "a") == ()


def test_nobody_wishes_for_another_community(app, place):
    client = principal(app, "a")
    assert client.get("/staff/seats/community/b").status_code == 403
    assert client.get("/staff/seats/allocation/").status_code == 403
    assert client.get("/staff/seats/").location.endswith("/community/a")


def test_the_page_compares_three_ways_of_sharing(app, place):
    wish(app, "a", place, 3)
    page = signed_in(app, Grant(Role.COORDINATOR)).get("/staff/seats/allocation/").text
    for way in ("A guaranteed share for all, the rest by need", "By need only", "First come, first served"):
        assert way in page


def test_a_day_that_does_not_suit_cannot_be_wished_for_and_is_kept(app, session, place):
    client = principal(app, "a")
    sent = {f"seats|{place.external_id}": "2", f"priority|{place.external_id}": "1"}
    day = place.first_day.isoformat()
    refused = client.post("/staff/seats/community/a", data=sent | {"unsuitable": f"{day}"})
    assert refused.status_code == 422
    assert day in refused.text
    assert client.post("/staff/seats/community/a", data=sent | {"unsuitable": "soon"}).status_code == 422
    assert seats.seat_requests(session, "a") == ()
    assert client.post("/staff/seats/community/a", data=sent | {"unsuitable": "2027-01-02"}).status_code == 302
    session.rollback()
    assert [one.isoformat() for one in seats.unsuitable_days(session, "a")] == ["2027-01-02"]


def test_quotas_and_kept_seats_bind_the_coordinator_too(app, session, place):
    wish(app, "a", place, 3)
    course = next(one for one in catalogue.courses(session) if one.find_offering(place.external_id))
    tight = replace(place, quotas={"m": 3})
    rest = tuple(one for one in course.offerings if one.external_id != place.external_id)
    courses.upsert_courses_and_replace_offerings(session, [replace(course, offerings=(tight, *rest))])
    session.commit()
    desk = signed_in(app, Grant(Role.COORDINATOR))
    desk.post("/staff/seats/allocation/run", data={"seed": "3"})
    number = seats.find_allocation(session).id
    sent = {"pair": f"a|{place.external_id}", "seats": "4", "note": "More"}
    page = desk.post(f"/staff/seats/allocation/{number}/override", data=sent, follow_redirects=True).text
    assert "exceed its quota" in page
    session.rollback()
    assert seats.find_allocation(session).overrides == ()


def test_letters_and_lists_say_who_comes_and_nothing_of_needs(app, session, place):
    wish(app, "a", place, place.capacity)
    desk = signed_in(app, Grant(Role.COORDINATOR))
    desk.post("/staff/seats/allocation/run", data={"seed": "3"})
    number = seats.find_allocation(session).id
    visitor = Visitor(app)
    visitor.client = desk
    visitor.get("/staff/seats/allocation/")
    letters = visitor.get(f"/staff/seats/allocation/{number}/letters")
    assert "Yhteisö a" in visitor.response.text
    assert letters.h1 == "Letters about the seats"
    told = desk.get(f"/staff/seats/allocation/{number}/list.csv").data.decode("utf-8-sig").splitlines()
    assert told[0] == "Provider;Course;Time;Place;Municipality;Community;Seats"
    assert [line.split(";")[-2:] for line in told[1:]] == [["Yhteisö a", str(place.capacity)]]
    assert desk.get(f"/staff/seats/allocation/{number}/list.xlsx").status_code == 200
    assert principal_again(app, "a").get(f"/staff/seats/allocation/{number}/letters").status_code == 403

"""The home page of each role: tasks, what is late, participation in bands, and the way on after a release."""

from datetime import timedelta

import pytest

from app.core.accounts import Grant, Role
from app.core.followup import FollowUpStep
from app.core.rounds import KeyMode
from app.services import followup, municipality, rounds
from app.store import publication_parts, publications
from app.store import rounds as round_store
from tests.conftest import NOON
from tests.follow_ups import PINE, planned
from tests.publications import made, release_round, store
from tests.services.factories import plan
from tests.web.open_round import open_round
from tests.web.page_cost import publications_read, statements
from tests.web.staff_client import signed_in
from tests.web.test_followup_pages import looked_at

DAY = timedelta(days=1)
COORDINATOR = Grant(Role.COORDINATOR)
BANDS = {"alder": "40-59", "birch": "0-39"}


@pytest.fixture(scope="module")
def frozen():
    return made(1)


@pytest.fixture(scope="module")
def after(frozen):
    return made(2, title="Autumn 2027", lift=0.2, earlier=(frozen,), days=300)


def release(session, publication):
    stored = store(session, publication)
    release_round(session, stored)
    return stored.round


@pytest.fixture
def round_id(session, frozen):
    return release(session, frozen)


@pytest.fixture
def later(app):
    """Let the application live forty days later."""
    context = app.extensions["voimavara"]
    app.extensions["voimavara"] = type(context)(context.settings, lambda: NOON + 40 * DAY, context.secret)


@pytest.fixture
def open_number(app, session):
    number, _codes = open_round(app, session, alder=30, birch=24, cedar=6)
    round_store.set_participation_bands(session, number, BANDS, day=NOON.date())
    session.commit()
    return number


def rows(text):
    """Return the names of communities in the order in which a page's table has them."""
    return [part.split("</th>")[0] for part in text.split('<th scope="row" role="rowheader">')[1:]]


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_faultless_home_page(app, session, round_id, open_number, role, language):
    grant = PINE if role is Role.PRINCIPAL else Grant(role)
    looked_at(signed_in(app, grant, language=language), "/staff/")


@pytest.mark.parametrize("grant", [COORDINATOR, Grant(Role.COORDINATOR, "north"), PINE], ids=["region", "town", "own"])
def test_no_publication_is_read(app, session, frozen, after, grant):
    planned(session, release(session, frozen), "pine")
    release(session, after)
    client = signed_in(app, grant)
    if grant.municipality and not grant.community:  # the needs of a municipality are worked out once for each release
        assert client.get("/staff/").status_code == 200
    for cache in (publications._LAZY, publication_parts._HEADERS, publication_parts._LOOKUPS):
        cache.clear()
    with statements(app) as executed:
        assert client.get("/staff/").status_code == 200
    assert publications_read(executed) == []


def test_a_director_sees_the_own_municipality_and_nothing_of_the_others(app, session, frozen):
    number = release(session, frozen)
    action = planned(session, number, "fir", power="municipality")
    followup.escalate(session, number, "fir", action, "Needed.", by=None, now=NOON)
    session.commit()
    page = looked_at(signed_in(app, Grant(Role.COORDINATOR, "north")), "/staff/")
    for told in ("Pohjanlahti</a></h2>", "To answer", "Kuusilahden päiväkoti", "Share of the region", "Next step"):
        assert told in page, told
    assert "due on" in page and "Two meetings fewer" in page, "the issue that waits for the answer"
    assert "Mäntykallion koulu" not in page and "Etelänkylä" not in page, "what is of another municipality"
    (need,) = municipality.needs_in_own_power(session, "north", now=NOON)
    report = municipality.municipality_report(session, "north", now=NOON)
    (same,) = [each for each in report.needs if each.is_own_to_answer]
    assert (need.cell.need, need.cell.interval, need.cell.side) == (
        same.cell.need,
        same.cell.interval,
        same.cell.side,
    ), "the home page and the page of the municipality say the same"
    region = looked_at(signed_in(app, Grant(Role.COORDINATOR), email="whole@example.test"), "/staff/")
    assert "Next step" not in region, "whoever reads the whole region has a home page of its own"


def test_progress_is_that_of_the_follow_ups(session, frozen, after):
    planned(session, release(session, frozen), "pine")
    listed = rounds.rounds(session)
    for _survey in range(2):
        expected = {
            (item.round, item.unit.id, item.timeline) for item in followup.newest_follow_up_of_each_unit(session)
        }
        progress = followup.progress_of_each_unit(session, listed, now=NOON)
        assert {(item.round, item.unit.id, item.timeline) for item in progress} == expected
        due = {item.unit.id for item in followup.follow_ups_due_for_pulse(session, now=NOON + 60 * DAY)}
        later = followup.progress_of_each_unit(session, listed, now=NOON + 60 * DAY)
        assert {item.unit.id for item in later if item.needs_pulse} == due
        release(session, after)
        listed = rounds.rounds(session)


def test_a_coordinator_sees_what_is_late_with_counts_and_filtered_lists(app, session, frozen, round_id, later):
    number = planned(session, round_id, "pine", power="municipality")
    followup.escalate(session, round_id, "pine", number, "Two groups are too large.", by=None, now=NOON)
    session.commit()
    client = signed_in(app, COORDINATOR)
    page = client.get("/staff/").text
    late = len(frozen.region.units) - 1  # pine has moved on
    assert f"{late} overdue" in page
    assert "/staff/timelines/?show=late" in page
    assert "/staff/inbox/?show=late" in page
    assert len(rows(client.get("/staff/timelines/?show=late").text)) - 1 == late  # the sum has a row
    assert len(rows(client.get("/staff/timelines/").text)) - 1 == late + 1
    assert "Two meetings fewer" in client.get("/staff/inbox/?show=late").text
    assert page.count('class="button"') == 1  # one main button


def test_after_the_release_the_way_leads_on(app, session, round_id):
    page = signed_in(app, PINE).get("/staff/").text
    assert f"/staff/results/{round_id}/community/pine" in page
    followup.take_step(session, round_id, "pine", FollowUpStep.PREVIEWED, by=None, now=NOON)
    session.commit()
    page = signed_in(app, PINE, email="other@example.test").get("/staff/").text
    assert "Prepare the meeting" in page
    assert f"/staff/meetings/{round_id}/pine" in page
    assert "Needs and courses" in signed_in(app, COORDINATOR, email="third@example.test").get("/staff/").text


def test_a_coordinator_sees_bars_by_municipality_and_a_principal_the_own_band(app, open_number):
    page = signed_in(app, COORDINATOR).get("/staff/").text
    assert "22–52 %" in page  # (30 × 40 + 24 × 0) / 54 to (30 × 60 + 24 × 40) / 54, outwards
    own = signed_in(app, Grant(Role.PRINCIPAL, "town", "alder"), email="own@example.test").get("/staff/").text
    assert "40–59" in own and "0–39" not in own and "22–52" not in own
    small = signed_in(app, Grant(Role.PRINCIPAL, "town", "cedar"), email="small@example.test").get("/staff/").text
    assert "fewer than ten people are invited" in small and "–" not in small.split("Participation")[1].split("fewer")[0]
    elsewhere = signed_in(app, Grant(Role.COORDINATOR, "village"), email="far@example.test").get("/staff/").text
    assert "22–52" not in elsewhere


def test_printing_slips_again_is_never_the_main_button(app, session, open_number):
    page = signed_in(app, COORDINATOR).get("/staff/").text
    assert "Slips with codes" not in page
    assert f"/staff/rounds/{open_number}" in page


def test_participation_is_sorted_and_filtered_by_the_address(app, open_number):
    client = signed_in(app, COORDINATOR)
    address = f"/staff/rounds/{open_number}"
    page = client.get(f"{address}?sort=-rate").text
    assert 'aria-sort="descending"' in page
    assert rows(page) == ["Alder School", "Birch School", "Cedar School"]
    assert rows(client.get(f"{address}?sort=rate").text) == ["Birch School", "Alder School", "Cedar School"]
    assert rows(client.get(f"{address}?sort=invited").text)[0] == "Cedar School"
    low = client.get(f"{address}?show=under50&place=town").text
    assert rows(low) == ["Alder School", "Birch School"]
    assert "2 communities of 3 are shown." in low
    assert "place=town" in low.split("sort=-")[0] or "place=town&amp;" in low
    assert len(rows(client.get(f"{address}?sort=nothing&place=elsewhere").text)) == 3
    looked_at(client, f"{address}?sort=rate")


def test_a_sorted_page_takes_over_no_other_part_of_an_address(app, open_number):
    page = (
        signed_in(app, COORDINATOR).get(f"/staff/rounds/{open_number}?_external=1&_scheme=javascript&endpoint=x").text
    )
    assert "javascript:" not in page
    assert f'href="/staff/rounds/{open_number}?sort=' in page


def test_a_trustee_sees_when_the_key_is_needed(app, session):
    plan(session, key_mode=KeyMode.TRUSTEE)
    session.commit()
    page = signed_in(app, Grant(Role.TRUSTEE)).get("/staff/").text
    assert "Key sheets in your care" in page
    assert "You receive the key sheet when the round opens" in page


def test_an_administrator_sees_who_has_no_password_and_where_nobody_waits_that_all_is_done(app, session, round_id):
    client = signed_in(app, Grant(Role.ADMINISTRATOR), PINE)
    page = client.get("/staff/").text
    assert "have not set a password yet" in page or "has not set a password yet" in page
    people = client.get("/staff/people/?show=waiting").text
    assert "Without a password" in people
    looked_at(client, "/staff/people/?sort=-email")

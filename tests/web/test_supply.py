"""Supply planning through the pages: a plan is asked for, made in the background or at once, read, and handed out."""

import html
import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from app.cli.demo.courses import demo_catalogue_csv
from app.core.accounts import Grant, Role
from app.core.matching.background_tasks import MOST_ATTEMPTS, STALE, TaskState
from app.core.matching.supply import SupplyPlanComputationStage
from app.core.matching.supply_case import SupplyPlanRequest
from app.jobs.supply_worker import supply_plan_worker
from app.services import catalogue, dossier, organisations, supply, tokens
from app.web.shared.app_context import now
from tests.conftest import NOON
from tests.publications import made, store
from tests.web.staff_client import add_account, client_of, signed_in
from tests.web.visitor import Visitor

# A year on, some times of the demo's catalogue have begun.
SHORT = SupplyPlanRequest(hours=60.0, floor_per_100=5.0, seconds=1.0)


@pytest.fixture
def released(app, session):
    catalogue.import_courses(session, demo_catalogue_csv(NOON.date()), zone=ZoneInfo("Europe/Helsinki"), now=NOON)
    return store(session, made())


@pytest.fixture
def desk(app):
    return signed_in(app, Grant(Role.COORDINATOR))


@pytest.fixture
def visitor(app, released):
    visitor = Visitor(app)
    visitor.client = client_of(app, add_account(Grant(Role.COORDINATOR), email="visitor@example.test"))
    return visitor


def worker(app, at=NOON):
    return supply_plan_worker(app, lambda: at)


def seen(session, number):
    session.rollback()
    session.expire_all()
    return supply.find_plan(session, number)


def asked(session, request=SHORT):
    number = supply.request_plan(session, request, by=None, now=NOON)
    session.commit()
    return number


def set_jobs(app, jobs):
    door = app.extensions["voimavara"]
    app.extensions["voimavara"] = replace(door, settings=replace(door.settings, jobs=jobs))


@pytest.mark.parametrize("jobs", [True, False])
def test_the_page_takes_the_limits_and_shows_the_plan_that_keeps_them(app, visitor, session, jobs, monkeypatch):
    monkeypatch.setattr("app.web.staff.supply.views.SECONDS", 1.0)
    monkeypatch.setattr("app.web.staff.supply.views.SECONDS_OF_A_PAGE", 1.0)
    set_jobs(app, jobs)
    page = visitor.get("/staff/supply/")
    assert "Courses for the next term" in page.h1
    sent = {**visitor.fields(), "hours": "40", "floor_per_100": "5", "times": "2"}
    page = visitor.post("/staff/supply/run", sent)
    if jobs:
        assert "The plan is being made" in page.h1
        worker(app).run_oldest_pending_task()
    session.rollback()
    stored = supply.find_latest_finished_plan(session)
    assert stored.request.hours == 40 and stored.request.times == 2
    plan = stored.plan
    assert 0 < plan.hours <= 40 and plan.held
    assert sum(one.seats for one in plan.held) == plan.seats
    towns = {one.municipality: one for one in plan.floors}
    staff = {"south": 0, "north": 0}
    for unit in made().region.units:
        staff[unit.municipality] += unit.invited_count
    assert {name: floor.floor for name, floor in towns.items()} == {
        name: int(0.05 * number) for name, number in staff.items()
    }
    assert all(floor.seats >= floor.promised for floor in towns.values())
    text = visitor.client.get("/staff/supply/").text
    assert "What is held, the greatest gain first" in text and "Pohjanlahti" in text
    assert f"{plan.hours:g} of 40" in " ".join(text.split())


def test_more_hours_never_bring_less(app, session, released):
    numbers = [supply.run_plan(session, replace(SHORT, hours=hours), by=None, now=NOON) for hours in (40, 80)]
    session.commit()
    first, richer = (supply.find_plan(session, number).plan for number in numbers)
    assert first.hours <= 40 and richer.hours <= 80
    # Each search may stop before the best: it may be away from it by the gap that it states.
    assert richer.gain >= first.gain * (1 - richer.gap)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("money", "much", "Budget in euros: write a number in digits."),
        ("hours", "-1", "Hours of training: write a number in digits."),
        ("floor|north", "x", "Pohjanlahti: write the seats as a whole number."),
        ("rooms|Library", "nan", "Library: write how many times as a whole number."),
        ("uptake", "500", "Share of staff that can take part, per cent: write a number in digits."),
    ],
)
def test_a_number_that_is_none_is_told_by_its_field_and_nothing_is_planned(desk, session, released, field, value, told):
    desk.post("/staff/supply/run", data={field: value})
    assert told in desk.get("/staff/supply/").text
    assert supply.find_latest_finished_plan(session) is None


def test_a_plan_in_the_background_is_done_once_and_its_page_leads_to_it(app, session, released, desk):
    number = asked(session)
    assert "The plan is being made" in desk.get(f"/staff/supply/task/{number}").text
    worker(app).run_oldest_pending_task()
    done = seen(session, number)
    assert (done.state, done.stage, done.attempts) == (TaskState.DONE, SupplyPlanComputationStage.KEEPING, 1)
    assert done.plan.held and done.weights and done.left_out == 0
    session.rollback()
    worker(app).run_oldest_pending_task()
    assert seen(session, number) == done
    answer = desk.get(f"/staff/supply/task/{number}")
    assert answer.status_code == 302 and answer.headers["Location"].endswith("/staff/supply/")


def test_a_stopped_plan_stays_stopped_and_a_new_request_stops_the_old_one(app, session, released, desk):
    first = asked(session)
    second = asked(session)
    assert seen(session, first).state is TaskState.STOPPED
    desk.post(f"/staff/supply/task/{second}/stop")
    worker(app).run_oldest_pending_task()
    assert seen(session, second).state is TaskState.STOPPED and supply.find_latest_finished_plan(session) is None
    assert "The search was stopped" in desk.get(f"/staff/supply/task/{second}").text


def test_a_plan_stopped_during_the_search_is_not_kept(app, session, released, monkeypatch):
    number = asked(session)

    def stopped(case, *, clock, on_stage):
        with app.app_context():
            supply.stop_plan_task(session, number, now=NOON)
            session.commit()
        on_stage(SupplyPlanComputationStage.FLOORS)

    monkeypatch.setattr("app.jobs.supply_worker.plan_supply", stopped)
    worker(app).run_oldest_pending_task()
    assert seen(session, number).state is TaskState.STOPPED


def test_a_request_whose_process_died_is_taken_up_again_three_times_at_most(app, session, released, desk, monkeypatch):
    number = asked(session)

    def dies(*_arguments, **_keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr("app.jobs.supply_worker.plan_supply", dies)
    for attempt in range(MOST_ATTEMPTS):
        later = NOON + attempt * (STALE + timedelta(seconds=1))
        with pytest.raises(KeyboardInterrupt):
            worker(app, later).run_oldest_pending_task()
        worker(app, later).run_oldest_pending_task()  # it was heard of just now, so nobody takes it
        assert seen(session, number).attempts == attempt + 1
        session.rollback()
    worker(app, NOON + timedelta(hours=1)).run_oldest_pending_task()
    assert seen(session, number).state is TaskState.FAILED
    assert "could not be made" in desk.get(f"/staff/supply/task/{number}").text


def test_an_error_of_the_search_is_told_and_does_not_wait_for_ever(app, session, released, monkeypatch, caplog):
    number = asked(session)

    def breaks(*_arguments, **_keywords):
        raise RuntimeError

    monkeypatch.setattr("app.jobs.supply_worker.plan_supply", breaks)
    worker(app).run_oldest_pending_task()
    assert seen(session, number).state is TaskState.FAILED
    assert "RuntimeError" in caplog.text


def test_the_workbook_bears_the_plan_with_numbers_as_numbers(session, released, desk):
    number = supply.run_plan(session, SHORT, by=None, now=NOON)
    session.commit()
    book = openpyxl.load_workbook(io.BytesIO(desk.get(f"/staff/supply/{number}.xlsx").data))
    assert book.sheetnames == ["What is held", "Municipalities", "Next best", "Not held", "About the plan"]
    plan = supply.find_plan(session, number).plan
    held = list(book["What is held"].iter_rows(values_only=True))[1:]
    assert sum(row[3] for row in held) == plan.seats and sum(row[6] for row in held) == plan.hours
    towns = list(book["Municipalities"].iter_rows(values_only=True))[1:]
    assert sum(row[1] for row in towns) == plan.seats
    assert len(list(book["Not held"].iter_rows())) == len(plan.not_held) + 1


def test_seats_used_are_entered_imported_and_taken_away(session, released, visitor, desk):
    time = next(one for course in catalogue.courses(session) for one in course.offerings if one.capacity >= 12)
    sent = {f"taken|{time.external_id}": "10", f"completed|{time.external_id}": "8"}
    desk.post("/staff/supply/used", data=sent)
    assert [(use.offering, use.granted, use.taken, use.completed) for use in supply.seat_uses(session)] == [
        (time.external_id, time.capacity, 10, 8)
    ]
    page = visitor.get("/staff/supply/used")
    assert "8" in visitor.response.text and "Seats used" in page.h1
    table = f"offering_id;taken;completed\n{time.external_id};9;9\n"
    desk.post("/staff/supply/used/import", data={"file": (io.BytesIO(table.encode()), "used.csv")})
    session.rollback()
    assert [(use.taken, use.completed) for use in supply.seat_uses(session)] == [(9, 9)]
    handed = desk.get("/staff/supply/used/template.csv").data
    assert f"{time.external_id};9;9".encode() in handed
    desk.post("/staff/supply/used/import", data={"file": (io.BytesIO(b"offering_id,names\n"), "used.csv")})
    desk.post("/staff/supply/used", data={name: "" for name in sent})
    session.rollback()
    assert supply.seat_uses(session) == ()


@pytest.mark.parametrize(
    ("taken", "completed", "told"),
    [("10", "11", "11 is out of range; 0–10."), ("999", "1", "is out of range"), ("ten", "1", "is not a valid number")],
)
def test_numbers_that_cannot_be_are_told_beside_their_course_and_nothing_is_saved(
    session, released, visitor, taken, completed, told
):
    times = [one for course in catalogue.courses(session) for one in course.offerings if 12 <= one.capacity < 900]
    first, second = times[0].external_id, times[1].external_id
    visitor.post(
        "/staff/supply/used",
        {
            f"taken|{first}": taken,
            f"completed|{first}": completed,
            f"taken|{second}": "3",
            f"completed|{second}": "2",
            "csrf_token": "",
        },
        status=422,
    )
    assert told in visitor.response.text and "Nothing was saved yet." in visitor.response.text
    assert supply.seat_uses(session) == ()


def test_numbers_of_a_time_that_was_removed_meanwhile_are_told_with_what_was_written(session, released, desk):
    answer = desk.post("/staff/supply/used", data={"taken|GONE-1": "17", "completed|GONE-1": "16"})
    assert answer.status_code == 422
    assert "GONE-1 (17, 16)" in answer.text
    assert supply.seat_uses(session) == ()


def test_a_file_that_does_not_fit_is_refused_as_a_whole(session, released, visitor, desk):
    time = next(one for course in catalogue.courses(session) for one in course.offerings if one.capacity >= 12)
    for table, told in (
        (f"offering_id,taken,completed\n{time.external_id},5,4\nno-such,1,1\n", "“no-such” is not known"),
        (f"offering_id,taken,completed\n{time.external_id},5,4\n{time.external_id},5,4\n", "appears twice"),
        (f"offering_id,taken\n{time.external_id},5\n", "This column is missing"),
        (f"offering_id,taken,completed,name\n{time.external_id},5,4,Kim\n", "“name” is not a column"),
        ("", "Choose a file"),
    ):
        answer = desk.post("/staff/supply/used/import", data={"file": (io.BytesIO(table.encode()), "used.csv")})
        assert answer.status_code == 422 and told in answer.text, told
    assert supply.seat_uses(session) == ()


def test_what_was_used_goes_into_the_next_plan_and_into_the_dossier(session, released, desk):
    before = supply.gather_inputs(session, SHORT, now=NOON).case
    course = next(
        one for one in catalogue.courses(session) if any(offering.capacity >= 20 for offering in one.offerings)
    )
    time = next(offering for offering in course.offerings if offering.capacity >= 20)
    desk.post(
        "/staff/supply/used",
        data={f"taken|{time.external_id}": str(time.capacity // 2), f"completed|{time.external_id}": "0"},
    )
    session.rollback()
    after = supply.gather_inputs(session, SHORT, now=NOON).case
    assert float((after.gains[after.gains >= 0]).sum()) < float((before.gains[before.gains >= 0]).sum())
    number = supply.run_plan(session, SHORT, by=None, now=NOON)
    session.commit()
    found = dossier.gather_funding_dossier(session, now=NOON)
    assert [(line.granted, line.taken, line.completed) for line in found.used] == [
        (time.capacity, time.capacity // 2, 0)
    ]
    plan = supply.find_plan(session, number).plan
    assert found.plan.seats == plan.seats == sum(line.seats for line in found.plan.lines)
    book = openpyxl.load_workbook(io.BytesIO(desk.get("/staff/dossier/en.xlsx").data))
    assert {"Seats used", "Plan for the next term"} <= set(book.sheetnames)
    planned = list(book["Plan for the next term"].iter_rows(values_only=True))[1:]
    assert sum(row[2] for row in planned) == plan.seats
    assert desk.get("/staff/dossier/fi.pdf").data.startswith(b"%PDF")


def test_the_shell_prints_the_plan_as_json_and_csv_and_stores_nothing(app, session, released):
    run = app.test_cli_runner()
    told = run.invoke(args=["matching", "supply", "--hours", "40", "--seconds", "1"])
    assert told.exit_code == 0, told.output
    plan = json.loads(told.output)
    assert plan["hours"] <= 40 and plan["held"] and {floor["municipality"] for floor in plan["floors"]}
    assert sum(one["seats"] for one in plan["held"]) == plan["seats"]
    table = run.invoke(args=["matching", "supply", "--format", "csv", "--hours", "40", "--seconds", "1"]).output
    lines = table.splitlines()
    assert lines[0] == "\ufeffcourse;offering;times;seats;communities;gain;why_not"
    assert len(lines) == 1 + len(plan["held"]) + len(plan["not_held"])
    assert supply.find_latest_finished_plan(session) is None
    assert run.invoke(args=["matching", "supply", "--room", "nowhere"]).exit_code == 2


def test_without_a_release_there_is_no_plan(app, session, desk):
    store(session, made(), released=False)
    assert "No round has been released yet" in desk.get("/staff/supply/").text
    answer = app.test_cli_runner().invoke(args=["matching", "supply"])
    assert answer.exit_code == 1 and "no survey has been released" in answer.output
    number = asked(session)
    worker(app).run_oldest_pending_task()
    assert seen(session, number).state is TaskState.FAILED


def test_only_a_coordinator_of_the_whole_region_plans(app, session, released):
    number = supply.run_plan(session, SHORT, by=None, now=NOON)
    session.commit()
    for grant in (Grant(Role.PRINCIPAL, "north", "pine"), Grant(Role.COORDINATOR, "north")):
        client = signed_in(app, grant, email=f"{grant.role}@example.test")
        for address in ("", "used", f"task/{number}", f"{number}.xlsx", "used/template.csv"):
            assert client.get(f"/staff/supply/{address}").status_code == 403, address
        for address in ("run", "used", "used/import", f"task/{number}/stop"):
            assert client.post(f"/staff/supply/{address}").status_code == 403, address


def test_a_program_reads_the_newest_plan_of_the_region_and_a_stranger_none(app, session, released):
    number = supply.run_plan(session, SHORT, by=None, now=NOON)
    session.commit()
    plan = supply.find_plan(session, number).plan
    answers = {}
    for grant in (Grant(Role.COORDINATOR), Grant(Role.COORDINATOR, "north"), Grant(Role.PRINCIPAL, "north", "pine")):
        who = add_account(grant, email=f"{grant.role}-{grant.municipality}@example.test")
        word = tokens.create_token(session, who.id, "report", lasts=timedelta(days=9), now=now())
        session.commit()
        client = app.test_client()
        answers[grant] = client.get("/api/v1/matching/supply", headers={"Authorization": f"Bearer {word}"})
    region, *others = answers.values()
    assert region.json["seats"] == plan.seats and len(region.json["held"]) == len(plan.held)
    assert [one.status_code for one in others] == [404, 404]
    assert app.test_client().get("/api/v1/matching/supply").status_code == 401


def _table(page, caption):
    """Return the numbers of each row of a table of the page, its first cell before them."""
    body = page[page.index(f'id="{caption}"') :]
    body = body[body.index("<tbody>") : body.index("</tbody>")]
    return [
        (html.unescape(re.sub(r"<[^>]+>", "", row[0])).strip(), re.findall(r'<td class="number">([\d,.]*)', row[1]))
        for row in re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', body, re.DOTALL)
    ]


def test_page_interface_and_command_say_the_same_of_a_plan(app, session, released, desk):
    supply.run_plan(session, SHORT, by=None, now=NOON)
    session.commit()
    who = add_account(Grant(Role.COORDINATOR), email="program@example.test")
    word = tokens.create_token(session, who.id, "report", lasts=timedelta(days=9), now=now())
    session.commit()
    told = app.test_client().get("/api/v1/matching/supply", headers={"Authorization": f"Bearer {word}"}).json
    titles = {course.external_id: course.title.en for course in catalogue.courses(session)}
    page = desk.get("/staff/supply/").text
    held = [
        (titles[each["course"]], str(each["times"]), str(each["seats"]), str(each["communities"]), 100 * each["gain"])
        for each in told["held"]
    ]
    shown = [(title, *row[:3], float(row[5])) for title, row in _table(page, "held")]
    assert [each[:4] for each in shown] == [each[:4] for each in held] and held
    assert [each[4] for each in shown] == pytest.approx([each[4] for each in held], abs=0.5)
    towns = {place.id: place.name for place in organisations.municipalities(session)}
    floors = {title: row[:2] for title, row in _table(page, "floors")}
    for floor in told["floors"]:
        assert floors[towns[floor["municipality"]]] == [str(floor["seats"]), str(floor["promised"])]
    text = html.unescape(page)
    assert f"Not held, and why ({len(told['not_held'])})" in text
    assert text.count(" per cent more, for ") == len(told["next_best"])
    command = app.test_cli_runner().invoke(args=["matching", "supply", "--hours", "60", "--seconds", "20"])
    printed = json.loads(command.output)
    for part in ("held", "floors", "not_held", "seats", "money", "hours"):
        assert printed[part] == told[part], part

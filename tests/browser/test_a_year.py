"""A year of one community in a real browser, from its results to a change that staff notice, with a moved clock.

What is pressed is pressed in the browser; what goes by itself (open, close, count, remind, post, search)
is done by the very timetable and worker of the service, whenever the clock has moved.
"""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app.core.accounts import Grant, Role
from app.core.rounds import RoundId
from app.factory import timetable
from app.jobs.allocations import AllocationWorker
from app.services import rounds
from app.store.database import database
from tests.browser.walking import (
    VOTE_CODE,
    answer,
    lay_out,
    others_answer,
    plan_and_open,
    print_slips,
    printed,
    sign_in,
)
from tests.conftest import NOON
from tests.mailbox import mailbox

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
COORDINATOR, TOWN, PRINCIPAL, DEPUTY = (
    f"{name}@example.test" for name in ("coordinator", "town", "principal", "deputy")
)
PEOPLE = {
    COORDINATOR: Grant(Role.COORDINATOR),
    TOWN: Grant(Role.COORDINATOR, "town"),
    PRINCIPAL: Grant(Role.PRINCIPAL, "town", "alder"),
    DEPUTY: Grant(Role.PRINCIPAL, "town", "alder"),
}
PLAN = "/staff/followup/1/alder"


class World:
    """The service with a clock that the test moves; after each move the timetable does what is due."""

    def __init__(self, app, live, page, box, smtp_url):
        self.app, self.live, self.page, self.box, self.now = app, live, page, box, NOON
        door = app.extensions["voimavara"]
        settings = replace(door.settings, smtp_url=smtp_url, mail_from="voimavara@example.test", jobs=True)
        app.extensions["voimavara"] = type(door)(settings, lambda: self.now, door.secret)
        self.timetable = timetable(app)
        self.worker = AllocationWorker(app, lambda: self.now)

    def move(self, moment):
        """Move the clock; what hangs together (close, count, write, send) takes some minutes of the service."""
        for minutes in (0, 6, 12):
            self.now = moment + timedelta(minutes=minutes)
            self.timetable.tick()
        database.session.remove()

    def go(self, path):
        self.page.goto(f"{self.live}{path}")
        return self.page

    def press(self, name, *, role="button"):
        self.page.get_by_role(role, name=name).first.click()

    def as_(self, email):
        """Let somebody else sit down at the computer."""
        self.page.context.clear_cookies()
        sign_in(self.page, self.live, email)

    def done(self, step):
        """Press for the step that comes next in the follow-up."""
        self.go(f"{PLAN}/step/{step}")
        self.press("Yes, it is done")

    def sees(self, words):
        expect(self.page.locator("main")).to_contain_text(words)

    def staff_page(self, context, word):
        """Return what the staff's page says to whoever knows the word and nothing else."""
        page = context.new_page()
        page.goto(f"{self.live}/en/community")
        page.locator("input[name=word]").fill(word)
        page.get_by_role("button", name="Continue").click()
        expect(page.locator("h1")).to_have_text("Alder School")
        told = page.locator("main").inner_text()
        page.close()
        return told


@pytest.fixture
def world(app, session, live, page):
    lay_out(session, {"alder": 24, "birch": 30, "cedar": 6}, PEOPLE)
    with mailbox() as (box, smtp_url):
        yield World(app, live, page, box, smtp_url)


@pytest.fixture
def phones(browser):
    """Windows of their own: nobody is signed in there."""
    context = browser.new_context()
    yield context
    context.close()


def hold_round(world, phones, *, number, title, lift):
    """Plan, open and hand out; some answer in the browser; the service closes and counts; then release."""
    world.as_(COORDINATOR)
    plan_and_open(world.page, world.live, title=title, number=number, now=world.now)
    slips = [print_slips(world.page, world.live, f"{name} School", number=number) for name in ("Alder", "Birch")]
    phone = phones.new_page()
    told = [answer(phone, world.live, code, language) for language, code in zip(("en", "fi"), slips[0], strict=False)]
    phone.close()
    others_answer(world.app, slips[0][2:20] + slips[1][:26], now=world.now, lift=lift)
    release(world, number, after=14 * DAY + DAY)
    return told


def release(world, number, *, after):
    world.move(world.now + after)
    world.as_(COORDINATOR)
    world.go(f"/staff/rounds/{number}/release")
    world.press("Release the results")


def hold_short_round(world):
    """Have a round planned and handed out in the browser, answered without one, counted and released."""
    world.as_(COORDINATOR)
    plan_and_open(world.page, world.live, now=world.now)
    slips = print_slips(world.page, world.live, "Alder School")
    others_answer(world.app, slips[:14], now=world.now)
    release(world, 1, after=15 * DAY)


def hold_vote(world, phones):
    """Let six people vote by phone on slips of their own; return what the page says when the vote is closed."""
    world.go("/staff/meetings/1/alder/vote")
    world.page.locator("input[name=people]").fill("6")
    world.press("Open the vote")
    slips = printed(world.page, world.page.get_by_role("button", name="Print 6 slips"), VOTE_CODE)
    assert len(slips) == 6
    for code in slips:
        phone = phones.new_page()
        phone.goto(f"{world.live}/en/vote")
        phone.locator("input[name=code]").fill(code)
        phone.get_by_role("button", name="Continue").click()
        phone.locator("#first-demands").check()
        phone.locator("#second-practices").check()
        phone.get_by_role("button", name="Vote").click()
        expect(phone.locator("h1")).to_have_text("Thank you, your vote is in the box")
        assert code not in phone.url
        phone.close()
    world.go("/staff/meetings/1/alder/vote")
    world.press("Close the vote and count")
    world.sees("6 people voted")


def fill_action(page, world, *, owner, what=None):
    """Fill in what the library leaves to the community, or all of an action in own words, and save."""
    if what is not None:
        page.locator("textarea[name=what]").fill(what)
        page.locator("textarea[name=first_step]").fill("The Monday meeting is left out")
        page.locator("textarea[name=sign]").fill("The hour is in the timetable")
    page.locator("input[name=owner]").fill(owner)
    page.locator("input[name=first_by]").fill((world.now + 2 * WEEK).date().isoformat())
    page.locator("input[name=due]").fill((world.now + 10 * WEEK).date().isoformat())
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("Saved.")


def write_plan(world):
    """Write the minutes with what the vote chose, take two actions of the library, hand one on."""
    page = world.go(f"{PLAN}/meeting")
    assert page.locator("input[name=focus]:checked").count() == 2
    page.locator("input[name=discussed_on]").fill(world.now.date().isoformat())
    page.locator("input[name=present]").fill("19")
    page.locator("textarea[name=note]").fill("A calm talk.")
    page.locator("input[name=pulse]").check()
    world.press("Save")
    world.done("discussed")
    for place, power in enumerate(("community", "municipality")):
        world.go(f"{PLAN}/library")
        world.page.get_by_role("link", name="Take this as a beginning").nth(place).click()
        world.page.locator("select[name=power]").select_option(power)
        fill_action(world.page, world, owner="vice principal")
    world.press("Hand on to the municipality", role="link")
    world.page.locator("textarea[name=why]").fill("Substitutes are the municipality's to arrange.")
    world.press("Hand on")
    world.done("plan_agreed")


def share_seats(world):
    """Wish for seats, let the coordinator share them in the background, publish, and read the answer."""
    world.go("/staff/seats/")
    world.page.locator("input[name='seats|HAL-04-b']").fill("8")
    world.press("Save the wishes")
    world.sees("The wishes were saved.")
    world.as_(COORDINATOR)
    world.go("/staff/seats/allocation/")
    world.page.locator("input[name=two_or_none]").check()
    world.press("Share the seats")
    world.sees("The seats are being shared")
    world.worker.tick()
    world.press("Look again", role="link")
    world.sees("Look at the answer before you publish it.")
    world.press("Publish to the communities", role="link")
    world.press("Yes, publish")
    world.as_(PRINCIPAL)
    world.go("/staff/seats/")
    world.sees("All that was asked for.")


def hold_pulse(world, phones, *, number):
    """Plan it with one press; it opens on Monday by itself, asks this community alone, and is counted."""
    world.as_(COORDINATOR)
    world.go("/staff/timelines/")
    world.press("Plan the pulse for all of them")
    world.move(world.now + WEEK)
    world.as_(COORDINATOR)
    page = world.go(f"/staff/rounds/{number}/slips")
    expect(page.get_by_role("row", name="Birch School")).to_have_count(0)
    slips = print_slips(page, world.live, "Alder School", number=number)
    phone = phones.new_page()
    told = answer(phone, world.live, slips[0], option=3)
    phone.close()
    digest = rounds.round_of(database.session(), RoundId(number)).instrument_digest
    others_answer(world.app, slips[1:21], now=world.now, digest=digest, lift=2)
    release(world, number, after=2 * WEEK)
    return told


def test_a_community_goes_through_a_year(world, phones):
    hold_round(world, phones, number=1, title="Autumn survey", lift=0)

    world.as_(PRINCIPAL)  # the principal reads first, then the staff may
    page = world.go(PLAN)
    word = page.locator(".big-number").inner_text()
    assert "open here when the principal has read them" in world.staff_page(phones, word)
    world.go("/staff/results/")
    expect(world.page.locator("h1")).to_contain_text("Alder School")
    world.done("previewed")
    assert "Beside the region" in world.staff_page(phones, word)

    world.move(world.now + 12 * DAY)  # two days before the meeting is due the principal is reminded, once
    world.move(world.now + DAY)
    reminders = [mail for address, mail in world.box.arrived if address == PRINCIPAL and "Alder School" in str(mail)]
    assert len(reminders) == 1

    world.as_(PRINCIPAL)
    for view in ("start", "answered", "results", "questions", "vote", "decisions"):
        assert world.go(f"/staff/meetings/1/alder/show/{view}").locator("main h1, main h2").count()
    hold_vote(world, phones)
    write_plan(world)
    share_seats(world)

    world.move(world.now + 2 * WEEK)  # the municipality answers; the first step is seen
    world.as_(TOWN)
    world.go("/staff/inbox/")
    world.press("Answer", role="link")
    world.sees("Substitutes are the municipality's to arrange.")
    world.page.locator("#kind-done").check()
    world.page.locator("textarea[name=text]").fill("There is a pool of substitutes from January.")
    world.press("Answer")
    world.as_(PRINCIPAL)
    world.go(PLAN)
    world.press(re.compile("^Change"), role="link")
    world.page.locator("select[name=status]").select_option("started")
    world.press("Save")
    world.done("in_progress")
    told = world.staff_page(phones, word)
    assert "There is a pool of substitutes from January." in told and "Begun" in told

    world.move(world.now + 5 * WEEK)  # the pulse
    told = hold_pulse(world, phones, number=2)
    assert "There is a pool of substitutes from January." in told
    world.as_(PRINCIPAL)
    world.go(f"{PLAN}/review")
    world.sees("The change was noticed")
    world.go(PLAN)
    world.press(re.compile("^Change"), role="link")
    world.page.locator("select[name=status]").select_option("done")
    world.page.locator("textarea[name=outcome]").fill("Kept after a month's trial.")
    world.press("Save")

    world.move(NOON + 30 * WEEK)  # the next survey opens with what was done; then the review
    told = hold_round(world, phones, number=3, title="Summer survey", lift=2)
    assert "Kept after a month's trial." in told[0] and "There is a pool of substitutes from January." in told[1]
    world.as_(PRINCIPAL)
    world.go(f"{PLAN}/review")
    for words in ("1 of 2 actions are done.", "Summer survey", "Follow-up of the last survey"):
        world.sees(words)
    world.sees("Under eight on either side nothing can be said of the effect.")
    world.done("effect_reviewed")
    world.sees("The follow-up of this survey is finished")
    world.as_(COORDINATOR)
    world.go("/staff/timelines/")
    world.sees("Summer survey")
    assert len({mail["Message-ID"] for _, mail in world.box.arrived}) == len(world.box.arrived)


def test_two_who_edit_one_plan_lose_nothing_and_see_each_other(world, browser):
    hold_short_round(world)
    windows = []
    for email in (PRINCIPAL, DEPUTY):
        context = browser.new_context()
        windows.append(context.new_page())
        sign_in(windows[-1], world.live, email)
    one, other = windows
    one.goto(f"{world.live}{PLAN}/action")
    fill_action(one, world, what="Two meetings fewer", owner="principal")
    for page in windows:
        page.goto(f"{world.live}{PLAN}/action/1")
    one.locator("textarea[name=what]").fill("Three meetings fewer")
    one.locator("textarea[name=sign]").fill("An hour is free on Mondays")
    one.get_by_role("button", name="Save").click()

    other.locator("textarea[name=what]").fill("Only short meetings")
    other.locator("input[name=owner]").fill("the planning group")
    other.get_by_role("button", name="Save").click()
    told = other.locator("[role=alert]")
    expect(told).to_contain_text("Somebody else changed this meanwhile")
    expect(told).to_contain_text("Three meetings fewer")  # the one's words
    expect(other.locator("textarea[name=what]")).to_have_value("Only short meetings")  # the other's own
    expect(other.locator("textarea[name=sign]")).to_have_value("An hour is free on Mondays")  # taken over
    other.locator("textarea[name=what]").fill("Three meetings fewer, the rest short")
    other.get_by_role("button", name="Save").click()

    one.goto(f"{world.live}{PLAN}")
    for words in ("Three meetings fewer, the rest short", "An hour is free on Mondays", "the planning group"):
        expect(one.locator("main")).to_contain_text(words)
    one.goto(f"{world.live}{PLAN}/history")
    assert one.get_by_text("As it was after this change").count() == 3
    for page in windows:
        page.context.close()

"""A year of one community in a real browser, from its results to a change that staff notice, with a moved clock.

What is pressed is pressed in the browser; what goes by itself (open, close, count, remind, post, search)
is done by the very timetable and worker of the service, whenever the clock has moved.
"""

import re

import pytest
from playwright.sync_api import expect

from app.core.rounds import RoundId
from app.services import rounds
from app.store.database import database
from tests.browser.actions import VOTE_CODE, answer, others_answer, plan_and_open, print_slips, printed
from tests.browser.world import COORDINATOR, DAY, PLAN, PRINCIPAL, TOWN, WEEK, fill_action, release
from tests.conftest import NOON

pytestmark = [pytest.mark.browser, pytest.mark.slow]


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
        expect(phone.locator("h1")).to_have_text("Thank you, your vote has been sent")
        assert code not in phone.url
        phone.close()
    world.go("/staff/meetings/1/alder/vote")
    world.press("Close the vote and count", role="link")
    world.press("Yes, close and count")
    world.sees("6 people voted")


def write_plan(world):
    """Write the minutes with what the vote chose, take two actions of the library, hand one on."""
    page = world.go(f"{PLAN}/meeting")
    assert page.locator("input[name=focus]:checked").count() == 2
    page.locator("input[name=discussed_on]").fill(world.now.date().isoformat())
    page.locator("input[name=present]").fill("19")
    page.locator("textarea[name=note]").fill("A calm talk.")
    page.locator("input[name=pulse]").check()
    world.press("Save")
    world.sees("The discussion with the staff is marked as done.")
    for place, power in enumerate(("community", "municipality")):
        world.go(f"{PLAN}/library")
        world.page.get_by_role("link", name="Use as a starting point").nth(place).click()
        world.page.locator("select[name=power]").select_option(power)
        fill_action(world.page, world, owner="vice principal")
    world.press("Escalate to the municipality", role="link")
    world.page.locator("textarea[name=why]").fill("Substitutes are the municipality's to arrange.")
    world.press("Escalate")
    world.done("plan_agreed")


def share_seats(world):
    """Wish for seats, let the coordinator share them in the background, publish, and read the answer."""
    world.go("/staff/seats/")
    field = world.page.locator("input[name='seats|HAL-04-b']")
    for folded in world.page.locator("details").filter(has=field).all():
        folded.locator("> summary").click()
    field.fill("8")
    world.press("Save the requests")
    world.sees("The requests were saved.")
    world.as_(COORDINATOR)
    world.go("/staff/seats/allocation/")
    world.page.locator("input[name=two_or_none]").check()
    world.press("Allocate the seats")
    world.sees("The seats are being allocated")
    world.worker.run_oldest_pending_task()
    world.press("Update", role="link")
    world.sees("Check the allocation before you publish it.")
    world.press("Publish to the communities", role="link")
    world.press("Yes, publish")
    world.as_(PRINCIPAL)
    world.go("/staff/seats/")
    world.sees("The request was met in full.")


def hold_pulse(world, phones, *, number):
    """Plan it with one press; it opens on Monday by itself, asks this community alone, and is counted."""
    world.as_(COORDINATOR)
    world.go("/staff/timelines/")
    world.press("Plan the pulse survey for all of them")
    world.move(world.now + WEEK)
    world.as_(COORDINATOR)
    page = world.go(f"/staff/rounds/{number}/slips")
    expect(page.get_by_role("row", name="Birch School")).to_have_count(0)
    slips = print_slips(page, world.live, "Alder School", number=number)
    phone = phones.new_page()
    told = answer(phone, world.live, slips[0], option=3)
    phone.close()
    digest = rounds.get_round(database.session(), RoundId(number)).instrument_digest
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
    assert "Compared with the region" in world.staff_page(phones, word)

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
    world.page.locator("textarea[name=text_en]").fill("There is a pool of substitutes from January.")
    world.press("Answer")
    world.as_(PRINCIPAL)
    world.go(PLAN)
    world.press(re.compile("^Change"), role="link")
    world.page.locator("select[name=status]").select_option("started")
    world.press("Save")
    world.done("in_progress")
    told = world.staff_page(phones, word)
    assert "There is a pool of substitutes from January." in told and "Started" in told

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
    for words in ("Completed actions: 1 of 2.", "Summer survey", "Follow-up of the last survey"):
        world.sees(words)
    world.sees("With fewer than eight on either side, nothing can be said about the effect.")
    world.done("effect_reviewed")
    world.sees("The follow-up of this survey is finished")
    world.as_(COORDINATOR)
    world.go("/staff/timelines/")
    world.sees("Summer survey")
    assert len({mail["Message-ID"] for _, mail in world.box.arrived}) == len(world.box.arrived)

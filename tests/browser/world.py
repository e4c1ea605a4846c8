"""The service with a clock that a test moves, and what people do there together, in the browser."""

from dataclasses import replace
from datetime import timedelta

from playwright.sync_api import expect

from app.core.accounts import Grant, Role
from app.factory import build_scheduler
from app.jobs.allocation_worker import allocation_worker
from app.store.database import database
from tests.browser.actions import others_answer, plan_and_open, print_slips, sign_in
from tests.conftest import NOON

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
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
        self.app = app
        self.live = live
        self.page = page
        self.box = box
        self.now = NOON
        door = app.extensions["voimavara"]
        settings = replace(door.settings, smtp_url=smtp_url, mail_from="voimavara@example.test", jobs=True)
        app.extensions["voimavara"] = type(door)(settings, lambda: self.now, door.secret)
        self.timetable = build_scheduler(app)
        self.worker = allocation_worker(app, lambda: self.now)

    def move(self, moment):
        """Move the clock; what hangs together (close, count, write, send) takes some minutes of the service."""
        for minutes in (0, 6, 12):
            self.now = moment + timedelta(minutes=minutes)
            self.timetable.run_due()
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

"""Every page there is, looked at by axe: narrow and wide, errors too. A file for each language runs it.

Pages are found by their links; those that no link leads to are laid out in `scenes`. In the end every
address of the application has been looked at, or stands in NO_PAGES.
"""

import json
import re

import pytest
from playwright.sync_api import Error, expect
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.browser.page_checks import NARROW, faults
from tests.browser.scenes import ALDER, PASSWORD, lay_out
from tests.loaded_demo import copied_demo

WRITTEN = ":is([type=text], [type=email], [type=file])"
SIGN_OUT = "signin.sign_out"
NO_PAGES = {  # files, pictures, answers to programs, and addresses that only lead elsewhere
    "alive", "ready", "static", "key_backups.count_certificate_pdf", "organisations.download", "contacts.template",
    "other_surveys.download_crosswalk",
    "results.area_dimension_picture", "results.area_picture", "results.community_dimension_picture",
    "results.community_picture", "results.funnel_picture", "results.redirect_or_choose_results",
    "question_map.download_question_heat_map", "questions.area_picture", "questions.community_file",
    "questions.community_picture", "questions.all_readable_questions_file",
    "metrics.show", "api-docs.openapi_json", "programs.course_lists", "programs.courses", "programs.scale_figures",
    "programs.one_round", "programs.question_figures", "programs.rounds", "programs.strain", "programs.supply_plan",
    "single_signon.callback", "single_signon.start", "single_signon.connect", "supply.download",
    "robots", "security_contact", "workbooks.community", "workbooks.all_readable_figures_workbook",
    "respondent.redirect_to_start", "respondent.redirect_to_preferred_language", "self_assessment.redirect_to_start",
    "vote.redirect_to_start", "vote.redirect_to_preferred_language",
}  # fmt: skip
ELSEWHERE = {
    "allocations.task": "waits only while a big allocation runs; tests/web/test_seats.py audits it",
    "supply.task": "waits only while a plan is worked out; tests/web/test_supply.py audits it",
}


@pytest.fixture
def database_url(loaded_demo, tmp_path):
    """The address of the demo's database: import this fixture, and `app` is an installation with the demo."""
    return copied_demo(loaded_demo, tmp_path / "instance")


def password_of_demo(app):
    """Return the password of all people of the demo."""
    shown = app.test_cli_runner().invoke(args=["demo", "show"]).output.split()
    return shown[shown.index("all:") + 1]


class Look:
    """One look at the whole application in one language."""

    def __init__(self, page, live, app, language, check):
        self.page = page
        self.check = check
        self.live = live
        self.app = app
        self.language = language
        self.seen = set()
        self.found = []

    def endpoint(self, path):
        try:
            return self.app.url_map.bind("127.0.0.1").match(re.split("[?#]", path)[0])[0]
        except (HTTPException, RequestRedirect):
            return None

    def here(self, name):
        self.seen.add(self.endpoint(self.page.url.removeprefix(self.live)))
        self.found += self.check(self.page, name)

    def go(self, path):
        """Go to a page; tell whether it is one. A browser saves a file instead, and stays where it is."""
        joint = "&" if "?" in path else "?"
        plain = path.startswith(f"/{self.language}")
        try:
            answer = self.page.goto(f"{self.live}{path}" if plain else f"{self.live}{path}{joint}lang={self.language}")
        except Error as error:
            if "Download is starting" in error.message:
                return False
            raise
        return "text/html" in answer.headers["content-type"]

    def visit(self, path):
        """Go to a page and look at it."""
        self.go(path)
        self.look_at_page(path)

    def look_at_page(self, path):
        """Look at the page that is loaded, then at what it says when its form is sent in empty."""
        self.here(path)
        field = self.page.locator(f"main form[method=post] {WRITTEN}")
        if field.count() and field.first.is_visible():
            form = self.page.locator("main form[method=post]").filter(has=self.page.locator(WRITTEN)).first
            for one in form.locator(
                "input:not([type=hidden], [type=radio], [type=checkbox], [type=file]), textarea"
            ).all():
                if one.is_visible():  # a folded part of a form stays as it is
                    one.fill("")
            form.locator("button:not([type=button])").first.click()
            if self.page.locator("main .notice-error, main [aria-invalid=true]").count():
                self.found += self.check(self.page, f"{path}, sent in empty")

    def walk(self, start):
        """Go to one page of each kind that can be reached from `start`, and look at those not looked at yet."""
        waiting = [start]
        walked = {SIGN_OUT, None} | NO_PAGES - {"results.redirect_or_choose_results"}
        while waiting:
            path = waiting.pop(0)
            kind = self.endpoint(path)
            if kind in walked:
                continue
            walked.add(kind)
            if not self.go(path):
                self.seen.add(kind)
                continue
            links = "all => all.map(one => one.getAttribute('href'))"
            waiting += self.page.eval_on_selector_all("a[href^='/']", links)
            if kind not in self.seen:
                self.look_at_page(path)

    def press(self, selector):
        self.page.locator(f"main {selector}").first.click()


def look_at_everything(page, live, app, language, folder, *, check=faults):
    """Look at every page in one language; fail with what `check` finds, and with pages that nobody looked at.

    `check` gets a loaded page and its name and returns what is wrong with it: what axe finds, or what is too wide.
    """
    page.set_default_timeout(120_000)
    demo = password_of_demo(app)
    scenes = lay_out(app)
    look = Look(page, live, app, language, check)
    look_at_answering(look, scenes.code, folder)
    look_at_the_self_assessment(look)
    look_at_the_vote(look, scenes.vote_code)
    look.walk(f"/{language}/")
    for path in ("/nowhere", "/staff/nowhere"):
        look.go(path)
        look.here(path)
    look_at_the_second_step(look, scenes.half_signed_in)
    for who in ("rehtori", "koordinaattori", "admin", ALDER):
        sign_in(look, f"{who}@demo.example", PASSWORD if who == ALDER else demo)
        look.walk("/staff/")
        for path in scenes.staff.get(who, ()):
            look.visit(path)
        look.go("/staff/")
        page.set_viewport_size(NARROW)
        page.locator(".menu summary").click()
        look.here("the menu of a telephone")
        page.locator("form.account-who button").click()
    assert not look.found, "\n".join(map(str, look.found))
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods}
    forgotten = sorted(pages - look.seen - NO_PAGES - set(ELSEWHERE))
    assert not forgotten, f"nobody has looked at {', '.join(forgotten)}"


def look_at_answering(look, code, folder):
    """Go the whole way from the code to the own feedback, with the errors on it."""
    page = look.page
    front = f"/{look.language}/"
    look.go(front)
    page.locator("main input[name=code]").fill("0000-0000-0000-0000")
    look.press("button[name=go]")
    expect(page.locator("main .notice-error")).to_be_visible()
    look.here("a wrong code")
    look.go(front)
    page.locator("main input[name=code]").fill(code)
    look.press("button[name=go]")
    expect(page.locator("input[name=step]")).to_have_count(1)
    page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true })")
    look.here("the information")
    while page.locator("main button[value=send]").count() == 0:
        before = page.title()
        look.press("button[value=next]")
        expect(page).not_to_have_title(before)
        if page.locator("textarea").count():
            page.locator("textarea").fill("x" * 2_000)
            look.press("button[value=next]")
            expect(page.locator("main .notice-error")).to_be_visible()
            look.here("too many words")
            page.locator("textarea").fill("Quiet corridors.")
        for question in page.locator("fieldset").all():
            question.locator("input[type=radio]").nth(1).check()
        look.here(page.title())
    look.app.config["PROPAGATE_EXCEPTIONS"] = False
    page.locator("#profile").check()
    look.press("button[value=send]")
    expect(page.locator("#file")).to_have_count(1)
    look.here("own feedback")
    wrong = folder / "wrong.json"
    wrong.write_text(json.dumps({}), encoding="utf-8")
    page.locator("#file").set_input_files(wrong)
    look.press("button[value=compare]")
    expect(page.locator("main .notice-error")).to_be_visible()
    look.here("a wrong file")
    for path in ("thanks", "ended"):
        look.go(f"{front}{path}")
        look.here(path)


def look_at_the_self_assessment(look):
    """Go from the start to the own feedback, with every question of the second page left open."""
    page = look.page
    address = f"/{look.language}/self-assessment"
    look.go(address)
    look.here("self-assessment")
    look.seen.add(look.endpoint(address))  # the script puts the address of the first page in its place
    page.locator("main button[value=next]").click()
    expect(page.locator("fieldset").first).to_be_visible()
    look.here("self-assessment: questions")
    for question in page.locator("fieldset").all():
        question.locator("input[type=radio]").nth(4).check()
    while page.locator("main button[value=send]").count() == 0:
        before = page.title()
        look.press("button[value=next]")
        expect(page).not_to_have_title(before)
    page.locator("main details summary").click()
    look.here("self-assessment: check")
    look.press("button[value=send]")
    expect(page.locator("#file")).to_have_count(1)
    look.here("self-assessment: feedback")


def look_at_the_vote(look, code):
    """Vote with a code, and without choosing anything."""
    page = look.page
    for typed in ("0000-0000", code):
        look.go(f"/{look.language}/vote")
        look.here("vote")
        page.locator("main input[name=code]").fill(typed)
        look.press("form button")
        page.locator("main .notice-error, main fieldset").first.wait_for()
        look.here(f"vote: {'a wrong code' if typed != code else 'choosing'}")
    look.press("form button")
    expect(page.locator("main .notice-error")).to_be_visible()
    look.here("vote: nothing chosen")
    page.locator("main input[name=first]").first.check()
    look.press("form button")
    page.wait_for_url("**/vote/thanks")
    look.here("vote: thanks")


def look_at_the_second_step(look, email):
    """Give the password of an account that needs more, then wrong digits."""
    sign_in(look, email, PASSWORD, whole=False)
    look.here("second step")
    look.press("form button")
    expect(look.page.locator("main [role=alert]").first).to_be_visible()
    look.here("second step, nothing written")


def sign_in(look, email, password, *, whole=True):
    page = look.page
    look.go("/staff/sign-in")
    look.here("sign in")
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(password)
    look.press("form button[type=submit]")
    page.locator("form.account-who button" if whole else "input[name=digits]").wait_for(state="attached")

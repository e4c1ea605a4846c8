"""What has to happen in the demo before those pages can be looked at that no link leads to."""

import io
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pyotp
from pypdf import PdfReader

from app.core.accounts import Grant, Role
from app.core.disclosure.policy import Policy
from app.core.other_surveys import OtherSurvey
from app.core.rounds import KeyMode
from app.services import accounts, answering, counting, organisations, other_surveys, rounds, second_factor
from app.store.database import database
from app.store.instruments import read_questionnaire_file
from app.web.shared.app_context import AppContext
from tests.conftest import NOON
from tests.follow_ups import write_action, write_meeting
from tests.web.open_round import WELLBEING, open_round, own_secret
from tests.web.staff_client import add_account, client_of

SCHOOL = "kuusiranta-tahtikallion-koulu"
PASSWORD = "a quiet forest path"
ALDER = "alder"
# rounds of the demo
OPEN = 4
NEWEST = 3
EARLIER = 2
SLIP_CODE = re.compile(r"[0-9A-Z]{4}-\s?[0-9A-Z]{4}(?![0-9A-Z-])")


@dataclass(frozen=True)
class Scenes:
    """Addresses by who may see them; a code that answers, one that votes; who is asked for a second step."""

    staff: dict[str, list[str]]
    code: str
    vote_code: str
    half_signed_in: str


def lay_out(app):
    """Let it all happen; return where to look."""
    door = app.extensions["voimavara"]
    settings = replace(door.settings, smtp_url="smtp://127.0.0.1:1", mail_from="kysely@kunta.example")
    app.extensions["voimavara"] = AppContext(settings=settings, clock=door.clock, secret=door.secret)
    session = database.session()
    coordinator = _client(app, "koordinaattori")
    principal = _client(app, "rehtori")
    counted = _counted(app, session)
    closed = _closed(app, session)
    code = open_round(app, session, cedar=12, comments=True)[1]["cedar"][0]
    staff = {
        "koordinaattori": [
            *(
                f"/staff/rounds/{OPEN}/{page}"
                for page in ("close", "slips", "questionnaire", "contacts", "letters/sender")
            ),
            *_draft(session),
            *(f"/staff/rounds/{counted}/{page}" for page in ("release", "certificate")),
            f"/staff/comments/{counted}",
            *(f"/staff/rounds/{closed}/{page}" for page in ("count", "give-up")),
            f"/staff/timelines/{OPEN}/days",
            *(f"/staff/{page}/" for page in ("imports", "imports/structure", "questionnaires")),
            "/staff/questionnaires/keys/tswq",
            "/staff/municipality/",
            "/staff/clock/",
            f"/staff/results/{NEWEST}/area/region/{organisations.region(session).id}/questions/",
            f"/staff/results/{NEWEST}/question-map/",
            *_invited(app, session, coordinator),
            *_imports(coordinator),
            f"/staff/organisations/community/{SCHOOL}",
            "/staff/organisations/support/kuusiranta",
            *_other_surveys(session, coordinator),
            _seats(coordinator),
        ],
        "rehtori": [
            f"/staff/followup/{EARLIER}/{SCHOOL}/review",
            f"/staff/results/{NEWEST}/community/{SCHOOL}/questions/",
        ],
        "admin": [*_people(session), _data_package(_client(app, "admin"))],
    }
    vote, close = _vote(principal)
    staff["rehtori"].append(close)
    coordinator.post(f"/staff/comments/{counted}", data={})
    released = _released(app, session)
    staff["koordinaattori"] += [f"/staff/comments/{released}/community/alder", f"/staff/comments/{released}/others"]
    staff[ALDER] = _follow_up(session, released)
    found = Scenes(staff, code, vote, _half_signed_in(app))
    database.session.remove()
    return found


def _client(app, who):
    return client_of(app, accounts.find_account_by_email(database.session(), f"{who}@demo.example"))


def _draft(session):
    draft = _plan(session, key_mode=KeyMode.TRUSTEE)
    return [f"/staff/rounds/{draft}/{page}" for page in ("open", "key", "edit", "delete")]


def _plan(session, **chosen):
    number = rounds.plan_round(
        session,
        title="Seuraava kysely",
        instrument=read_questionnaire_file(WELLBEING),
        source=Path(WELLBEING).read_text(encoding="utf-8"),
        opens_at=NOON - timedelta(days=1),
        closes_at=NOON + timedelta(days=10),
        comments=True,
        **chosen,
    )
    session.commit()
    return number


def _counted(app, session):
    number, codes = open_round(app, session, alder=24, birch=12, comments=True)
    items = read_questionnaire_file(WELLBEING).items
    for place, code in enumerate(codes["alder"][:14]):
        words = "Our principal listens." if place == 0 else f"More peace {place}"
        ratings = {item.id: 2 + (place + number_of_item) % 3 for number_of_item, item in enumerate(items)}
        answering.submit(session, code, ratings=ratings, group=None, comment=words, secret=own_secret(app), now=NOON)
    rounds.close(session, number, now=NOON)
    keys = app.extensions["voimavara"].settings.keys
    counting.count_round(session, number, policy=Policy(), secret=own_secret(app), now=NOON, keys=keys)
    session.commit()
    return number


def _released(app, session):
    number = _counted(app, session)
    rounds.release(session, number, now=NOON)
    session.commit()
    return number


def _closed(app, session):
    number = open_round(app, session, alder=24)[0]
    rounds.close(session, number, now=NOON)
    session.commit()
    return number


def _invited(app, session, coordinator):
    number = _plan(session)
    settings = app.extensions["voimavara"].settings
    region = organisations.region(session)
    rounds.open_round(session, number, now=NOON, secret=own_secret(app), keys=settings.keys, region=region)
    session.commit()
    address = f"/staff/rounds/{number}/contacts"
    content = f"community;email\n{SCHOOL};anna@kunta.example\n"
    waiting = [_hand_in(coordinator, address, content.encode()) for _ in range(2)]
    coordinator.post(waiting[0])
    return [waiting[1], f"/staff/rounds/{number}/letters/invitations", f"/staff/rounds/{number}/letters"]


def _data_package(administrator):
    """Export the parts of an administrator and hand them in again, so that they wait to be confirmed."""
    package = administrator.get("/staff/data/voimavara-data.zip").data
    return administrator.post("/staff/data/", data={"file": (io.BytesIO(package), "data.zip")}).location


def _imports(coordinator):
    for what, name in (("organisations", "communities"), ("catalogue", "catalogue")):
        content = coordinator.get(f"/staff/{what}/{name}.csv").data
        yield f"/staff/{what}/import"
        yield _hand_in(coordinator, f"/staff/{what}/import", content)


def _other_surveys(session, coordinator):
    """Enter a survey of others and a scale that resembles a dimension; return their pages."""
    survey = OtherSurvey(0, "kuusiranta", "Kunta10", NOON.date(), NOON.date() + timedelta(days=20))
    number = other_surveys.add_other_survey(session, survey, by=None, now=NOON)
    session.commit()
    address = "/staff/other-surveys/crosswalk/import"
    rows = "Kunta10;demands;Työn kuormittavuus;;;low;", "Kunta10;control;Vaikutusmahdollisuudet;;;high;"
    content = "\n".join(["survey;dimension;scale_fi;scale_sv;scale_en;good_end;source", *rows])
    coordinator.post(_hand_in(coordinator, address, content.encode()))
    waiting = _hand_in(coordinator, address, content.encode())
    return ["/staff/other-surveys/", f"/staff/other-surveys/{number}", f"/staff/other-surveys/{number}/delete", waiting]


def _hand_in(client, address, content):
    answer = client.post(address, data={"file": (io.BytesIO(content), "list.csv")})
    assert answer.status_code == 302, answer.text[-1500:]
    return answer.location


def _seats(coordinator):
    coordinator.post("/staff/seats/allocation/run", data={"seed": "3"})
    return "/staff/seats/allocation/"


def _people(session):
    principal = accounts.find_account_by_email(session, "rehtori@demo.example").id
    return [f"/staff/people/{principal}/close", f"/staff/people/{principal}/hand-over/{SCHOOL}"]


def _vote(principal):
    """Open a vote; return a code of it, and the page that asks before it is closed."""
    page = principal.get("/staff/results/", follow_redirects=True)
    number = re.search(r"/staff/results/(\d+)", page.request.path)[1]
    address = f"/staff/meetings/{number}/{SCHOOL}/vote"
    principal.post(address, data={"option": ["control", "demands", "leadership"], "dots": "2", "people": "8"})
    vote = re.search(rf"{address}/(\d+)/slips", principal.get(address).text)[1]
    printed = PdfReader(io.BytesIO(principal.post(f"{address}/{vote}/slips").data))
    code = SLIP_CODE.search("\n".join(page.extract_text() for page in printed.pages))[0].replace("\n", "")
    return code, f"{address}/{vote}/close"


def _follow_up(session, released):
    """Let a principal of that community be at the first step, with an action that the municipality may get."""
    who = add_account(Grant(Role.PRINCIPAL, "town", "alder"), email=f"{ALDER}@demo.example", name="Alder Demo")
    accounts.set_password(session, who.id, PASSWORD, by=None, now=NOON)
    write_meeting(session, released, "alder")
    saved = write_action(session, released, "alder", power="municipality")
    session.commit()
    root = f"/staff/followup/{released}/alder"
    return [f"{root}/step/previewed", f"{root}/action/{saved.number}/hand-on"]


def _half_signed_in(app):
    session = database.session()
    email = "second@example.test"
    who = add_account(Grant(Role.COORDINATOR), email=email, name="Second Demo")
    accounts.set_password(session, who.id, PASSWORD, by=None, now=NOON)
    shared = second_factor.begin_setup(session, who.id, secret=own_secret(app))
    second_factor.confirm_setup(session, who.id, pyotp.TOTP(shared).at(NOON), secret=own_secret(app), now=NOON)
    session.commit()
    return email

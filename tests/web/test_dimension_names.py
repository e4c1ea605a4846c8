"""A dimension has one name wherever a principal or coordinator reads it beside results: that of the good end."""

import html
import io
import re
import zipfile
from datetime import timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from jinja2 import Undefined, UndefinedError
from jinja2.utils import missing
from pypdf import PdfReader

from app.cli.demo.courses import demo_catalogue_csv
from app.core.accounts import Grant, Role
from app.core.catalogue import DIMENSIONS
from app.core.languages import Language
from app.core.mail import MessagePurpose
from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.seat_requests import SeatRequest
from app.jobs.follow_up_reminders import claim_due_reminders
from app.render.mail_messages import render_message, sender_details
from app.reports import orientation
from app.services import catalogue, organisations, seats
from app.store import accounts
from app.store.seats import Override
from app.web.staff.seats.letters import seat_outcome_messages
from tests.conftest import NOON
from tests.follow_ups import SMALL, planned
from tests.publications import made, store
from tests.web.staff_client import add_account, signed_in

ZONE = ZoneInfo("Europe/Helsinki")
PINE = Grant(Role.PRINCIPAL, "south", "pine")
COORDINATOR = Grant(Role.COORDINATOR)
# What the questionnaire calls the scale; its numbers are high where much is demanded.
ASKED = {"fi": r"[Tt]yön vaatimu", "sv": r"[Kk]rave?n? i arbetet", "en": r"[Dd]emands of (the )?work|[Hh]igh demands"}
# Pages on which the dimension itself is named, by who reads them.
NAMED = {
    "principal": (
        "/staff/results/{round}/community/pine",
        "/staff/matching/community/pine",
        "/staff/followup/{round}/pine",
        "/staff/followup/{round}/pine/meeting",
        "/staff/followup/{round}/pine/library",
        "/staff/followup/{round}/pine/action",
        "/staff/followup/{round}/pine/history",
        "/staff/followup/{round}/pine/paper",
        "/staff/meetings/{round}/pine",
        "/staff/meetings/{round}/pine/vote",
        "/staff/meetings/{round}/pine/show/vote",
        "/staff/network/community/pine",
        "/courses/",
        "/courses/{course}",
    ),
    "coordinator": (
        "/staff/results/{round}",
        "/staff/results/{round}/area/region/{region}",
        "/staff/results/{round}/area/municipality/south",
        "/staff/results/{round}/quality",
        "/staff/results/{round}/question-map/",
        "/staff/matching/",
        "/staff/municipality/south",
        "/staff/catalogue/",
        "/staff/catalogue/course/{course}",
        "/staff/other-surveys/crosswalk/import",
    ),
}
# Pages on which it may be named, as their contents have it.
SILENT = {
    "principal": (
        "/staff/",
        "/staff/results/{round}/community/pine/questions/",
        "/staff/followup/{round}/pine/review",
        "/staff/meetings/{round}/pine/show/results",
        "/staff/meetings/{round}/pine/show/strongest",
        "/staff/meetings/{round}/pine/show/weakest",
        "/staff/seats/community/pine",
    ),
    "coordinator": (
        "/staff/seats/allocation/",
        "/staff/supply/",
        "/staff/effect/",
        "/staff/dossier/",
        "/staff/weights/",
        "/staff/weights/change",
        "/staff/timelines/",
        "/staff/inbox/",
    ),
}


@pytest.fixture
def released(app, session):
    catalogue.import_courses(session, demo_catalogue_csv(NOON.date()), zone=ZONE, now=NOON)
    publication = store(session, made())
    planned(session, publication.round, "pine")
    return publication


class MissingAttribute(Undefined):
    """What a template asks of a value of ours that does not have it; names that are not set at all stay empty."""

    def __init__(self, hint=None, obj=missing, name=None, exc=UndefinedError):
        super().__init__(hint, obj, name, exc)
        if type(obj).__module__.startswith("app."):
            raise exc(f"{type(obj).__name__} has no {name}")


@pytest.fixture
def strict(app, monkeypatch):
    """Let every template fail that reads what a value does not have."""
    monkeypatch.setattr(app.jinja_env, "undefined", MissingAttribute)


def words(page):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize(("who", "grant"), [("principal", PINE), ("coordinator", COORDINATOR)])
def test_every_page_calls_the_dimension_by_the_name_of_its_results(
    app, session, strict, released, language, who, grant
):
    client = signed_in(app, grant, language=language)
    name = DIMENSIONS["demands"].in_language(Language(language))
    course = next(
        course.external_id
        for course in catalogue.courses(session)
        if any(each.dimension == "demands" and each.value for each in course.dimensions)
    )
    wrong = []
    for address in (*NAMED[who], *SILENT[who]):
        page = address.format(round=released.round, course=course, region=released.region.id)
        answer = client.get(page, headers={"Accept-Language": language}, follow_redirects=True)
        assert answer.status_code == 200, address
        text = words(answer.text)
        wrong += [f"{address}: {found}" for found in re.findall(rf".{{30}}(?:{ASKED[language]}).{{30}}", text)]
        if address in NAMED[who] and name not in text:
            wrong.append(f"{address}: no {name}")
    assert not wrong, "\n".join(wrong)


def texts_of(archive):
    """Return every text of a workbook or of slides."""
    with zipfile.ZipFile(io.BytesIO(archive)) as parts:
        return " ".join(words(parts.read(name).decode()) for name in parts.namelist() if name.endswith(".xml"))


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize(
    ("grant", "address"),
    [(COORDINATOR, "/staff/dossier/{language}.xlsx"), (PINE, "/staff/meetings/{round}/pine/slides.pptx")],
)
def test_files_call_the_dimension_by_the_same_name(app, released, language, grant, address):
    client = signed_in(app, grant, language=language)
    answer = client.get(address.format(language=language, round=released.round))
    assert answer.status_code == 200
    text = texts_of(answer.data)
    assert DIMENSIONS["demands"].in_language(Language(language)) in text
    assert not re.search(ASKED[language], text)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize(
    ("grant", "address"),
    [
        (COORDINATOR, "/staff/dossier/{language}.pdf"),
        (PINE, "/staff/meetings/{round}/pine/handout.pdf?lang={language}"),
    ],
)
def test_printed_papers_call_the_dimension_by_the_same_name(app, released, language, grant, address):
    client = signed_in(app, grant, language=language)
    answer = client.get(address.format(language=language, round=released.round))
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    pages = PdfReader(io.BytesIO(answer.data)).pages
    # Lines of a narrow column may break within a word.
    text = " ".join(" ".join(page.extract_text() for page in pages).replace("\u00ad\n", "").split())
    assert DIMENSIONS["demands"].in_language(Language(language)) in text
    assert not re.search(ASKED[language], text)


def requested_in_vain(session):
    """Let a community ask for the first course, decide that it gets no seats, and publish; return the allocation."""
    offering = seats.requestable_offerings(session, now=NOON)[0][1]
    seats.save_seat_requests(session, "pine", [SeatRequest("pine", offering.external_id, 2, 1)], by=None, now=NOON)
    number = seats.run_allocation(session, seed=1, limits=AllocationLimits(), by=None, now=NOON)
    seats.override_seats(session, number, Override("pine", offering.external_id, 0, "Full"), by=None, now=NOON)
    seats.publish_allocation(session, number, by=None, now=NOON)
    session.commit()
    return seats.find_published_allocation(session)


def test_letters_call_the_dimension_by_no_other_name(app, session, released):
    allocation = requested_in_vain(session)
    unmet = seats.unmet_requests_by_community(session, allocation, now=NOON)
    assert unmet["pine"][0].alternative is not None
    readers = []
    for language in Language:
        reader = add_account(PINE, SMALL, email=f"{language}@example.test", language=language.value)
        accounts.set_password_hash(session, reader.id, "kept elsewhere")
        readers.append(reader)
    session.commit()
    units = organisations.region(session).units
    written = seat_outcome_messages(allocation, units, accounts.accounts(session), unmet)
    written += claim_due_reminders(session, now=NOON + timedelta(days=6))
    assert len(written) == 2 * len(readers)
    head = sender_details(app.extensions["voimavara"].settings)
    texts = [
        (letter.account.language, render_message(MessagePurpose.FOLLOW_UP, Language(letter.account.language), {
            "about": letter.about, "what": letter.what, "detail": letter.detail, "path": letter.path,
        }, head=head).text)
        for letter in written
    ]  # fmt: skip
    fields = ("round", "code", "about", "what", "detail", "unit", "path", "name", "days", "sender_name")
    named = {**dict.fromkeys(fields, "x"), "until": NOON.isoformat()}
    texts += [
        (language.value, render_message(purpose, language, named, head=head).text)
        for purpose in MessagePurpose
        for language in Language
    ]
    desk = signed_in(app, COORDINATOR)
    for language in Language:
        answer = desk.get(f"/staff/seats/allocation/{allocation.id}/letters?lang={language}")
        assert answer.status_code == 200
        texts.append((language.value, words(answer.text)))
    assert [text for language, text in texts if re.search(ASKED[language], text)] == []


def test_the_dossier_turns_the_mean_of_the_region_like_the_results_page(app, released):
    client = signed_in(app, COORDINATOR)
    needs = list(openpyxl.load_workbook(io.BytesIO(client.get("/staff/dossier/en.xlsx").data))["Needs"].values)
    row = next(row for row in needs if row[0] == "Manageable workload")
    stored = released.figure(released.region_cell, "demands").mean
    assert row[1] == pytest.approx(100 - stored)
    assert row[3] == next(row for row in needs if row[0] == "Control over work")[3]


def test_the_results_and_all_other_pages_take_the_name_from_one_place():
    assert orientation.TURNED_TITLES["demands"] is DIMENSIONS["demands"]

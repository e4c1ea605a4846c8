"""An installation in which every part of a data package has something to tell."""

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import insert

from app.config import load_settings
from app.core.accounts import Role
from app.core.catalogue import CourseStatus, DeliveryMode, Offering
from app.core.disclosure.policy import Policy
from app.core.languages import Language, PartlyTranslatedText, Translations
from app.core.mail import InvitedAddress, SenderIdentity
from app.core.matching.weights import WEIGHTS
from app.core.organisations import Community, CommunityKind, Municipality
from app.factory import create_app
from app.services import accounts, answering, counting, rounds
from app.services.data_package import package
from app.store import contacts, courses, organisations, publications, questionnaires, weights
from app.store import overlaps as replaced
from app.store.database import Base, database
from app.web.shared.data_parts import part_formats_in_import_order
from tests.services.factories import AFTER, CLOSES, NOON, OPENS, SECRET, opened, plan, source
from tests.services.test_round_trips import COURSE

OFFERING = "K1-1"
REASON = '=counted twice; "said" the\nschool'


def filled_package(folder, without=frozenset()):
    """Return the data package of such an installation (without some parts), and the numbers of its rounds."""
    app = create_app(load_settings({}, instance=folder / "instance"), clock=lambda: NOON)
    with app.app_context():
        Base.metadata.create_all(database.engine)
        session = database.session()
        numbers = fill(session, folder)
        formats = [one for one in part_formats_in_import_order() if one.part not in without]
        content = package.export_package(session, formats, by=None, now=NOON)
        database.session.remove()
        database.engine.dispose()
    return content, numbers


def fill(session, keys):
    """Store something of every part; return the released round, the one that replaced it, and the draft."""
    _organisations(session)
    author = _people(session)
    _courses(session)
    questionnaires.upsert_questionnaire(session, "own-pulse", source(6, version="own"), by=author, now=NOON)
    weights.add(session, replace(WEIGHTS, version="2026-2", far_days=30), number=2, reason="=far", by=author, now=NOON)
    first = _released(session, keys, "Autumn")
    second = _released(session, keys, "Autumn, corrected")
    replaced.mark_replaced_and_audit(session, [first], by=second, now=AFTER, because=REASON)
    titles = Translations(fi="", sv="", en="Next spring")
    draft = plan(
        session,
        title=titles.en,
        title_translations=titles,
        opens_at=NOON + timedelta(days=90),
        closes_at=NOON + timedelta(days=99),
    )
    contacts.upsert(session, draft, [InvitedAddress("a@b.example", "alder", Language.SV)])
    contacts.set_sender(session, draft, SenderIdentity("Ää, Öö", "answers@b.example"))
    _rows(session, second, author)
    session.commit()
    counting.destroy_keys_and_wipe_remnants(session, now=AFTER, keys=keys)
    session.commit()
    return first, second, draft


def _organisations(session):
    places = [Municipality("town", "Town"), Municipality("091", "=Näs", member=False)]
    communities = [
        Community("alder", "Alder", "town", CommunityKind.SCHOOL, {"teachers": 12, "assistants": 0}, contact="h@b.fi"),
        Community("birch", "Birch; “Björk”", "town", CommunityKind.OTHER, {"teachers": 30}),
        Community("0123", "'Oak", "091", CommunityKind.EARLY_CHILDHOOD, {"early_childhood": 5}),
        Community("oak2", "Oak 2", "091", CommunityKind.EARLY_CHILDHOOD, {}, joined_to="0123"),
    ]  # fmt: skip
    organisations.upsert(session, municipalities=places, communities=communities, region=("region", "Region"))


def _people(session):
    people = {
        "p@b.example": (Role.PRINCIPAL, {"municipality": None, "community": "alder"}),
        "k@b.example": (Role.COORDINATOR, {"municipality": None, "community": None}),
        "m@b.example": (Role.TRUSTEE, {"municipality": "091", "community": None}),
    }
    for email, (role, place) in people.items():
        grant = accounts.resolve_grant(session, role, **place)
        accounts.add(session, email=email, name="'=1+1", language=Language.SV, grants=[grant], by=None, now=NOON)
    both = accounts.find_account_by_email(session, "k@b.example")
    second = accounts.resolve_grant(session, Role.PRINCIPAL, municipality=None, community="birch")
    accounts.grant_role(session, both.id, second, by=None, now=NOON)
    accounts.add(session, email="none@b.example", name="No role", language=Language.FI, grants=[], by=None, now=NOON)
    closed = accounts.add(
        session, email="closed@b.example", name="Closed", language=Language.FI, grants=[], by=None, now=NOON
    )
    accounts.close(session, closed, by=None, now=NOON)
    return both.id


def _courses(session):
    offering = Offering(
        external_id=OFFERING, mode=DeliveryMode.ONSITE, sessions=(), place="Näs", capacity=20,
        accessibility=PartlyTranslatedText("Hiss", Translations(fi="", sv="Hiss", en="")),
        min_participants=1, member_quota=None, registration_url="", registration_opens=None, registration_closes=None,
        price_eur=12.5, payer="", status=CourseStatus.ACTIVE, quotas={},
    )  # fmt: skip
    courses.upsert_courses_and_replace_offerings(session, [replace(COURSE, offerings=(offering,))])


def _released(session, keys, title):
    number = opened(session, keys, alder=12, birch=30)
    values = {"title": title, "title_translations": Translations(fi="", sv="", en=title)}
    session.execute(Base.metadata.tables["round"].update().values(values).where(_round().c.id == number))
    for unit, size in (("alder", 12), ("birch", 25)):
        codes = rounds.issue_slip_codes(session, number, unit, secret=SECRET, now=NOON)
        for place, code in enumerate(codes[:size]):
            ratings = {f"q{item}": 1 + (place + item) % 5 for item in range(6)}
            answering.submit(session, code, ratings=ratings, group="teachers", comment=None, secret=SECRET, now=NOON)
    rounds.close(session, number, now=CLOSES)
    counting.count_round(session, number, policy=Policy(), secret=SECRET, now=AFTER, keys=keys)
    rounds.release(session, number, now=AFTER + timedelta(days=1))
    assert publications.find_including_replaced(session, number) is not None
    return number


def _round():
    return Base.metadata.tables["round"]


def _rows(session, number, author):
    """Store a row of every plain table; its texts are those that a spreadsheet changes when it can."""
    community = {"round_id": number, "unit_id": "alder"}
    by = {"account_id": author, "at": NOON}
    rows = {
        "support": {"municipality_id": "town", "who": "shop_steward", "words": "040 123\n=luottamus@b.example"},
        "shared_staff": {"community_id": "alder", "service": "kitchen", "answers": "-Kim", **by},
        "other_survey": {
            "id": 5, "municipality_id": "town", "title": "=Kunta10", "first_day": date(2027, 1, 11),
            "last_day": date(2027, 1, 31), **by,
        },
        "scale_match": {
            "survey": "=Kunta10", "dimension": "control", "scale_fi": "-Hallinta", "scale_sv": "Kontroll",
            "scale_en": "Control", "good_end": "high", "source": "+1",
        },
        "seat_wish": {"community_id": "alder", "offering_id": OFFERING, "seats": 2, "priority": 1, **by},
        "seat_unsuitable_day": {"community_id": "alder", "day": date(2027, 1, 31)},
        "seat_use": {"offering_id": OFFERING, "taken": 12, "completed": 11, **by},
        "course_participation": {"course_id": "K1", "community_id": "alder", "took_part": True, **by},
        "pulse_unit": {"round_id": number, "unit_id": "alder", "survey_id": number},
        "allocation": {
            "id": 3, "made_at": NOON, "published_at": AFTER, "account_id": author, "weights_version": "2026-2",
            "limits": {"budget": None, "two_or_none": True, "seconds": 10.0},
            "content": {
                "given": [["alder", OFFERING, 2, 1, 1, []]], "shares": [["alder", 2, 1.5, 1, 1, 0.1]], "ratio": 0.1,
                "cancelled": [], "whole": True, "seed": 7,
            },
        },
        "seat_override": {
            "allocation_id": 3, "community_id": "alder", "offering_id": OFFERING, "seats": 1, "note": "=1", **by,
        },
        "plan_change": {
            **community, "id": 9, "subject": "plan", "version": 1, **by, "content": {"note": "a\nb"},
        },
        "followup_pace": {
            "round_id": number, "preview": 1, "meeting": 2, "plan": 3, "first_step": 4, "pulse_from": 5, "pulse_by": 6,
            "review": 7, "answer": 8,
        },
        "followup_step": {**community, "step": "discussed", **by},
        "followup_reminder": {**community, "step": "discussed", "kind": "due", "at": NOON},
        "plan": {
            **community, "version": 2, "focus": ["control"], "discussed_on": date(2026, 11, 30), "present": None,
            "note": "+1; '=2", "pulse": True,
        },
        "network_consent": {
            "community_id": "alder", "dimension": "control", "side": "seeks", "contact_person": "=Kim", **by,
        },
    }  # fmt: skip
    for table, row in rows.items():
        session.execute(insert(Base.metadata.tables[table]).values(row))
    action = {
        **community, "version": 1, "dimension": "control", "what": "Talk", "aim": "work", "power": "community",
        "owner": "K", "first_step": "", "first_by": OPENS.date(), "due": CLOSES.date(), "sign": "", "course": "",
        "status": "planned", "outcome": "",
    }  # fmt: skip
    result = session.execute(insert(Base.metadata.tables["plan_action"]).values(action))
    session.execute(
        insert(Base.metadata.tables["escalation"]).values(
            **community,
            municipality_id="town",
            action_id=result.inserted_primary_key[0],
            what="Room",
            why="",
            raised_at=NOON,
            raised_by=author,
            due=CLOSES.date(),
            answer="done",
            answer_text="Klart.",
            answer_translations={"sv": "Klart."},
            answered_at=NOON,
            answered_by=None,
        )
    )

"""Attack 18: read every page and file that follows the results, and ask whether it depends on what is withheld.

Two worlds differ in nothing but the numbers of figures that the publication withholds, as a broken gate
would have left them there. Whatever desk, meeting, plan, seat or dossier shows, it must be the same in both.
"""

import io
import re
import zipfile
from dataclasses import replace
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, update
from werkzeug.routing import BuildError

from app.cli.demo.courses import demo_catalogue_csv
from app.core.accounts import Grant, Role
from app.core.followup import FollowUpStep
from app.core.matching import needs
from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.networking import Consent, ConsentSide
from app.core.matching.seat_requests import SeatRequest
from app.core.publication import DisclosureState, Publication, split_publication
from app.services import catalogue, followup, networking, seats
from app.store import publication_parts
from app.store.publication_parts import PublicationPartRow
from app.store.publications import PublicationRow
from app.web.staff.followup.meetings import VIEWS
from tests.follow_ups import PINE, SMALL, planned
from tests.publications import NOON, made, store
from tests.web.open_round import own_secret
from tests.web.staff_client import signed_in
from tests.web.test_followup_pages import by_word

pytestmark = pytest.mark.slow

READERS = {
    "small": SMALL,
    "tiny": Grant(Role.PRINCIPAL, "north", "tiny"),
    "pine": PINE,
    "desk": Grant(Role.COORDINATOR),
}
FOLLOWING = {
    "allocations", "dossier", "effect", "followup", "home", "inbox", "matching", "meeting_papers", "meetings",
    "followup_overview", "networking", "plans", "reviews", "results", "seats", "votes", "weights",
}  # fmt: skip
LOW = 15.0
HIGH = 85.0
ONE_TIME = re.compile(rb'(name="csrf_token"[^>]*value="|name="csrf-token"[^>]*content=")[^"]*')
MADE_AT = re.compile(rb"/(CreationDate|ModDate|ID) ?(\([^)]*\)|\[[^\]]*\])")


def spoilt(publication: Publication, number: float) -> Publication:
    """The publication with `number` in every figure that it withholds."""

    def spoil(figure):
        if figure.state is DisclosureState.SHOWN:
            return figure
        ends = (number - 3, number + 3)
        return replace(figure, mean=number, interval=ends, interval_conditions=ends, shrunken=number, worst_case=ends)

    return replace(publication, figures=tuple(spoil(one) for one in publication.figures))


def put(session, publications, number):
    """Let the withheld figures of the stored publications bear `number`."""
    for one in publications:
        sealed = split_publication(spoilt(one, number))
        row = {"content": sealed.header, "digest": sealed.digest}
        session.execute(update(PublicationRow).where(PublicationRow.round_id == one.round).values(row))
        session.execute(delete(PublicationPartRow).where(PublicationPartRow.round_id == one.round))
        publication_parts.add(session, one.round, sealed.parts)
    session.commit()


@pytest.fixture(scope="module")
def counted():
    first = made(1)
    return first, made(2, title="Autumn 2027", lift=0.2, earlier=(first,), days=300)


@pytest.fixture
def world(app, session, counted):
    """Two released rounds and all that follows: plans, a matter, wishes, an allocation, consents."""
    catalogue.import_courses(session, demo_catalogue_csv(NOON.date()), zone=ZoneInfo("Europe/Helsinki"), now=NOON)
    released = [store(session, one) for one in counted]
    for unit in ("small", "tiny", "pine"):
        action = planned(session, released[0].round, unit, power="municipality")
        followup.escalate(session, released[0].round, unit, action, "Two groups are too large.", by=None, now=NOON)
        networking.save_consents(
            session, unit, [Consent(unit, "practices", ConsentSide.SEEKS, "principal")], by=None, now=NOON
        )
        offering = seats.requestable_offerings(session, now=NOON)[0][1]
        seats.save_seat_requests(session, unit, [SeatRequest(unit, offering.external_id, 4)], by=None, now=NOON)
    number = seats.run_allocation(session, seed=1, limits=AllocationLimits(), by=None, now=NOON)
    seats.publish_allocation(session, number, by=None, now=NOON)
    session.commit()
    return released


def addresses(app, released, unit):
    """Every address of every page and file that follows the results, of one unit and of the whole."""
    known = {
        "number": [one.round for one in released],
        "unit": [unit], "unit_id": [unit], "view": list(VIEWS), "step": [one.value for one in FollowUpStep],
        "action": [1, 2, 3], "external_id": ["TYO-01"], "spoken": ["en"], "kind": ["pdf", "xlsx", "csv"],
        "level": ["municipality", "region"], "vote": [1],
        "name": ["dimensions", "shares", "trends", "plane"], "width": ["wide"], "measure": ["control"],
    }  # fmt: skip
    with app.test_request_context("/"):
        for rule in app.url_map.iter_rules():
            if rule.endpoint.partition(".")[0] in FOLLOWING and "GET" in rule.methods:
                names = sorted(rule.arguments)
                for values in product(*(known[name] for name in names)):
                    try:
                        yield app.url_for(rule.endpoint, **dict(zip(names, values, strict=True)))
                    except (BuildError, ValueError):  # a rule that knows fewer words: there is no CSV of the dossier
                        continue


def plain(answer):
    """What an answer says, without what differs from visit to visit."""
    if answer.data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
            return {name: packed.read(name) for name in packed.namelist() if "docProps" not in name}
    return MADE_AT.sub(b"", ONE_TIME.sub(rb"\1", answer.data))


def seen(app, session, released):
    """Everything that all readers get, by reader and address."""
    found = {}
    # All accounts are there before the first page is read: lists follow the languages of principals.
    for name, grant in READERS.items():
        if name not in CLIENTS:
            CLIENTS[name] = signed_in(app, grant, email=f"{name}@example.test", name="Reader")
    for name, client in CLIENTS.items():
        for address in sorted(set(addresses(app, released, "small" if name == "desk" else name))):
            answer = client.get(address)
            if answer.status_code == 200:
                found[name, address] = plain(answer)
    for unit in ("small", "tiny", "pine"):
        word = followup.access_phrase(session, released[-1].round, unit, secret=own_secret(app))
        found["staff", unit] = by_word(app, word).response.data
    return found


CLIENTS: dict = {}


@pytest.fixture(autouse=True)
def nobody_signed_in():
    CLIENTS.clear()


def differing(app, session, released):
    """The addresses whose answer changes with a withheld number, and how many there were to read."""
    put(session, released, LOW)
    low = seen(app, session, released)
    put(session, released, HIGH)
    high = seen(app, session, released)
    assert low.keys() == high.keys()
    return [place for place, said in low.items() if high[place] != said], low


def test_nothing_after_the_results_depends_on_what_is_withheld(app, session, world):
    changed, read = differing(app, session, world)
    assert not changed, "\n".join(map(str, changed))
    kinds = {app.url_map.bind("").match(address.partition("?")[0])[0].partition(".")[0] for _, address in read
             if address.startswith("/")}  # fmt: skip
    assert kinds == FOLLOWING
    assert len(read) > 150


def test_the_attack_sees_a_list_of_courses_that_looks_behind_the_gate(app, session, world, monkeypatch):
    class Blind:
        """Takes every figure for a shown one."""

        SHOWN = DisclosureState.SHOWN
        PLACEMENT = None
        WITHHELD = None

    monkeypatch.setattr(needs, "DisclosureState", Blind)
    changed, _ = differing(app, session, world)
    assert ("small", "/staff/matching/community/small") in changed
    assert ("desk", "/staff/matching/") in changed

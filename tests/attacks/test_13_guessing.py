"""Attack 13: guess codes, from many addresses, and learn something from each answer."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from app.services import answering
from app.store.database import database
from app.vault import codes
from app.web.respondent import views
from app.web.respondent.failed_code_limiter import ATTEMPTS, REFILL, FailedCodeLimiter
from app.web.shared.app_context import AppContext
from tests.conftest import NOON
from tests.web.open_round import CLOSES, begin, is_unspent, open_round, own_secret, to_check
from tests.web.visitor import Visitor

GUESSED = 100_000
ADDRESSES = 500
HOUR = timedelta(hours=1)


def let_through(brake, *, guesses=GUESSED, addresses=ADDRESSES, span=HOUR):
    """Guess evenly over an hour from many addresses; return how many were looked at, by address."""
    looked = Counter()
    for number in range(guesses):
        moment = NOON + span * number / guesses
        host = number % addresses
        address = f"198.51.{host // 250}.{host % 250}"
        if not brake.remaining_wait(address, now=moment):
            brake.record_failure(address, now=moment)
            looked[address] += 1
    return looked


def test_a_hundred_thousand_guesses_are_slowed_down_to_what_each_address_is_due():
    looked = let_through(FailedCodeLimiter(), guesses=GUESSED, addresses=20)
    assert max(looked.values()) <= ATTEMPTS + HOUR / REFILL + 1
    assert sum(looked.values()) < GUESSED / 3


def test_no_number_of_guesses_in_a_year_finds_a_code():
    """Everything that gets through, against every code of 130,000 people at once."""
    from_everywhere = ADDRESSES * 100 * (timedelta(days=365) / REFILL)
    chance = from_everywhere * 130_000 / len(codes.ALPHABET) ** codes.SLIP_LETTERS
    assert chance < 0.1


def test_nobody_is_locked_out():
    brake = FailedCodeLimiter()
    let_through(brake, addresses=20)
    assert not brake.remaining_wait("203.0.113.9", now=NOON + HOUR)  # another address never noticed
    waited = brake.remaining_wait("198.51.0.1", now=NOON + HOUR)  # a colleague behind the guesser's own address
    assert waited <= REFILL
    assert not brake.remaining_wait("198.51.0.1", now=NOON + HOUR + waited)


@pytest.mark.parametrize(
    ("guesser", "other", "together"),
    [
        ("2001:db8:0:1::5", "2001:db8:0:1:ffff::9", True),  # one household
        ("2001:db8:0:1::5", "2001:db8:0:2::5", False),
        ("::ffff:198.51.100.7", "198.51.100.7", True),
        ("::ffff:198.51.100.7", "::ffff:203.0.113.9", False),  # what a socket for both kinds calls IPv4
        ("fe80::1%eth0", "198.51.100.7", False),
        ("no address:", "198.51.100.7", False),
    ],
)
def test_a_guesser_holds_up_the_own_network_and_no_other(guesser, other, together):
    brake = FailedCodeLimiter()
    for _ in range(ATTEMPTS):
        brake.record_failure(guesser, now=NOON)
    assert brake.remaining_wait(guesser, now=NOON)
    assert bool(brake.remaining_wait(other, now=NOON)) is together


def test_what_is_remembered_of_an_address_is_keyed_anew_each_day_and_in_each_process():
    def remembered(brake, moment):
        brake.record_failure("198.51.100.7", now=moment)
        return set(vars(brake)["_free_at"])

    brake = FailedCodeLimiter()
    today, later, tomorrow = (remembered(brake, NOON + hours * HOUR) for hours in (0, 23, 24))
    assert today == later and len(tomorrow) == 1 and not today & tomorrow
    assert not today & remembered(FailedCodeLimiter(), NOON)


def asked(app, code, address="192.0.2.10"):
    """Type a code; return the answer without the typed letters, and how much work it was."""
    work = Counter()
    engine = database.engine

    def note(*_arguments):
        work["statements"] += 1

    event.listen(engine, "after_cursor_execute", note)
    try:
        client = app.test_client(use_cookies=False)
        answer = client.post("/en/code", data={"code": code}, environ_base={"REMOTE_ADDR": address})
    finally:
        event.remove(engine, "after_cursor_execute", note)
    return (answer.status_code, sorted(answer.headers.items()), answer.text.replace(code, "")), dict(work)


@pytest.fixture
def wrong(app, session, asked_round):
    """Codes of the same look that give no right, each for another reason."""
    _, drawn = asked_round
    spent = drawn[0]
    answering.submit(session, spent, ratings={}, group=None, comment=None, secret=own_secret(app), now=NOON)
    session.commit()
    return {
        "spent": spent,
        "made up": drawn[0][:5] + codes.draw_slip_code(1)[5:],
        "another round": codes.draw_slip_code(77),
    }


@pytest.fixture
def asked_round(app, session):
    number, drawn = open_round(app, session, alder=24)
    return number, drawn["alder"]


def slow_digests(monkeypatch):
    """Count how often the slow digest of a slip's code is made."""
    made = Counter()
    plain = codes.hash_secret_raw

    def count(*arguments):
        made["slow"] += 1
        return plain(*arguments)

    monkeypatch.setattr(codes, "hash_secret_raw", count)
    return made


def test_every_wrong_code_gets_one_and_the_same_answer_for_the_same_work(app, wrong, monkeypatch):
    made = slow_digests(monkeypatch)
    answers = {why: (*asked(app, code), made.pop("slow")) for why, code in wrong.items()}
    first = answers["made up"]
    assert first[0][0] == 400
    assert all(answer == first for answer in answers.values())


def test_a_code_of_a_round_that_has_closed_is_like_any_other(app, asked_round, wrong):
    _, drawn = asked_round
    given = app.extensions["voimavara"]
    late = CLOSES + timedelta(minutes=1)
    app.extensions["voimavara"] = AppContext(settings=given.settings, clock=lambda: late, secret=given.secret)
    assert asked(app, drawn[1]) == asked(app, wrong["made up"])


def test_a_right_code_costs_what_a_wrong_one_costs(app, asked_round, wrong, monkeypatch):
    """The slow part is made once for each; only whoever has a right code sees another page."""
    made = slow_digests(monkeypatch)
    asked(app, asked_round[1][2])
    assert made.pop("slow") == 1
    asked(app, wrong["made up"])
    assert made.pop("slow") == 1


def test_thirty_one_wrong_codes_meet_the_brake_and_another_address_does_not(app, wrong):
    answers = [asked(app, wrong["made up"])[0][0] for _ in range(ATTEMPTS + 1)]
    assert Counter(answers) == {400: ATTEMPTS, 429: 1}
    assert asked(app, wrong["made up"], address="192.0.2.99")[0][0] == 400


def test_wrong_codes_from_a_schools_address_stop_nobody_who_is_about_to_send(app, session, asked_round, wrong):
    _, drawn = asked_round
    visitor = Visitor(app)
    begin(visitor, drawn[1])
    to_check(visitor)
    for _ in range(2 * ATTEMPTS):
        asked(app, wrong["made up"], address=visitor.address)
    assert asked(app, wrong["made up"], address=visitor.address)[0][0] == 429
    visitor.press("Send my answers")
    assert visitor.url == "/en/thanks"
    assert not is_unspent(app, session, drawn[1])


def test_the_attack_guesses_on_where_nothing_slows_it(app, wrong, monkeypatch):
    monkeypatch.setattr(FailedCodeLimiter, "remaining_wait", lambda self, address, *, now: timedelta())
    assert sum(let_through(FailedCodeLimiter(), guesses=5000, addresses=2).values()) == 5000
    assert {asked(app, wrong["made up"])[0][0] for _ in range(ATTEMPTS + 5)} == {400}


def test_the_attack_tells_spent_from_made_up_where_the_page_explains(app, wrong, monkeypatch):
    plain = views._refuse

    def explaining(typed, *, shared):
        digest = codes.code_digest(typed, secret=own_secret(app))
        with database.engine.connect() as connection:
            known = connection.execute(text("SELECT 1 FROM invitation WHERE digest = :it"), {"it": digest}).first()
        answer = plain(typed, shared=shared)
        answer.set_data(answer.get_data() + (b"This code was used." if known else b""))
        return answer

    monkeypatch.setattr(views, "_refuse", explaining)
    assert asked(app, wrong["spent"]) != asked(app, wrong["made up"])

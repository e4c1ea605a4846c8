"""While no host that is alive can open a round, no ballot is taken for it; code and form are kept."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.core.rounds import KeyMode, RoundId
from app.services import answering
from app.services.answering import AnswerTicket, KeyAvailabilityCache
from app.services.answering.round_key_hosts import REMEMBER_SECONDS
from app.store import round_key_copies
from app.store.database import database, write_session
from app.store.db_errors import NoHostWithRoundKey
from app.store.round_key_copies import RoundKeyCopy
from app.vault import host_keys, round_keys
from app.web.respondent.views import KEY_WATCH
from tests.services.factories import CLOSES, NOON
from tests.web.open_round import begin, is_unspent, to_check

MINUTE = timedelta(minutes=1)
PUBLIC = round_keys.draw_keypair()
ROUND = """
INSERT INTO round (id, title, kind, state, instrument, instrument_digest, key_mode, opens_at, closes_at, comments,
by_group, k, rehearsed, drawn, cleaned, public_key) VALUES (1, 'R', 'survey', 'open', 'i', 'd', 'automatic',
'2026-11-01 00:00:00', '2026-12-01 00:00:00', FALSE, FALSE, 10, FALSE, 1, FALSE, :key)
"""
TICKET = AnswerTicket(
    digest="ab",
    round_id=RoundId(1),
    title="R",
    title_translations=None,
    unit_id="school",
    unit_name="School",
    unit_size=12,
    surveyed_before=True,
    box=0,
    instrument_digest="d",
    key_mode=KeyMode.AUTOMATIC,
    comments=False,
    closes_at=CLOSES,
    k=10,
)


class Clock:
    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def keys(app, session, tmp_path):
    session.execute(text(ROUND), {"key": PUBLIC.public})
    session.commit()
    folder = tmp_path / "own keys"
    folder.mkdir()
    return folder


def look(watch, now=NOON, ticket=TICKET):
    with database.engine.connect() as connection:
        watch.require_host_with_key(connection, ticket, now=now)


def lost(keys, now=NOON):
    with database.engine.connect() as connection:
        return answering.rounds_without_key_host(connection, keys=keys, now=now)


def test_with_the_file_here_ballots_are_taken_and_the_next_half_minute_asks_nothing(keys):
    round_keys.save_key_file(keys, 1, PUBLIC)
    clock = Clock()
    watch = KeyAvailabilityCache(keys, clock)
    assert not watch.may_skip_key_check(TICKET)
    look(watch)
    assert watch.may_skip_key_check(TICKET)
    assert lost(keys) == ()
    clock.seconds += REMEMBER_SECONDS + 1
    assert not watch.may_skip_key_check(TICKET)


def test_without_the_file_no_ballot_is_taken_on_sqlite(keys, database_kind):
    if database_kind != "sqlite":
        pytest.skip("several hosts share PostgreSQL")
    with pytest.raises(NoHostWithRoundKey):
        look(KeyAvailabilityCache(keys, Clock()))
    assert lost(keys) == (1,)


def test_a_damaged_file_is_no_key(keys, database_kind):
    round_keys.save_key_file(keys, 1, PUBLIC)
    next(keys.iterdir()).write_bytes(b"x" * 32)
    assert lost(keys) == (1,)


def store_host(pair, name, seen_at, *, can_open=True):
    share = RoundKeyCopy(
        round_id=RoundId(1),
        host_id=round_keys.key_id(pair.public),
        host_name=name,
        host_key=pair.public,
        proof=b"p" * 32,
        sealed=None,
        can_open=can_open,
        seen_at=seen_at,
    )
    with write_session() as session:
        round_key_copies.upsert_key_copy(session, share)


class TestOfSeveralHosts:
    @pytest.fixture
    def database_kind(self):
        return "postgresql"

    pytestmark = pytest.mark.postgresql

    def other_host(self, seen_at, *, can_open=True):
        store_host(round_keys.draw_keypair(), "other", seen_at, can_open=can_open)

    def test_another_host_that_is_alive_is_enough(self, keys):
        self.other_host(NOON - MINUTE)
        look(KeyAvailabilityCache(keys, Clock()))
        assert lost(keys) == ()

    @pytest.mark.parametrize(("age", "can_open"), [(round_key_copies.SILENCE + MINUTE, True), (MINUTE, False)])
    def test_one_that_is_silent_or_waits_for_its_share_is_not(self, keys, age, can_open):
        self.other_host(NOON - age, can_open=can_open)
        with pytest.raises(NoHostWithRoundKey):
            look(KeyAvailabilityCache(keys, Clock()))
        assert lost(keys) == (1,)

    def test_the_loss_is_noticed_within_ten_minutes(self, keys):
        self.other_host(NOON)
        clock = Clock()
        watch = KeyAvailabilityCache(keys, clock)
        for minute in range(11):
            clock.seconds += 60
            try:
                look(watch, NOON + minute * MINUTE)
            except NoHostWithRoundKey:
                assert 5 < minute < 10
                break
        else:
            pytest.fail("nobody noticed")
        assert lost(keys, NOON + minute * MINUTE) == (1,)

    def test_this_host_needs_no_heartbeat_of_its_own(self, keys):
        """Its jobs may be busy with a count for minutes."""
        store_host(host_keys.create_host_key(keys, 1), "this", NOON - 60 * MINUTE)
        look(KeyAvailabilityCache(keys, Clock()))

    def test_hosts_have_some_minutes_to_report_after_an_upgrade_or_a_restore(self, keys):
        clock = Clock()
        watch = KeyAvailabilityCache(keys, clock)
        look(watch)
        clock.seconds += round_key_copies.SILENCE.total_seconds() + 1
        with pytest.raises(NoHostWithRoundKey):
            look(watch)


def test_a_trustee_has_the_key_on_paper(keys):
    assert KeyAvailabilityCache(keys, Clock()).may_skip_key_check(replace(TICKET, key_mode=KeyMode.TRUSTEE))


def report_once_long_ago(folder):
    """Let a host have reported: on PostgreSQL hosts have some minutes after a start to do so for the first time."""
    store_host(host_keys.create_host_key(folder, 1), "this", NOON - 60 * MINUTE)


def test_the_page_says_so_and_keeps_the_form_and_the_code(app, session, visitor, code):
    begin(visitor, code)
    to_check(visitor)
    folder = app.extensions["voimavara"].settings.keys
    away = folder.with_name("away")
    report_once_long_ago(folder)
    folder.rename(away)
    app.extensions[KEY_WATCH] = KeyAvailabilityCache(folder)
    visitor.press("Send my answers", status=503)
    assert "Answers cannot be received at the moment" in visitor.response.text
    assert "your code still works" in visitor.response.text
    assert is_unspent(app, session, code)
    away.rename(folder)
    visitor.press("Try again")
    assert visitor.url == "/en/thanks"
    assert not is_unspent(app, session, code)


def test_nobody_answers_in_vain_before_they_are_told(app, visitor, code):
    folder = app.extensions["voimavara"].settings.keys
    report_once_long_ago(folder)
    folder.rename(folder.with_name("away"))
    visitor.get("/en/")
    visitor.press("Continue", status=503, code=code)
    assert "Answers cannot be received at the moment" in visitor.response.text

import re
from datetime import timedelta

import pytest

from app.core.languages import Translations
from app.core.organisations import Community, CommunityKind, Municipality
from app.core.rounds import RoundId
from app.services import answering, rounds
from app.store import organisations, round_key_copies
from app.store.database import write_session
from app.store.round_key_copies import RoundKeyCopy
from app.web.shared.app_context import now, secret
from tests.services.factories import source

PLAN = ("round", "plan", "Autumn", "--opens", "2026-11-01", "--closes", "2026-11-27T18:00")


@pytest.fixture
def flask(app, tmp_path):
    """Run a verb; return its outcome, output and all."""
    file = tmp_path / "small.toml"
    file.write_text(source(6), encoding="utf-8")
    with write_session() as session:
        organisations.upsert(
            session,
            municipalities=(Municipality("town", "Town"),),
            communities=(Community("alder", "Alder", "town", CommunityKind.SCHOOL, {"teachers": 12}),),
        )

    def run(*words, typed=None):
        return app.test_cli_runner().invoke(args=[str(word) for word in words], input=typed)

    run.instrument = file
    return run


def planned(flask, *more):
    return flask(*PLAN, "--instrument", flask.instrument, *more)


def answer(codes):
    for code in codes:
        with write_session() as session:
            ratings = {f"q{n}": 3 for n in range(6)}
            answering.submit(session, code, ratings=ratings, group=None, comment=None, secret=secret(), now=now())


def issued(flask):
    lines = flask("round", "issue", "1").stdout.splitlines()
    return [line.split("\t")[1] for line in lines]


def test_a_round_goes_from_plan_to_release(flask):
    assert "planned" in planned(flask).output
    assert "12 people invited" in flask("round", "open", "1").output
    codes = issued(flask)
    assert len(codes) == 12
    answer(codes[:11])
    assert "closed" in flask("round", "close", "1").output
    counted = flask("round", "count", "1")
    assert counted.exit_code == 0, counted.output
    assert "counted 11, unreadable 0" in counted.stdout
    assert re.search(r"wiped: 2026-11-24", counted.stdout)
    assert flask("round", "certificate", "1").stdout == counted.stdout
    assert "released" in flask("round", "release", "1").output
    assert re.match(r"1\treleased\tautomatic\t2026-11-01 00:00–", flask("round", "list").output)


def test_a_round_of_a_trustee_asks_for_the_words(flask, tmp_path):
    planned(flask, "--key-mode", "trustee")
    shown = flask("round", "open", "1").stdout
    words = shown[: shown.index("Round 1 is open")]
    assert "Test the key sheet first" in flask("round", "issue", "1").output
    sheet = tmp_path / "sheet.txt"
    sheet.write_text(words, encoding="utf-8")
    assert "works" in flask("round", "rehearse", "1", "--key-file", sheet).output
    answer(issued(flask))
    flask("round", "close", "1")
    refused = flask("round", "count", "1", typed="not the words\n\n")
    assert refused.exit_code == 1
    assert "3 were entered" in refused.output
    counted = flask("round", "count", "1", typed=" ".join(words.split(":")[1].split()) + "\n\n")
    assert "counted 12" in counted.output, counted.output


def test_what_would_be_printed_is_told_before_a_round_opens(flask):
    planned(flask)
    told = flask("round", "forecast", "1")
    assert told.exit_code == 0, told.output
    low, middle, high = told.output.split("% response:")[1:]
    assert "6 answers\tplacement" in low and "8 answers\tplacement" in middle and "10 answers\tshown" in high
    assert "region: withheld" in low and "region: counts 1 of 1 communities" in high


def test_a_count_that_would_print_hardly_anything_stops_until_it_is_told_to_go_on(flask):
    planned(flask)
    flask("round", "open", "1")
    answer(issued(flask)[:4])
    flask("round", "close", "1")
    stopped = flask("round", "count", "1")
    assert stopped.exit_code == 1
    assert "Nothing was erased" in stopped.output
    assert "1 of the 1 communities with enough staff would have no numbers." in stopped.output
    assert "closed" in flask("round", "list").output
    counted = flask("round", "count", "1", "--anyway")
    assert "counted 4, unreadable 0" in counted.stdout, counted.output


def test_a_lost_key_is_told_and_ends_the_round(flask):
    planned(flask, "--key-mode", "trustee")
    flask("round", "open", "1")
    renewed = flask("round", "new-key", "1", "--split").stdout
    assert renewed.count("Key sheet") == 2
    sheets = [" ".join(one.split(":")[1].split()) for one in renewed.split("Key sheet")[1:]]
    tried = flask("round", "rehearse", "1", "--words", sheets[0], "--words", sheets[1])
    assert "works" in tried.output, tried.output
    answer(issued(flask)[:4])
    assert "no codes have been drawn" in flask("round", "new-key", "1").output
    flask("round", "close", "1")
    assert flask("round", "give-up", "1", typed="n\n").exit_code == 1
    ended = flask("round", "give-up", "1", "--yes")
    assert "counted 0, unreadable 4" in ended.stdout, ended.output
    assert "key destroyed" not in ended.output and "The key of this round was lost" in ended.stdout
    assert "destroys the key sheet" not in ended.output
    assert "no results to release" in flask("round", "release", "1").output


def test_what_cannot_be_done_is_said_in_a_sentence(flask):
    for words, reason in (
        (("open", "9"), "There is no round 9."),
        (("certificate", "9"), "has not been counted"),
        (("close", "9"), "There is no round 9."),
        (("count", "9"), "There is no round 9."),
    ):
        refused = flask("round", *words)
        assert refused.exit_code == 1
        assert reason in refused.output
    planned(flask)
    assert "cannot become counted" in flask("round", "count", "1").output
    assert "is not open" in flask("round", "issue", "1", "alder").output


def test_cleaning_may_be_asked_for_at_any_time(flask):
    assert "Nothing is left" in flask("round", "clean").output


def test_a_round_is_planned_with_its_title_in_several_languages(flask):
    dates = PLAN[3:]
    words = ("round", "plan", *dates, "--instrument", flask.instrument)
    assert flask(*words, "--title-sv", "Hösten", "--title-en", "Autumn").exit_code == 0
    with write_session() as session:
        (round_,) = rounds.rounds(session)
    assert (round_.title, round_.title_translations) == ("Hösten", Translations("", "Hösten", "Autumn"))
    assert "Give the title once" in flask(*words).output
    assert "Give the title once" in planned(flask, "--title-fi", "Syksy").output


def test_the_words_of_a_recovery_sheet_put_the_key_back(app, flask):
    planned(flask)
    opened = flask("round", "open", "1", "--recovery-sheet").output
    words = " ".join(re.findall(r"^  \d\. (.+)$", opened, re.MULTILINE))
    codes = issued(flask)
    answer(codes[:11])
    keys = app.extensions["voimavara"].settings.keys
    for path in keys.iterdir():
        path.unlink()
    flask("round", "close", "1")
    assert flask("round", "recover-key", "1", "--words", "these are not the words").exit_code == 1
    assert list(keys.iterdir()) == []
    assert "on this host again" in flask("round", "recover-key", "1", "--words", words).output
    assert "counted 11, unreadable 0" in flask("round", "count", "1").stdout


def share_of(name, number, *, seen_at):
    """Let a host of a name have a share of round 1."""
    share = RoundKeyCopy(
        round_id=RoundId(1),
        host_id=f"{number:016x}",
        host_name=name,
        host_key=b"k" * 32,
        proof=b"p" * 32,
        sealed=b"s" * 80,
        can_open=True,
        seen_at=seen_at,
    )
    with write_session() as session:
        round_key_copies.upsert_key_copy(session, share)


def test_only_a_host_that_has_fallen_silent_is_forgotten(flask):
    planned(flask)
    flask("round", "open", "1")
    assert "No process and no key of a host web1" in flask("round", "forget-host", "web1").output
    share_of("web1", 1, seen_at=now() - timedelta(minutes=2))
    told = flask("round", "forget-host", "web1").output
    assert "0 keys are no longer sealed to it" in told
    assert "1 keys stay sealed to a host web1" in told and "run this again in five minutes" in told
    share_of("web1", 2, seen_at=now() - timedelta(hours=1))  # the machine that had this name before
    assert "1 keys are no longer sealed to it" in flask("round", "forget-host", "web1").output
    with write_session() as session:
        assert [share.sealed for share in round_key_copies.key_copies_of_round(session, RoundId(1))] == [
            b"s" * 80,
            None,
        ]

"""Before anything is erased the count looks at what it would print."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import func, select

from app.config import ROOT
from app.core.counting import OpenedBallots, Preflight, preflight, sum_ballots
from app.core.disclosure.policy import Policy
from app.core.organisations import Municipality, Region, ReportingUnit
from app.core.publication import Cell, DisclosureState, Level
from app.core.rounds import RoundState
from app.jobs import tasks
from app.services import answering, counting, rounds
from app.services.counting import CountConsent, CountNeedsConfirmation
from app.services.imports.publish_import import ImportData, ImportedRoundDetails, publish_import
from app.store import publications
from app.store import rounds as round_store
from app.store.boxes import BoxRow
from app.store.instruments import read_questionnaire_file
from app.store.invitations import InvitationRow
from app.store.tabular_reader import read_table
from tests.core.synthetic_region import published, questionnaire, region_of, scale
from tests.databases import both_databases
from tests.services.factories import AFTER, CLOSES, NOON, OPENS, SECRET, opened, plan, region

WELLBEING = ROOT / "surveys" / "wellbeing.toml"
SIZES = (11, 14, 17, 20, 24, 29, 35, 40)


@pytest.fixture
def keys(tmp_path):
    return tmp_path / "keys"


def answer(session, round_id, unit, people, ratings):
    for code in rounds.issue_slip_codes(session, round_id, unit, secret=SECRET, now=NOON)[:people]:
        answering.submit(session, code, ratings=ratings, group=None, comment=None, secret=SECRET, now=NOON)


def closed_with(session, keys, ratings=None, **people):
    round_id = opened(session, keys, **{unit: size for unit, (_, size) in people.items()})
    for unit, (answered, _) in people.items():
        answer(session, round_id, unit, answered, ratings if ratings is not None else {f"q{n}": 3 for n in range(6)})
    rounds.close(session, round_id, now=CLOSES)
    session.commit()
    return round_id


def count(session, round_id, keys, consent):
    return counting.count_round(
        session, round_id, policy=Policy(), secret=SECRET, now=AFTER, keys=keys, consent=consent
    )  # fmt: skip


def is_intact(session, round_id, keys):
    left = [session.scalar(select(func.count()).select_from(row)) for row in (BoxRow, InvitationRow)]
    current = rounds.get_round(session, round_id)
    return (
        min(left) > 0
        and current.state is RoundState.CLOSED
        and counting.find_certificate(session, round_id) is None
        and round_store.box_salt(session, round_id) is not None
        and len(list(keys.iterdir())) == 1
    )


@both_databases
def test_a_person_is_asked_where_most_communities_would_show_nothing_and_may_go_on(session, keys):
    round_id = closed_with(session, keys, alder=(11, 12), birch=(3, 20), cedar=(2, 20))
    with pytest.raises(CountNeedsConfirmation) as stopped:
        count(session, round_id, keys, CountConsent.ASK)
    session.rollback()
    found = stopped.value.preflight
    assert (found.expected, found.without_numbers, found.answered, found.answered_without_numbers) == (3, 2, 1, 0)
    assert found.is_sparse and not found.is_mostly_withheld_or_unreadable
    assert is_intact(session, round_id, keys)
    assert count(session, round_id, keys, CountConsent.GIVEN).counted == 16


def test_where_nobody_is_there_few_answers_are_a_fact(session, keys):
    round_id = closed_with(session, keys, alder=(11, 12), birch=(3, 20), cedar=(2, 20))
    assert count(session, round_id, keys, CountConsent.AUTOMATIC).counted == 16


@both_databases
def test_ballots_that_would_all_be_withheld_wait_for_a_person_in_every_round(session, keys):
    round_id = closed_with(session, keys, ratings={}, alder=(12, 12), birch=(15, 20))
    for consent in (CountConsent.ASK, CountConsent.AUTOMATIC):
        with pytest.raises(CountNeedsConfirmation) as stopped:
            count(session, round_id, keys, consent)
        session.rollback()
        assert stopped.value.preflight.is_mostly_withheld_or_unreadable
        assert is_intact(session, round_id, keys)
    assert count(session, round_id, keys, CountConsent.GIVEN).counted == 27


def test_ballots_that_cannot_be_read_wait_for_a_person():
    all_shown = Preflight(expected=1, without_numbers=0, answered=1, answered_without_numbers=0, ballots=10)
    assert replace(all_shown, unreadable=6).is_mostly_withheld_or_unreadable
    assert not replace(all_shown, unreadable=5).is_mostly_withheld_or_unreadable


def test_a_round_as_it_should_be_asks_nothing(session, keys):
    round_id = closed_with(session, keys, alder=(11, 12), birch=(15, 20))
    assert count(session, round_id, keys, CountConsent.ASK).counted == 26


def test_a_scale_that_others_withhold_is_named():
    instrument = questionnaire(
        (
            scale("whole", ("a", "b", "c", "d"), min_answered=2),
            scale("first", ("a", "b"), min_answered=2),
            scale("second", ("c", "d"), min_answered=2),
        )
    )
    area = region_of({"m": {"one": 30, "two": 30}})
    ratings = np.full((60, 4), 3, np.uint8)
    ratings[:22, 0] = ratings[30:52, 0] = 255
    units = np.repeat(np.arange(2, dtype=np.int32), 30)
    collected = OpenedBallots(units, np.full(60, 255, np.uint8), ratings)
    sums = sum_ballots(collected, area, instrument)
    found = preflight(published(area, collected, instrument=instrument), sums, instrument=instrument, unreadable=0)
    assert found.withheld_scales == ("whole",)
    assert found.needs_confirmation and not found.is_mostly_withheld_or_unreadable


def test_the_job_leaves_a_round_that_waits_and_counts_the_others(app, session, monkeypatch, caplog):
    means = type("Means", (), {})()
    means.settings = app.extensions["voimavara"].settings
    means.secret = SECRET
    means.now = AFTER
    means.settings.keys.mkdir(parents=True, exist_ok=True)
    faulty = closed_with(session, means.settings.keys, ratings={}, alder=(12, 12))
    sound = closed_with(session, means.settings.keys, alder=(11, 12))
    tasks.count_rounds_with_local_key(session, means)
    assert counting.find_certificate(session, faulty) is None
    assert counting.find_certificate(session, sound).counted == 11
    assert f"Round {faulty} waits for a person" in caplog.text


def eight_communities():
    units = tuple(
        ReportingUnit(f"c{place}", f"School {place}", f"m{place % 2}", (f"c{place}",), {"teachers": size})
        for place, size in enumerate(SIZES)
    )
    return Region("region", "Region", (Municipality("m0", "Town"), Municipality("m1", "Village")), units)


@both_databases
def test_in_a_live_round_nobody_answers_the_optional_question_and_all_eight_communities_have_numbers(session, keys):
    instrument = read_questionnaire_file(WELLBEING)
    round_id = rounds.plan_round(
        session,
        title="First",
        instrument=instrument,
        source=WELLBEING.read_text(encoding="utf-8"),
        opens_at=OPENS,
        closes_at=CLOSES,
    )
    area = eight_communities()
    rounds.open_round(session, round_id, now=OPENS, secret=SECRET, keys=keys, region=area)
    addresses = {unit.id: [f"{unit.id}.{n}@example.org" for n in range(unit.invited_count)] for unit in area.units}
    ratings = {name: 2 for name in instrument.item_ids if name not in instrument.items_from_second_survey}
    for one in rounds.issue_mailed_codes(session, round_id, addresses, secret=SECRET, now=NOON):
        answering.submit(session, one.code, ratings=ratings, group=None, comment=None, secret=SECRET, now=NOON)
    rounds.close(session, round_id, now=CLOSES)
    assert count(session, round_id, keys, CountConsent.ASK).counted == sum(SIZES)
    found = publications.find_including_replaced(session, round_id)
    cells = [Cell(Level.COMMUNITY, unit.id) for unit in area.units]
    cells += [Cell(Level.MUNICIPALITY, "m0"), Cell(Level.MUNICIPALITY, "m1"), found.region_cell]
    for cell in cells:
        states = {figure.measure: figure.state for figure in found.scale_figures_in(cell)}
        assert states.pop("followup") is DisclosureState.WITHHELD
        assert set(states.values()) == {DisclosureState.SHOWN}


@both_databases
def test_of_imported_answers_without_the_optional_question_all_eight_communities_have_numbers(session):
    instrument = read_questionnaire_file(WELLBEING)
    area = eight_communities()
    later = instrument.items_from_second_survey
    answered = ["community," + ",".join(instrument.item_ids)]
    invited = ["community,municipality,invited"]
    for unit in area.units:
        invited.append(f"{unit.name},{unit.municipality},{unit.invited_count}")
        answered += [
            f"{unit.name}," + ",".join("" if name in later else "3" for name in instrument.item_ids)
        ] * unit.invited_count
    sheets = [read_table("\n".join(rows).encode(), name="table.csv") for rows in (answered, invited)]
    gathered = ImportData(instrument, WELLBEING.read_text(encoding="utf-8"), *sheets)
    asking = ImportedRoundDetails("Paper", OPENS, CLOSES)
    found = publish_import(session, gathered, imported=asking, policy=Policy(), now=AFTER, create=True)
    shown = [one.cell for one in found.figures if one.state is DisclosureState.SHOWN and one.measure == "control"]
    levels = Counter(cell.level for cell in shown if cell.group is None)
    assert levels == {Level.COMMUNITY: 8, Level.MUNICIPALITY: 2, Level.REGION: 1}
    assert not [one for one in found.figures if one.measure == "followup" and one.state is not DisclosureState.WITHHELD]


@both_databases
def test_from_the_second_released_survey_on_a_community_is_asked_about_the_last_one(session, keys):
    first = closed_with(session, keys, alder=(11, 12))
    count(session, first, keys, CountConsent.GIVEN)
    asked = []
    for released in (False, True):
        if released:
            rounds.release(session, first, now=AFTER)
        round_id = plan(session)
        rounds.open_round(
            session, round_id, now=OPENS, secret=SECRET, keys=keys, region=region(alder=12, willow=20)
        )  # fmt: skip
        drawn = {
            unit: rounds.issue_slip_codes(session, round_id, unit, secret=SECRET, now=NOON)[0]
            for unit in ("alder", "willow")
        }
        papers = {unit: answering.resolve_code(session, code, secret=SECRET, now=NOON) for unit, code in drawn.items()}
        asked.append({unit: paper.surveyed_before for unit, paper in papers.items()})
        boundaries = rounds.get_round(session, round_id).boundaries
        assert {unit.id: unit.surveyed_before for unit in boundaries.units} == asked[-1]
    assert asked == [{"alder": False, "willow": False}, {"alder": True, "willow": False}]

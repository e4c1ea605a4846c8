"""Attack 2: with every key and the last state of a box, line its ballots up with the order of answering."""

import numpy as np
import pytest
from scipy import stats
from sqlalchemy import text

from app.core.rounds import RoundId
from app.vault import boxes as vault
from app.vault import keys as vault_keys
from tests.attacks import mutants
from tests.attacks.scene import scene
from tests.databases import both_databases

RUNS = 200
VOTES = 30
pytestmark = pytest.mark.slow


def last_order(rng):
    """Fill a box of forty with thirty numbered ballots; return their numbers as they lie at the end."""
    pair, key, name = vault_keys.draw_keypair(), rng.bytes(32), vault.label(RoundId(1), "alder", 0)
    blob = vault.new_box(40, key=key, name=name)
    for number in range(VOTES):
        ballot = bytes((number,)).ljust(256, b"\0")
        blob = vault.put(blob, vault.seal(ballot, pair.public), key=key, name=name)
    sealed = vault.sealed_ballots(blob, key=key, name=name)
    return [ballot[0] for ballot in vault.open_ballots(sealed, secret_key=pair.secret)]


def rank_correlations(rng, runs=RUNS):
    return [stats.spearmanr(last_order(rng), range(VOTES)).statistic for _ in range(runs)]


def chance(correlations):
    """The probability of so large a mean correlation if places were chance (two-sided)."""
    standard_error = 1 / np.sqrt((VOTES - 1) * len(correlations))
    return float(2 * stats.norm.sf(abs(np.mean(correlations)) / standard_error))


def test_the_place_of_a_ballot_tells_nothing_of_when_it_came(record_property):
    p = chance(rank_correlations(np.random.default_rng(11)))
    record_property("p", p)
    assert p > 1e-4  # an honest shuffle fails this once in ten thousand runs


def test_every_ballot_may_lie_anywhere():
    """The newest ballot is as likely in each place as in any other."""
    rng = np.random.default_rng(13)
    places = [last_order(rng).index(VOTES - 1) for _ in range(RUNS)]
    assert stats.kstest(np.asarray(places) / VOTES + rng.random(RUNS) / VOTES, "uniform").pvalue > 1e-4


def test_the_attack_reads_the_order_of_a_box_that_is_not_shuffled(monkeypatch):
    mutants.without_shuffle(monkeypatch)
    correlations = rank_correlations(np.random.default_rng(11), runs=5)
    assert np.mean(correlations) > 0.99


@both_databases
def test_answering_adds_no_row_anywhere(database_url, tmp_path):
    """There is one row for the box and one for each code, before and after: no ctid, no rowid for an answer."""
    with scene(database_url, tmp_path / "keys", people=20) as round_:

        def rows():
            with round_.transaction() as session:
                tables = ("round", "round_unit", "box", "invitation", "publication")
                return {table: session.scalar(text(f'SELECT count(*) FROM "{table}"')) for table in tables}

        before = rows()
        for person in range(15):
            round_.answer(person, [1, 2, 3])
        assert rows() == before


def test_the_codes_of_a_file_lie_in_the_order_of_their_digests(database_url, tmp_path):
    """Neither the order of issuing nor of spending stands in the table's pages."""
    with scene(database_url, tmp_path / "keys", people=40) as round_:
        for person in (30, 2, 17, 5):
            round_.answer(person, [1])
        with round_.transaction() as session:
            found = [bytes(row[0]) for row in session.execute(text("SELECT digest FROM invitation"))]
        with pytest.raises(Exception, match="no such column"), round_.transaction() as session:
            session.execute(text("SELECT rowid FROM invitation")).all()
    assert found == sorted(found)

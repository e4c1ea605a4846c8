"""Attack 4: read what is stored after the count, and find more in it than is printed."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.core.disclosure.policy import Policy
from app.core.publication import DisclosureState, Level, from_json, to_json
from app.core.rounds import KeyHost
from app.services import counting
from app.store import publications
from app.store.database import Base
from tests.attacks.attackers import laid_out, take_the_gate_away, who_answered
from tests.attacks.scene import scene

K = Policy().k


def cells_under_k(region, collected, publication):
    """The cells with numbers that rest on fewer than ten answers."""
    counts, _ = who_answered(region, collected)
    rows = {unit.id: row for row, unit in enumerate(region.units)}
    found = []
    for figure in (*publication.figures, *publication.items):
        if figure.state is DisclosureState.SHOWN and figure.cell.level is Level.COMMUNITY:
            row = rows[figure.cell.unit]
            group = figure.cell.group
            n = sum(
                count
                for (unit, of), count in counts["control"].items()
                if unit == row and (group is None or of == group)
            )
            found += [figure.cell] if n < K else []
    return found


def test_no_number_rests_on_fewer_than_ten_answers():
    for seed in range(1, 21):
        assert cells_under_k(*laid_out(seed, by_group=True)) == []


def test_withheld_cells_leave_no_trace_in_what_is_stored():
    for seed in range(1, 6):
        _, _, publication = laid_out(seed)
        for figure in publication.figures:
            if figure.state is DisclosureState.WITHHELD:
                values = (figure.mean, figure.interval, figure.interval_conditions, figure.placement,
                          figure.shrunken, figure.distribution, figure.worst_case, figure.smallest_change)  # fmt: skip
                assert set(values) == {None} and figure.trends == ()
        assert "ratings" not in to_json(publication)


def test_without_the_gate_small_cells_are_stored(monkeypatch):
    take_the_gate_away(monkeypatch)
    assert cells_under_k(*laid_out(1, by_group=True))


def stored_after_the_count(url, folder, *, shared, answers):
    """Return what a count stored: publication, certificate, and the ids of hosts that stand in any table."""
    with scene(url, folder, people=20, shared=shared) as round_:
        host_ids = {path.name.split("-", 2)[2].partition(".")[0] for path in folder.parent.rglob("*.host.key")}
        for person, ratings in enumerate(answers):
            round_.answer(person, ratings)
        round_.close()
        round_.count()
        round_.clean()
        with round_.session() as session:
            # Read as a whole: what is read later would open another connection, which nobody closes.
            publication = from_json(to_json(publications.find_including_replaced(session, round_.round_id)))
            certificate = counting.find_certificate(session, round_.round_id)
            tables = {
                table.name
                for table in Base.metadata.sorted_tables
                for row in session.execute(select(table)).all()
                if any(host_id in str(row) for host_id in host_ids)
            }
    return publication, certificate, tables


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
@pytest.mark.parametrize("ballots", [9, 15])
def test_what_is_stored_of_a_round_tells_no_more_where_its_key_was_shared(database_url, tmp_path, ballots):
    """Two rounds with the same answers: of the second, the certificate alone differs, and names its hosts."""
    answers = [[1 + (person + item) % 5 for item in range(24)] for person in range(ballots)]
    alone, _, _ = stored_after_the_count(database_url, tmp_path / "alone" / "keys", shared=False, answers=answers)
    publication, certificate, tables = stored_after_the_count(
        database_url, tmp_path / "shared" / "keys", shared=True, answers=answers
    )
    assert to_json(replace(publication, round=alone.round)) == to_json(alone)
    assert all(figure.state is not DisclosureState.SHOWN for figure in publication.figures) == (ballots < K)
    assert tables == {"round"}  # where the certificate stands
    assert {host.name for host in certificate.key_hosts} == {"keys", "keys of the second host"}
    assert {field for host in certificate.key_hosts for field in KeyHost.__slots__} == {"id", "name", "destroyed"}

"""Attack 4: read what is stored after the count, and find more in it than is printed."""

from app.core.disclosure.policy import Policy
from app.core.publication import DisclosureState, Level, to_json
from tests.attacks.attackers import laid_out, take_the_gate_away, who_answered

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

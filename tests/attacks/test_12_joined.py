"""Attack 12, over the years: communities are joined and parted, and one principal reads the other by an old name."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.accounts import Grant, Role
from app.core.publication import Cell, Level
from app.reports import history, read_access
from app.reports.history import LineContinuity, figure_history
from tests.publications import made, store
from tests.web.staff_client import signed_in

YEAR = timedelta(days=365)
PINE = Cell(Level.COMMUNITY, "pine")
GUEST = Grant(Role.PRINCIPAL, "south", "guest")


@pytest.fixture(scope="module")
def alone():
    """What was asked of pine by itself."""
    return made(1, title="The survey of pine alone")


@pytest.fixture(scope="module")
def together(alone):
    """The same, asked of pine and its guest as one."""
    later = made(2, title="The survey of both", earlier=(alone,), days=300)
    units = [replace(one, communities=("pine", "guest")) if one.id == "pine" else one for one in later.region.units]
    return replace(later, region=replace(later.region, units=tuple(units)))


def earlier_figures(newest, before):
    found = (figure_history(newest, (before,), figure) for figure in newest.scale_figures_in(PINE))
    return [past for several in found for past in several]


def test_whoever_joined_does_not_read_what_was_asked_of_the_other_alone(alone, together):
    found = earlier_figures(together, alone)
    assert found and {past.figure for past in found} == {None}
    assert {past.continuity for past in found} == {LineContinuity.COMMUNITY_CHANGED}


def test_whoever_was_among_those_asked_reads_it_on(alone, together):
    assert None not in {past.figure for past in earlier_figures(alone, together)}
    assert None not in {past.figure for past in earlier_figures(alone, alone)}


def review(app, session, first, second):
    """What the guest's principal is shown where the first survey is followed up, a year before the second."""
    before = {name: getattr(second, name) - YEAR for name in ("opened_at", "closed_at", "counted_at")}
    stored = store(session, replace(first, **before))
    _later = store(session, second)
    page = signed_in(app, GUEST).get(f"/staff/followup/{stored.round}/pine/review")
    assert page.status_code == 200
    return page.text


def test_whoever_was_joined_does_not_read_what_is_asked_of_the_other_alone_since(app, session, alone, together):
    assert alone.title not in review(app, session, together, alone)


def test_the_attack_reads_both_where_an_old_name_is_enough(app, session, alone, together, monkeypatch):
    monkeypatch.setattr(read_access, "may_read", lambda *_arguments: True)
    monkeypatch.setattr(history, "_was_theirs", lambda *_arguments: True)
    assert None not in {past.figure for past in earlier_figures(together, alone)}
    assert alone.title in review(app, session, together, alone)

"""The region's course lists as they follow from what is stored: one source for pages, allocations, letters and verbs.

They are worked out once and kept in memory until a publication, the catalogue, the weights, a wish, the published
allocation, a community or the day changes. A small region's are made while the reader waits; those of a large one in
a thread, and until they are there the former ones stand, or none.
"""

import logging
import threading
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import Flask, current_app
from sqlalchemy import union_all
from sqlalchemy.orm import Session

from app.core.catalogue import Course
from app.core.languages import Language
from app.core.matching.course_lists import ListUnit, RegionLists, build_lists
from app.core.matching.needs import needs_of_results, weaker_dimensions
from app.core.matching.seat_requests import NOTHING_ALLOCATED, AllocatedSeats
from app.core.matching.weights import Weights
from app.core.organisations import CommunityKind
from app.core.publication import Publication, ReleasedSurveys, SurveyResult
from app.store import accounts, courses, organisations, publications, seats, weights
from app.store.seats import StoredAllocation

# Communities x courses that are worked out in well under a second; more is done in the background.
AT_ONCE = 40_000
KEPT = 8

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Inputs:
    """Everything that lists rest on, read from the database."""

    results: tuple[SurveyResult, ...]
    courses: tuple[Course, ...]
    weights: Weights
    kinds: Mapping[str, CommunityKind]
    languages: Mapping[str, frozenset[Language]]
    wishes: tuple[tuple[str, str, int], ...]
    allocation: int | None
    overrides: tuple[tuple[str, str, int], ...]
    today: date
    # Read only where lists are made: the number and the overrides say whether they changed.
    allocated: AllocatedSeats = NOTHING_ALLOCATED

    @property
    def key(self) -> Hashable:
        """What stays equal as long as the lists do; the catalogue is told apart by identity."""
        return (
            tuple((result.publication.key, result.unit.id) for result in self.results),
            id(self.courses),
            repr(self.weights),
            tuple(sorted(self.kinds.items())),
            tuple(sorted((name, tuple(sorted(spoken))) for name, spoken in self.languages.items())),
            self.wishes,
            self.allocation,
            self.overrides,
            self.today,
        )

    @property
    def is_quick(self) -> bool:
        """Whether the lists can be made while a reader waits."""
        return len(self.results) * len(self.courses) <= AT_ONCE

    def build(self) -> RegionLists:
        """Work the lists out."""
        return build_lists(
            needs_of_results(self.results, weights=self.weights),
            [self._unit(result) for result in self.results],
            self.courses,
            today=self.today,
            weights=self.weights,
            wishes=self._wishes_by_course(),
            allocated=self.allocated,
        )

    def _unit(self, result: SurveyResult) -> ListUnit:
        members = (result.unit.id, *result.unit.communities)
        spoken: frozenset[Language] = frozenset()
        for name in members:
            spoken |= self.languages.get(name, frozenset())
        return ListUnit(
            unit=result.unit,
            kinds=frozenset(self.kinds[name].value for name in members if name in self.kinds),
            languages=spoken,
            weaker=weaker_dimensions(result.publication, result.unit.id),
        )

    def _wishes_by_course(self) -> dict[str, dict[str, int]]:
        owners = {offering.external_id: course.external_id for course in self.courses for offering in course.offerings}
        result: dict[str, dict[str, int]] = {}
        for community, offering, number in self.wishes:
            if offering in owners:
                wished = result.setdefault(community, {})
                wished[owners[offering]] = wished.get(owners[offering], 0) + number
        return result


class _ListCache:
    """Lists by what they rest on; the inputs are held with them, so that no identity is taken twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[Hashable, tuple[_Inputs, RegionLists]] = {}
        self._under_way: set[Hashable] = set()

    def get(self, session: Session, inputs: _Inputs, *, wait: bool = False) -> RegionLists | None:
        """Return the lists of some inputs; None while those of a large region are made, unless one waits for them."""
        key = inputs.key
        with self._lock:
            known = self._made.get(key)
        if known is not None:
            return known[1]
        inputs = replace(inputs, allocated=_allocated(session, inputs.allocation))
        if wait or inputs.is_quick:
            return self._keep(key, inputs, inputs.build())
        return self._in_background(key, inputs)

    def _keep(self, key: Hashable, inputs: _Inputs, lists: RegionLists) -> RegionLists:
        with self._lock:
            self._made[key] = inputs, lists
            for eldest in tuple(self._made)[:-KEPT]:
                self._made.pop(eldest, None)
            self._under_way.discard(key)
        return lists

    def _in_background(self, key: Hashable, inputs: _Inputs) -> RegionLists | None:
        units = {result.unit.id for result in inputs.results}
        with self._lock:
            former = next((made for _inputs, made in reversed(self._made.values()) if units == set(made.units)), None)
            if key in self._under_way:
                return former
            self._under_way.add(key)
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        start_daemon_thread(lambda: self._work(app, key, inputs))
        return former

    def _work(self, app: Flask, key: Hashable, inputs: _Inputs) -> None:
        try:
            with app.app_context():  # publications read their parts from its database
                self._keep(key, inputs, inputs.build())
        except Exception:
            with self._lock:
                self._under_way.discard(key)
            _log.exception("The course lists could not be worked out.")


def start_daemon_thread(work: Callable[[], None]) -> None:
    """Do some work in a thread that keeps no process alive."""
    threading.Thread(target=work, name="course-lists", daemon=True).start()


_CACHE = _ListCache()


def _allocated(session: Session, number: int | None) -> AllocatedSeats:
    stored = None if number is None else seats.allocation(session, number)
    return NOTHING_ALLOCATED if stored is None else stored.allocated


def region_lists(
    session: Session, *, now: datetime, wait: bool = False, allocation: StoredAllocation | None = None
) -> RegionLists | None:
    """Return the lists that rest on each community's newest survey.

    None before the first survey of the region is released, and while those of a large region are made; with `wait`
    they are made before this returns. With `allocation` they are those that its publication will lead to.
    """
    facts = _facts(session)
    if allocation is not None:
        overrides = sorted((each.community, each.offering, each.seats) for each in allocation.overrides)
        facts = replace(facts, allocation=allocation.id, overrides=tuple(overrides))
    region = publications.load_released_surveys(session).of_region(facts.kinds)
    if region is None:
        return None
    return _CACHE.get(session, _inputs(session, region.results, facts, now=now), wait=wait)


def region_lists_with_result(
    session: Session, result: SurveyResult, *, now: datetime, latest: ReleasedSurveys | None = None
) -> RegionLists | None:
    """Return lists that hold a certain result of a community; None while those of a large region are made.

    A survey that is not released yet is read as if it were the region's newest; a unit that was joined or parted since
    takes the place of those that it shares communities with.
    """
    latest = latest or publications.load_released_surveys(session)
    facts = _facts(session)
    region = latest.of_region(facts.kinds)
    if all(survey.round != result.publication.round for survey in latest.surveys):
        return _CACHE.get(session, _inputs(session, _of_publication(result.publication), facts, now=now))
    results = () if region is None else region.results
    known = {(int(each.publication.round), each.unit.id) for each in results}
    if (int(result.publication.round), result.unit.id) not in known:
        members = {result.unit.id, *result.unit.communities}
        others = (each for each in results if members.isdisjoint({each.unit.id, *each.unit.communities}))
        results = (*others, result)
    return _CACHE.get(session, _inputs(session, results, facts, now=now))


def _of_publication(publication: Publication) -> tuple[SurveyResult, ...]:
    return tuple(SurveyResult(publication, unit) for unit in publication.region.units)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What lists rest on beside results, catalogue and weights."""

    kinds: Mapping[str, CommunityKind]
    languages: Mapping[str, frozenset[Language]]
    wishes: tuple[tuple[str, str, int], ...]
    allocation: int | None
    overrides: tuple[tuple[str, str, int], ...]


def _facts(session: Session) -> _Facts:
    """Read kinds, languages of principals, wishes and the allocation in one query: every page asks for them."""
    query = union_all(
        organisations.KINDS,
        accounts.LANGUAGES_OF_PRINCIPALS,
        seats.WISHED_SEATS,
        seats.PUBLISHED_ALLOCATION,
        seats.OVERRIDDEN_SEATS,
    )
    kinds: dict[str, CommunityKind] = {}
    languages: dict[str, frozenset[Language]] = {}
    numbers: dict[str, list[tuple[str, str, int]]] = {seats.WISH: [], seats.ALLOCATION: [], seats.OVERRIDE: []}
    for what, name, word, number in session.execute(query):
        if what == organisations.KIND:
            kinds[name] = CommunityKind(word)
        elif what == accounts.LANGUAGE:
            languages[name] = languages.get(name, frozenset()) | {Language(word)}
        else:
            numbers[what].append((name, word, number))
    return _Facts(
        kinds=kinds,
        languages=languages,
        wishes=tuple(sorted(numbers[seats.WISH])),
        allocation=next((number for _name, _word, number in numbers[seats.ALLOCATION]), None),
        overrides=tuple(sorted(numbers[seats.OVERRIDE])),
    )


def _inputs(session: Session, results: Iterable[SurveyResult], facts: _Facts, *, now: datetime) -> _Inputs:
    return _Inputs(
        results=tuple(results),
        courses=courses.courses(session),
        weights=weights.current(session),
        kinds=facts.kinds,
        languages=facts.languages,
        wishes=facts.wishes,
        allocation=facts.allocation,
        overrides=facts.overrides,
        today=now.date(),
    )

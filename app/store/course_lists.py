"""The region's course lists, computed from stored data; shared by pages, allocations, e-mails and commands.

They are worked out once and kept in memory until a publication, the catalogue, the weights, a request, the published
allocation, a community or the day changes. A small region's are made while the reader waits; those of a large one in
a thread, and until they are there the former ones stand, or none.
"""

import logging
import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache

from flask import Flask, current_app
from sqlalchemy import union_all
from sqlalchemy.orm import Session

from app.caches import BoundedCache
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
    requests: tuple[tuple[str, str, int], ...]
    allocation: int | None
    overrides: tuple[tuple[str, str, int], ...]
    today: date
    # Read only where lists are made: the number and the overrides say whether they changed.
    allocated: AllocatedSeats = NOTHING_ALLOCATED

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
            requests=self._requests_by_course(),
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

    def _requests_by_course(self) -> dict[str, dict[str, int]]:
        owners = {offering.external_id: course.external_id for course in self.courses for offering in course.offerings}
        result: dict[str, dict[str, int]] = {}
        for community, offering, number in self.requests:
            if offering in owners:
                requested = result.setdefault(community, {})
                requested[owners[offering]] = requested.get(owners[offering], 0) + number
        return result


class _ListCache:
    """Lists by what they rest on; the inputs are held with them, so that no identity is taken twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[Hashable, tuple[_Inputs, RegionLists]] = {}
        self._under_way: set[Hashable] = set()

    def get(self, session: Session, what: "_Contents", *, now: datetime, wait: bool = False) -> RegionLists | None:
        """Return the lists of some contents; None while those of a large region are made, unless one waits for them."""
        found_courses = courses.courses(session)
        found_weights = weights.current_weights(session)
        # The catalogue is compared by identity.
        key = (what.key, id(found_courses), repr(found_weights), now.date())
        with self._lock:
            known = self._made.get(key)
        if known is not None:
            return known[1]
        inputs = _Inputs(
            results=what.results,
            courses=found_courses,
            weights=found_weights,
            kinds=what.facts.kinds,
            languages=what.facts.languages,
            requests=what.facts.requests,
            allocation=what.facts.allocation,
            overrides=what.facts.overrides,
            today=now.date(),
            allocated=_allocated(session, what.facts.allocation),
        )
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
    """Run `work` in a daemon thread, which does not keep the process alive."""
    threading.Thread(target=work, name="course-lists", daemon=True).start()


_CACHE = _ListCache()


def _allocated(session: Session, number: int | None) -> AllocatedSeats:
    stored = None if number is None else seats.find_allocation(session, number)
    return NOTHING_ALLOCATED if stored is None else stored.allocated_seats_after_overrides


def find_or_build_region_lists(
    session: Session, *, now: datetime, wait: bool = False, allocation: StoredAllocation | None = None
) -> RegionLists | None:
    """Return the lists based on each community's newest survey; None before any, or while they are being built.

    None before the first survey of the region is released, and while those of a large region are made; with `wait`
    they are made before this returns. With `allocation` they are those that its publication will lead to.
    """
    rows = _fact_rows(session)
    if allocation is not None:
        overrides = sorted((each.community, each.offering, each.seats) for each in allocation.overrides)
        kept = (row for row in rows if row[0] not in (seats.ALLOCATION, seats.OVERRIDE))
        others = ((seats.OVERRIDE, community, offering, number) for community, offering, number in overrides)
        rows = (*kept, (seats.ALLOCATION, "", "", allocation.id), *others)
    contents = _regional_contents(publications.load_released_surveys(session), rows)
    return None if contents is None else _CACHE.get(session, contents, now=now, wait=wait)


def find_or_build_region_lists_including_result(
    session: Session, result: SurveyResult, *, now: datetime, latest: ReleasedSurveys | None = None
) -> RegionLists | None:
    """Return lists that include a certain result of a community; None while those of a large region are being built.

    A survey that is not released yet is read as if it were the region's newest; a unit that was joined or parted since
    takes the place of those that it shares communities with.
    """
    latest = latest or publications.load_released_surveys(session)
    rows = _fact_rows(session)
    own = (result.publication.cache_key, result.unit.id)
    if all(survey.round != result.publication.round for survey in latest.surveys):
        key = (result.publication.cache_key, rows)
        alone = _Contents(key, _of_publication(result.publication), _facts(rows))
        return _CACHE.get(session, alone, now=now)
    contents = _regional_contents(latest, rows) or _Contents(((), rows), (), _facts(rows))
    if (int(result.publication.round), result.unit.id) not in contents.units:
        members = {result.unit.id, *result.unit.communities}
        others = (each for each in contents.results if members.isdisjoint({each.unit.id, *each.unit.communities}))
        contents = _Contents((contents.key, own), (*others, result), contents.facts)
    return _CACHE.get(session, contents, now=now)


def _of_publication(publication: Publication) -> tuple[SurveyResult, ...]:
    return tuple(SurveyResult(publication, unit) for unit in publication.region.units)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What lists rest on beside results, catalogue and weights; requests and overrides are sorted."""

    kinds: Mapping[str, CommunityKind]
    languages: Mapping[str, frozenset[Language]]
    requests: tuple[tuple[str, str, int], ...]
    allocation: int | None
    overrides: tuple[tuple[str, str, int], ...]


_FactRow = tuple[str, str, str, int]
_FACTS = union_all(
    organisations.KINDS,
    accounts.LANGUAGES_OF_PRINCIPALS,
    seats.REQUESTED_SEATS,
    seats.PUBLISHED_ALLOCATION,
    seats.OVERRIDDEN_SEATS,
)


def _fact_rows(session: Session) -> tuple[_FactRow, ...]:
    """Read kinds, languages of principals, requests and the allocation in one query: every page asks for them.

    The rows themselves say whether anything changed; a country has thousands.
    """
    rows = (tuple(row) for row in session.connection().execute(_FACTS))
    return tuple(sorted(rows))


@lru_cache(maxsize=4)
def _facts(rows: tuple[_FactRow, ...]) -> _Facts:
    kinds: dict[str, CommunityKind] = {}
    languages: dict[str, frozenset[Language]] = {}
    numbers: dict[str, list[tuple[str, str, int]]] = {seats.REQUEST: [], seats.ALLOCATION: [], seats.OVERRIDE: []}
    for what, name, word, number in rows:
        if what == organisations.KIND:
            kinds[name] = CommunityKind(word)
        elif what == accounts.LANGUAGE:
            languages[name] = languages.get(name, frozenset()) | {Language(word)}
        else:
            numbers[what].append((name, word, number))
    return _Facts(
        kinds=kinds,
        languages=languages,
        requests=tuple(numbers[seats.REQUEST]),
        allocation=next((number for _name, _word, number in numbers[seats.ALLOCATION]), None),
        overrides=tuple(numbers[seats.OVERRIDE]),
    )


@dataclass(frozen=True)
class _Contents:
    """Results and facts that lists are made of; `key` stays equal as long as they do."""

    key: Hashable
    results: tuple[SurveyResult, ...]
    facts: _Facts

    @cached_property
    def units(self) -> frozenset[tuple[int, str]]:
        """Round and unit of each result."""
        return frozenset((int(each.publication.round), each.unit.id) for each in self.results)


# Which result is each community's newest is found once for the same surveys and communities, not for every page.
_REGIONAL: BoundedCache[Hashable, _Contents] = BoundedCache("results and facts that course lists rest on", most=KEPT)


def _regional_contents(latest: ReleasedSurveys, rows: tuple[_FactRow, ...]) -> _Contents | None:
    """Return each community's newest result with the facts; None before the first survey of the region."""
    key = (tuple(survey.cache_key for survey in latest.surveys), rows)
    known = _REGIONAL.get(key)
    if known is None:
        facts = _facts(rows)
        region = latest.region_results(facts.kinds)
        if region is None:
            return None
        known = _Contents(key, region.results, facts)
        _REGIONAL.put(key, known)
    return known

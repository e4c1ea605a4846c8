"""Seats: wishes of communities, their allocation, what is decided otherwise, and its publication."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.catalogue import Course, Offering, Status
from app.core.matching.comparison import Outcome, compare
from app.core.matching.programme import Limits
from app.core.matching.ranking import is_open, prepare, rank_prepared
from app.core.matching.seats import allocate
from app.core.matching.weights import Weights
from app.core.matching.wishes import Applicant, Supply, Wish, WishesRefused
from app.core.organisations import Unit
from app.core.publication import Publication
from app.store import courses, organisations, publications, weights
from app.store import seats as store
from app.store.seats import Kept, Override

MOST_WISHES = 20


class SeatsRefused(Exception):
    """What was decided otherwise does not fit: more seats than there are, or no reason given."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that an allocation rests on: wishes, who asks, what there is."""

    wishes: tuple[Wish, ...]
    applicants: tuple[Applicant, ...]
    supplies: tuple[Supply, ...]


def on_offer(session: Session, *, now: datetime) -> tuple[tuple[Course, Offering], ...]:
    """Return what seats can be wished for, by title and time."""
    return tuple(
        (course, offering)
        for course in courses.courses(session)
        if course.status is Status.ACTIVE
        for offering in course.offerings
        if is_open(offering, now.date())
    )


def wishes(session: Session, community: str) -> tuple[Wish, ...]:
    """Return what a community wishes for."""
    return store.wishes(session, community)


def wish(session: Session, community: str, wished: Sequence[Wish], *, by: AccountId | None, now: datetime) -> None:
    """Put a community's wishes in place of its earlier ones; raises WishesRefused for what is not on offer."""
    offered = {offering.external_id: offering for _course, offering in on_offer(session, now=now)}
    for one in wished:
        if one.offering not in offered or not 1 <= one.seats <= offered[one.offering].capacity or one.priority < 1:
            raise WishesRefused(one.offering)
    if len(wished) > MOST_WISHES:
        message = f"more than {MOST_WISHES} wishes"
        raise WishesRefused(message)
    store.set_wishes(session, community, wished, by=by, now=now)


def desk(session: Session, *, now: datetime) -> Desk:
    """Gather what an allocation rests on today; needs come from the newest released publication."""
    offered = on_offer(session, now=now)
    known = {offering.external_id for _course, offering in offered}
    wished = tuple(one for one in store.wishes(session) if one.offering in known)
    region = organisations.load_region(session)
    units = {unit.id: unit for unit in region.units}
    members = {one.id: one.member for one in region.municipalities}
    asking = sorted({one.community for one in wished} & set(units))
    current = weights.current(session)
    weighed = _weights(publications.latest(session), offered, asking, current=current, now=now)
    credits = _credits(store.newest(session, published=True))
    return Desk(
        wishes=tuple(one for one in wished if one.community in units),
        applicants=tuple(
            Applicant(
                one,
                units[one].municipality,
                units[one].size,
                members.get(units[one].municipality, True),
                credits.get(one, 0.0),
                weighed.get(one, {}),
            )
            for one in asking
        ),
        supplies=tuple(_supply(offering) for _course, offering in offered),
    )


def run(session: Session, *, seed: int, limits: Limits, by: AccountId | None, now: datetime) -> int:
    """Make an allocation and keep it as a draft; return its number."""
    gathered = desk(session, now=now)
    made = allocate(gathered.wishes, gathered.applicants, gathered.supplies, seed=seed, limits=limits)
    return store.add_allocation(session, made, by=by, now=now)


def compared(session: Session, *, seed: int, now: datetime) -> tuple[Outcome, ...]:
    """Return what three ways of sharing today's seats would lead to."""
    gathered = desk(session, now=now)
    return compare(gathered.wishes, gathered.applicants, gathered.supplies, seed=seed)


def allocation(session: Session, number: int | None = None) -> Kept | None:
    """Return one allocation, or the newest."""
    return store.newest(session) if number is None else store.allocation(session, number)


def published(session: Session) -> Kept | None:
    """Return the allocation that communities may see, or None."""
    return store.newest(session, published=True)


def override(session: Session, number: int, decided: Override, *, by: AccountId | None, now: datetime) -> None:
    """Decide one wish otherwise; raises SeatsRefused without a note or beyond the seats that there are."""
    kept = store.allocation(session, number)
    if kept is None or not decided.note.strip() or decided.seats < 0:
        raise SeatsRefused(decided.community)
    offered = {one.external_id: one for course in courses.courses(session) for one in course.offerings}
    final = final_seats(kept) | {(decided.community, decided.offering): decided.seats}
    taken = sum(seats for (_community, offering), seats in final.items() if offering == decided.offering)
    if decided.offering not in offered or taken > offered[decided.offering].capacity:
        raise SeatsRefused(decided.offering)
    store.set_override(session, number, decided, by=by, now=now)


def publish(session: Session, number: int, *, now: datetime) -> None:
    """Let the communities see an allocation."""
    store.publish(session, number, now=now)


def final_seats(kept: Kept) -> dict[tuple[str, str], int]:
    """Return the seats by community and offering, with what was decided otherwise."""
    return kept.final


def _supply(offering: Offering) -> Supply:
    return Supply(
        offering=offering.external_id,
        capacity=offering.capacity,
        minimum=offering.min_participants,
        member_quota=offering.member_quota,
        quotas=offering.quotas,
        cost=offering.price_eur or 0.0,
    )


def _weights(
    publication: Publication | None,
    offered: Iterable[tuple[Course, Offering]],
    asking: Iterable[str],
    *,
    current: Weights,
    now: datetime,
) -> dict[str, dict[str, float]]:
    """Return how much each community needs each offering: the priority of its course on its list."""
    if publication is None:
        return {}
    listed = {course.external_id: course for course, _offering in offered}
    prospects = prepare(listed.values(), weights=current, today=now.date())
    found: dict[str, dict[str, float]] = {}
    units: Mapping[str, Unit] = {unit.id: unit for unit in publication.region.units}
    for community in asking:
        if community in units:
            ranking = rank_prepared(publication, units[community], prospects, current, today=now.date())
            found[community] = {
                offering.external_id: one.priority for one in ranking.recommended for offering in one.offerings
            }
    return found


def _credits(kept: Kept | None) -> dict[str, float]:
    """Return what each community was refused last time, what was decided otherwise included."""
    if kept is None:
        return {}
    given: dict[str, int] = {}
    for (community, _offering), seats in final_seats(kept).items():
        given[community] = given.get(community, 0) + seats
    return {
        one.community: max(0.0, one.credit + one.given - given.get(one.community, 0)) for one in kept.allocation.shares
    }

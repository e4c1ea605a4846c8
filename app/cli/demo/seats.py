"""Seats of the demo: requests of communities, an allocation, and participation in a course."""

from datetime import datetime
from random import Random

from sqlalchemy.orm import Session

from app.core.matching.linear_programme import AllocationLimits
from app.core.matching.seat_requests import SeatRequest
from app.core.organisations import Region
from app.services import effect, matching, seats

SEED = 20_261
ASKS = 0.8
MOST_WISHED = 3
PEOPLE_TO_A_SEAT = 5
SECONDS = 4.0
TOOK = 14
DIMENSION = "practices"
STORIES = ("kuusiranta-tahtikallion-koulu", "mustikkamaki-kanervan-paivakoti")


def load_seat_requests_and_allocation(session: Session, region: Region, *, now: datetime) -> None:
    """Store seat requests for the recommended courses, allocate the seats, and publish the allocation."""
    drawn = Random(SEED)
    lists = matching.find_or_build_region_lists(session, now=now)
    if lists is None:
        return
    for unit in region.units:
        if drawn.random() > ASKS and unit.id not in STORIES:
            continue
        result = matching.newest_result_of_community(session, unit.id)
        if result is None:
            continue
        if result.unit.id not in lists.units:
            continue
        course_list = lists.course_list(result.unit.id)
        requested = [
            SeatRequest(
                unit.id,
                listed.recommendation.offerings[0].external_id,
                min(listed.recommendation.offerings[0].capacity, _seats(unit.invited_count, drawn)),
                listed.place,
            )
            for listed in course_list.listed[:MOST_WISHED]
        ]
        seats.save_seat_requests(session, unit.id, requested, by=None, now=now)
    number = seats.run_allocation(session, seed=SEED, limits=AllocationLimits(seconds=SECONDS), by=None, now=now)
    seats.publish_allocation(session, number, by=None, now=now)


def load_course_participation(session: Session, *, now: datetime) -> None:
    """Store who took a course between the last two rounds, so that its effect can be reviewed."""
    surveys = effect.last_two_regional_surveys(session)
    about = [
        course
        for course in effect.non_draft_courses_with_dimensions(session)
        if course.dimensions[0].dimension == DIMENSION
    ]
    if not surveys or not about:
        return
    among = [unit.id for unit in surveys[-1].region.units]
    others = Random(SEED).sample([item for item in among if item not in STORIES], TOOK - len(STORIES))
    effect.set_participating_communities(session, about[0], [*STORIES, *others], among=among, by=None, now=now)


def _seats(staff: int, drawn: Random) -> int:
    return max(1, round(staff / PEOPLE_TO_A_SEAT * drawn.uniform(0.6, 1.4)))

"""Sentences on recommendations: why a course is recommended or not, and what comes before courses."""

from collections.abc import Iterator, Mapping

from flask import Flask
from flask_babel import LazyString, format_currency, format_date, gettext, ngettext
from flask_babel import lazy_gettext as _l

from app.core.catalogue import (
    AUDIENCES,
    DIMENSIONS,
    Area,
    ChangeTarget,
    Course,
    CourseStatus,
    DeliveryMode,
    EvidenceGrade,
)
from app.core.instruments import Polarity
from app.core.languages import Language, TranslatedText
from app.core.matching.course_lists import FACILITATED, dimensions_most_above_average
from app.core.matching.needs import DEMANDS, Need, NeedBasis
from app.core.matching.recommendations import (
    Contribution,
    ExclusionReason,
    ListAdvice,
    ListedCourse,
    ListRole,
    Recommendation,
    SeatOutlook,
    Timing,
    UnmetNeed,
    UnmetReason,
)
from app.core.matching.seat_alternatives import RequestWithoutSeats
from app.core.matching.weights import ResponsibleParty
from app.core.publication import Capped, Placement
from app.core.text import sort_key
from app.reports import orientation, placements
from app.reports.number_format import add_at_most_or_at_least, format_names
from app.web.shared.formats import format_one_decimal
from app.web.shared.languages import language


def register(app: Flask) -> None:
    """Register the functions that name courses and word reasons as globals of the templates."""
    functions = (
        advice_sentence,
        alternative_sentence,
        course_area_name,
        audience_name,
        course_title,
        list_role_sentences,
        format_day,
        dimension_name,
        mode_name,
        need_basis_sentences,
        lang_code_if_different,
        format_price,
        reason_sentences,
        seats_sentence,
        format_date_range,
        unmet_need_sentence,
        exclusion_heading,
    )
    app.jinja_env.globals.update({function.__name__: function for function in functions})
    app.jinja_env.globals.update(
        AREAS=AREAS, DIMENSIONS=DIMENSIONS, EVIDENCE=EVIDENCE, STATUSES=STATUSES, TARGETS=TARGETS
    )


def _(text: str, **values: object) -> str:
    return str(gettext(text, **values))


def dimension_name(dimension: str) -> str:
    """Return what a dimension is called in the reader's language."""
    return DIMENSIONS[dimension].in_language(language()) if dimension in DIMENSIONS else dimension


def audience_name(audience: str) -> str:
    """Return whom a course is for in the reader's language."""
    return AUDIENCES[audience].in_language(language()) if audience in AUDIENCES else audience


def course_title(course: Course) -> str:
    """Return a course's title in the reader's language."""
    return course.title.in_language(language())


def title_order(course: Course) -> tuple[tuple[str, str, str], str]:
    """Return the key that puts courses in alphabetical order of their titles in the reader's language."""
    return sort_key(course_title(course)), course.external_id


def lang_code_if_different(course: Course, text: TranslatedText) -> str:
    """Return the code of the language that a text is in, if it is not the reader's; else an empty string."""
    found_language = course.shown_text_language(text, language())
    return "" if found_language is language() else found_language.value


def need_basis_sentences(need: Need, weaker: frozenset[str] = frozenset()) -> str:
    """Say which printed figures a need rests on, and how it compares with the region's communities.

    `weaker` are the dimensions that the results page calls weaker than the region's.
    """
    return " ".join(_need(need, weaker))


def _need(need: Need, weaker: frozenset[str]) -> Iterator[str]:
    name = _figure_name(need)
    need = orientation.orient_need(need)
    if need.basis is NeedBasis.NOTHING:
        yield _("%(dimension)s: no result can be shown.", dimension=name)
        return
    yield _placement(need, name) if need.basis is NeedBasis.PLACEMENT else _mean(need, name)
    if need.dimension in weaker:
        yield _("The result is worse than in the region by more than chance would explain.")
    elif need.difference_from_average_unit > 0 and not need.is_mostly_common:
        yield _("There is probably more to do here than in an average community of the region.")
    elif need.common >= 1 and need.value >= 1:
        yield _("The need is high all over the region, so it is on the region’s list.")


def _figure_name(need: Need) -> str:
    """Return what the figures of a need are called: they rise to the good end, or say that low is good."""
    if orientation.is_need_turned(need):
        return orientation.TURNED_TITLES[need.dimension].in_language(language())
    name = dimension_name(need.dimension)
    if need.polarity is Polarity.HIGH_IS_GOOD:
        return name
    return _("%(title)s (low is good)", title=name)


def _mean(need: Need, name: str) -> str:
    values = {"dimension": name, "mean": _number(need.mean, need.capped), "region": _region(need)}
    if need.basis is NeedBasis.OWN:
        return _("%(dimension)s: %(mean)s in your community, %(region)s in the region.", **values)
    if need.basis is NeedBasis.MUNICIPALITY:
        return _("%(dimension)s: %(mean)s in your municipality, %(region)s in the region.", **values)
    return _("%(dimension)s: %(region)s in the region.", **values)


def _placement(need: Need, name: str) -> str:
    values = {"dimension": name, "region": _region(need)}
    side = placements.treat_even_chance_as_same(need.placement, need.chance)
    if side is Placement.SAME:
        return _("%(dimension)s: no clear difference from the region (%(region)s).", **values)
    if need.chance is None:
        return (
            _("%(dimension)s: perhaps below the region (%(region)s), but only a few people answered.", **values)
            if side is Placement.BELOW
            else _("%(dimension)s: perhaps above the region (%(region)s), but only a few people answered.", **values)
        )
    values["chance"] = placements.chance_text(need.chance)
    if side is Placement.BELOW:
        return _("%(dimension)s: probably below the region (%(region)s), %(chance)s.", **values)
    return _("%(dimension)s: probably above the region (%(region)s), %(chance)s.", **values)


def _region(need: Need) -> str:
    return _number(need.region, need.region_capped)


def _number(number: float | None, capped: Capped | None) -> str:
    return "–" if number is None else add_at_most_or_at_least(format_one_decimal(number), capped)


def list_role_sentences(listed: ListedCourse) -> list[str]:
    """Say what a course is on the list for: a whole sentence that fits its place, and what marks it out."""
    name = dimension_name(listed.dimension)
    course = listed.course
    if listed.role is ListRole.SECOND:
        sentence = SECONDS[course.target]
    elif listed.need is None or listed.need.basis is NeedBasis.OWN:
        sentence = ROLES[listed.role]
    else:
        # Without its own figures only a probability is known for the community.
        sentence = PROBABLE_ROLES.get(listed.role, ROLES[listed.role])
    result = [str(sentence) % {"dimension": name}]
    if listed.is_equal:
        result.append(_("It would bring you as much as the course above."))
    if course.led_from_outside:
        result.append(
            _("An external facilitator leads the work, so that no one has to lead a discussion about themselves.")
        )
    return result


def seats_sentence(outlook: SeatOutlook) -> str:
    """Say how many seats a course has, how many of them are free, and how many the community has or can expect."""
    values = {"seats": outlook.seats, "free": outlook.free}
    if outlook.granted:
        return str(
            ngettext(
                "It has %(seats)s seats; one is yours.", "It has %(seats)s seats; %(num)s are yours.",
                outlook.granted, **values,
            )
        )  # fmt: skip
    if outlook.free == 0:
        return _("It has no free seats now. You can still request seats.")
    if outlook.expected == 0:
        return _("It has %(seats)s seats, and others will probably come first. You can still request seats.", **values)
    if outlook.free < outlook.seats:
        return str(
            ngettext(
                "%(free)s of its %(seats)s seats are free; you can expect one.",
                "%(free)s of its %(seats)s seats are free; you can expect %(num)s.",
                outlook.expected,
                **values,
            )
        )
    return str(
        ngettext(
            "It has %(seats)s seats; you can expect one.",
            "It has %(seats)s seats; you can expect %(num)s.",
            outlook.expected,
            **values,
        )
    )


def alternative_sentence(unmet: RequestWithoutSeats) -> str:
    """Say which course or time can be requested in place of a request without seats, and how many seats it brings."""
    alternative = unmet.alternative
    if alternative is None:
        return _("No other course that meets your needs has free seats now.")
    offering = alternative.offering
    when = format_day(offering.first_day) if offering.first_day else _("at any time")
    return str(
        ngettext(
            "The next best with free seats is “%(course)s” (%(when)s): you can expect one seat.",
            "The next best with free seats is “%(course)s” (%(when)s): you can expect %(num)s seats.",
            alternative.seats,
            course=course_title(alternative.course),
            when=when,
        )
    )


def unmet_need_sentence(unmet: UnmetNeed) -> str:
    """Say which need no course on the list is about, and why."""
    name = dimension_name(unmet.need.dimension)
    if unmet.is_greatest:
        what = _("“%(dimension)s” is your greatest need, and no course on the list is about it.", dimension=name)
    else:
        what = _(
            "“%(dimension)s” is worse here than in the region, and no course on the list is about it.", dimension=name
        )
    return f"{what} {UNMET[unmet.why]}"


def reason_sentences(recommendation: Recommendation) -> list[str]:
    """Return the reasons for recommending a course, one sentence each."""
    leading = recommendation.heaviest_contribution
    course = recommendation.course
    result = [relevance_sentence(leading), str(EVIDENCE[course.evidence_grade]), str(POWERS[leading.power])]
    others = [dimension_name(other.dimension) for other in recommendation.contributions[1:]]
    if others:
        result.append(_("It also covers: %(dimensions)s.", dimensions=", ".join(others)))
    if course.target is ChangeTarget.PERSON and any(each.dimension == DEMANDS for each in recommendation.contributions):
        result.append(str(FOR_PERSONS))
    result.append(str(TIMINGS[recommendation.fit.timing]))
    if course.languages and language() not in course.languages:
        result.append(_("The course is held in another language than the one you are reading in."))
    if recommendation.fit.mode < 1:
        result.append(_("The course is studied alone, although the issue is shared by all."))
    return result


def relevance_sentence(contribution: Contribution) -> str:
    """Say how closely a course is connected with a dimension, and whether coordinators disagree."""
    value = contribution.relevance.value
    second = contribution.relevance.second
    if second is not None and second != value:
        return _(
            "Two coordinators rate its relevance differently: %(one)s and %(two)s out of 3.", one=value, two=second
        )
    return str(RELEVANCES[value])


RELEVANCES: dict[int, LazyString] = {
    0: _l("The course is not related to this (0 of 3)."),
    1: _l("The course is partly related to this (1 of 3)."),
    2: _l("The course is clearly related to this (2 of 3)."),
    3: _l("The course is about exactly this (3 of 3)."),
}
EVIDENCE: dict[EvidenceGrade, LazyString] = {
    EvidenceGrade.A: _l("Several good studies show that such a course helps (A)."),
    EvidenceGrade.B: _l("Some good studies show that such a course helps (B)."),
    EvidenceGrade.C: _l("There are signs that such a course helps, but no strong study (C)."),
    EvidenceGrade.D: _l("No study has tested yet whether such a course helps (D)."),
}
POWERS: dict[ResponsibleParty, LazyString] = {
    ResponsibleParty.COMMUNITY: _l("The issue is largely in the community's own hands."),
    ResponsibleParty.LEADER: _l("The issue is largely in the hands of the leadership."),
    ResponsibleParty.MUNICIPALITY: _l(
        "Much of this is decided in the municipality: send it to the municipality as well."
    ),
    ResponsibleParty.OUTCOME: _l("Wellbeing depends on other things: look first at what affects it."),
}
TIMINGS: dict[Timing, LazyString] = {
    Timing.GOOD: _l("The next offering is within half a year and leaves time to arrange substitutes."),
    Timing.SHORT_NOTICE: _l("The next offering is within two weeks, which is short notice."),
    Timing.FAR_AWAY: _l("The next offering is more than half a year away."),
    Timing.ANY_TIME: _l("The course can be started at any time."),
}
FOR_PERSONS = _l(
    "It is meant for individuals. In a survey of 46,336 employees those who took part in such programmes were no "
    "better off than others (Fleming 2024), so it weighs little where a manageable workload is the need."
)
ROLES: dict[ListRole, LazyString] = {
    ListRole.BEGIN_OWN: _l(
        "Start with this one: “%(dimension)s” is where your community has more to do than others in the region."
    ),
    ListRole.BEGIN_COMMON: _l(
        "Start with this one: “%(dimension)s” calls for attention here, as in much of the region."
    ),
    ListRole.BEGIN_STRENGTHEN: _l(
        "“%(dimension)s” is no worse here than elsewhere. If you want to improve something, start with this one."
    ),
    ListRole.AGAIN: _l("Another course on “%(dimension)s”, in case the one above on the same topic does not suit you."),
    ListRole.OWN: _l("In “%(dimension)s” there is more to do here than elsewhere in the region."),
    ListRole.COMMON: _l("“%(dimension)s” is a shared concern: the need is high in most communities of the region."),
    ListRole.STRENGTHEN: _l(
        "“%(dimension)s” is no worse here than elsewhere; the course strengthens what already works."
    ),
}
PROBABLE_ROLES: dict[ListRole, LazyString] = {
    ListRole.BEGIN_OWN: _l(
        "Start with this one: in “%(dimension)s” your community probably has more to do than others in the region."
    ),
    ListRole.OWN: _l("In “%(dimension)s” there is probably more to do here than elsewhere in the region."),
    ListRole.BEGIN_STRENGTHEN: _l(
        "Nothing shows that “%(dimension)s” is worse here than elsewhere. If you want to improve something, "
        "start with this one."
    ),
    ListRole.STRENGTHEN: _l(
        "Nothing shows that “%(dimension)s” is worse here than elsewhere; the course can strengthen it."
    ),
}
SECONDS: dict[ChangeTarget, LazyString] = {
    ChangeTarget.WORK: _l("Another way into “%(dimension)s”: this one changes the work itself."),
    ChangeTarget.TEAM: _l("Another way into “%(dimension)s”: this one is for the whole team."),
    ChangeTarget.LEADER: _l("Another way into “%(dimension)s”: this one is for leaders."),
    ChangeTarget.PERSON: _l("Another way into “%(dimension)s”: this one is for individuals."),
}
UNMET: dict[UnmetReason, LazyString] = {
    UnmetReason.NO_COURSE: _l("The catalogue has none: agree on something of your own, and tell the coordinator."),
    UnmetReason.NO_OFFERING: _l("There is a course, but no offering is open for registration. Tell the coordinator."),
    UnmetReason.OTHER_AUDIENCE: _l("The courses about it are meant for others."),
    UnmetReason.SEATS_TAKEN: _l("Its courses have too few seats for all who need them: see under all courses."),
}
ADVICE: dict[ListAdvice, LazyString] = {
    ListAdvice.NOTHING_WEAKER: _l(
        "In no dimension does your community have more to do than the region’s communities on average. Keep what "
        "works; the courses below can strengthen it."
    ),
    ListAdvice.WORK_FIRST: _l(
        "Workload: change the work first. Look at the amount of work, interruptions and what can be left undone "
        "before anyone is sent on a course. A course for individuals is the last remedy."
    ),
    ListAdvice.OUTSIDE_FACILITATION: _l(
        "%(dimensions)s: a community finds it hardest to act on this by itself. Ask an external facilitator to lead "
        "the discussion."
    ),
    ListAdvice.PLACEMENT_ONLY: _l(
        "There were too few answers for numbers, so this list is based on how your community compares with the region."
    ),
    ListAdvice.MUNICIPALITY_ONLY: _l(
        "Your community's own results cannot be shown, so this list is based on those of the whole municipality."
    ),
    ListAdvice.REGION_ONLY: _l("Narrower results cannot be shown, so this list is based on those of the whole region."),
    ListAdvice.NOTHING_KNOWN: _l(
        "For some dimensions no result can be shown, so no course is recommended on the basis of them."
    ),
}
# Headings of a group of courses, singular or plural.
WHY_NOT: dict[ExclusionReason, LazyString] = {
    ExclusionReason.NO_NEED: _l("About topics in which the results show no need"),
    ExclusionReason.NO_DIMENSION: _l("Not linked to any topic of the survey"),
    ExclusionReason.OTHER_AUDIENCE: _l("Meant for others"),
    ExclusionReason.NO_OFFERING: _l("Would suit you, but no offering is open for registration"),
}
TARGETS: dict[ChangeTarget, LazyString] = {
    ChangeTarget.WORK: _l("changes the work"),
    ChangeTarget.TEAM: _l("for the whole team"),
    ChangeTarget.LEADER: _l("for leaders"),
    ChangeTarget.PERSON: _l("for individuals"),
}


AREAS: dict[Area, LazyString] = {
    Area.COMPETENCE: _l("Competence"),
    Area.GROWTH_AND_LEARNING: _l("Growth and learning"),
    Area.WELLBEING: _l("Wellbeing"),
    Area.LEADERSHIP: _l("Leadership"),
}
MODES: dict[DeliveryMode, LazyString] = {
    DeliveryMode.ONLINE: _l("online"),
    DeliveryMode.ONSITE: _l("on site"),
    DeliveryMode.BLENDED: _l("partly online"),
    DeliveryMode.SELF_PACED: _l("at your own pace"),
}
STATUSES: dict[CourseStatus, LazyString] = {
    CourseStatus.DRAFT: _l("draft"),
    CourseStatus.ACTIVE: _l("on offer"),
    CourseStatus.CANCELLED: _l("cancelled"),
    CourseStatus.ARCHIVED: _l("archived"),
}


def course_area_name(area: Area) -> str:
    """Return what an area of the catalogue is called."""
    return str(AREAS[area])


def mode_name(mode: DeliveryMode) -> str:
    """Return the name of a form of participation."""
    return str(MODES[mode])


SHORT_DATES = {Language.FI: "d.M.y", Language.SV: "d.M.y", Language.EN: "d MMM y"}


def format_price(euros: float | None) -> str:
    """Write a price; nothing at all where none is known."""
    if euros is None:
        return ""
    return _("free of charge") if euros == 0 else str(format_currency(euros, "EUR"))


def exclusion_heading(why: ExclusionReason) -> str:
    """Return the heading of the courses that are not on the list for one reason."""
    return str(WHY_NOT[why])


def advice_sentence(advice: ListAdvice, needs: Mapping[str, Need]) -> str:
    """Say what comes before any course; `needs` are those of the community."""
    sentence = str(ADVICE[advice])
    if advice is not ListAdvice.OUTSIDE_FACILITATION:
        return sentence
    first = [dimension for dimension in dimensions_most_above_average(needs) if dimension in FACILITATED]
    return sentence % {"dimensions": format_names([dimension_name(dimension) for dimension in first])}


def format_day(moment: object) -> str:
    """Write a day shortly, as the reader's language does."""
    return str(format_date(moment, format=SHORT_DATES[language()]))


def format_date_range(first: object | None, last: object | None) -> str:
    """Write the days from one to another, either of which may be open; the dash is close where dates have no space."""
    ends = [format_day(end) if end else "" for end in (first, last)]
    return (" – " if any(" " in end for end in ends) else "–").join(ends).strip()

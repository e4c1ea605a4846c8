"""Why a course is recommended, why another is not, and what comes before courses: as sentences."""

from collections.abc import Iterator

from flask import Flask
from flask_babel import LazyString, format_currency, format_date, gettext, ngettext
from flask_babel import lazy_gettext as _l

from app.core.catalogue import AUDIENCES, DIMENSIONS, Area, Course, CourseStatus, DeliveryMode, EvidenceGrade, Target
from app.core.instruments import Polarity
from app.core.languages import Language, TranslatedText
from app.core.matching.needs import DEMANDS, Need, NeedBasis
from app.core.matching.recommendations import (
    Advice,
    Contribution,
    ExclusionReason,
    ListedCourse,
    ListRole,
    Recommendation,
    SeatOutlook,
    Timing,
    UnmetNeed,
    UnmetReason,
)
from app.core.matching.seat_alternatives import UnmetRequest
from app.core.matching.weights import InfluenceLevel
from app.core.publication import Capped, Placement
from app.reports import orientation, placements
from app.reports.number_format import format_bound
from app.web.shared.formats import tenths
from app.web.shared.languages import language


def register(app: Flask) -> None:
    """Give the templates of `app` the words of courses and the sentences of reasons."""
    words = (
        advice_sentence,
        alternative_sentence,
        area_name,
        audience_name,
        course_title,
        card_sentences,
        day,
        dimension_name,
        mode_name,
        need_sentence,
        other_language,
        price,
        reasons,
        seats_sentence,
        date_range,
        unmet_sentence,
        why_not_sentence,
    )
    app.jinja_env.globals.update({word.__name__: word for word in words})
    app.jinja_env.globals.update(
        AREAS=AREAS, AUDIENCES=AUDIENCES, DIMENSIONS=DIMENSIONS, EVIDENCE=EVIDENCE, MODES=MODES, RELEVANCES=RELEVANCES,
        STATUSES=STATUSES, TARGETS=TARGETS,
    )  # fmt: skip


def _(text: str, **words: object) -> str:
    return str(gettext(text, **words))


def dimension_name(word: str) -> str:
    """Return what a dimension is called in the reader's language."""
    return DIMENSIONS[word].read(language()) if word in DIMENSIONS else word


def audience_name(word: str) -> str:
    """Return whom a course is for in the reader's language."""
    return AUDIENCES[word].read(language()) if word in AUDIENCES else word


def course_title(course: Course) -> str:
    """Return a course's title in the reader's language."""
    return course.title.read(language())


def other_language(course: Course, text: TranslatedText) -> str:
    """Return the code of the language that a text is in, if it is not the reader's; an empty word otherwise."""
    found_language = course.language_of(text, language())
    return "" if found_language is language() else found_language.value


def need_sentence(need: Need, weaker: frozenset[str] = frozenset()) -> str:
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
    elif need.own > 0 and not need.is_mostly_common:
        yield _("There is probably more to do here than in an average community of the region.")
    elif need.common >= 1 and need.value >= 1:
        yield _("The need is high all over the region: the coordinator has it on the region’s list.")


def _figure_name(need: Need) -> str:
    """Return what the figures of a need are called: they rise to the good end, or say that low is good."""
    if orientation.is_need_turned(need):
        return orientation.TURNED_TITLES[need.dimension].read(language())
    name = dimension_name(need.dimension)
    if need.polarity is Polarity.HIGH_IS_GOOD:
        return name
    return _("%(title)s (low is good)", title=name)


def _mean(need: Need, name: str) -> str:
    words = {"dimension": name, "mean": _number(need.mean, need.capped), "region": _region(need)}
    if need.basis is NeedBasis.OWN:
        return _("%(dimension)s: %(mean)s in your community, %(region)s in the region.", **words)
    if need.basis is NeedBasis.MUNICIPALITY:
        return _("%(dimension)s: %(mean)s in your municipality, %(region)s in the region.", **words)
    return _("%(dimension)s: %(region)s in the region.", **words)


def _placement(need: Need, name: str) -> str:
    words = {"dimension": name, "region": _region(need)}
    side = placements.publishable_placement(need.placement, need.chance)
    if side is Placement.SAME:
        return _("%(dimension)s: no clear difference from the region (%(region)s).", **words)
    if need.chance is None:
        return (
            _("%(dimension)s: perhaps below the region (%(region)s), but only a few people answered.", **words)
            if side is Placement.BELOW
            else _("%(dimension)s: perhaps above the region (%(region)s), but only a few people answered.", **words)
        )
    words["chance"] = placements.chance_text(need.chance)
    if side is Placement.BELOW:
        return _("%(dimension)s: probably below the region (%(region)s), %(chance)s.", **words)
    return _("%(dimension)s: probably above the region (%(region)s), %(chance)s.", **words)


def _region(need: Need) -> str:
    return _number(need.region, need.region_capped)


def _number(number: float | None, capped: Capped | None) -> str:
    return "–" if number is None else format_bound(tenths(number), capped)


def card_sentences(listed: ListedCourse) -> list[str]:
    """Say what a course is on the list for: a whole sentence that fits its place, and what marks it out."""
    name = dimension_name(listed.dimension)
    course = listed.course
    if listed.role is ListRole.SECOND:
        sentence = SECONDS[course.target]
    elif listed.need is None or listed.need.basis is NeedBasis.OWN:
        sentence = ROLES[listed.role]
    else:
        # Without figures of its own only a probability is known of the community.
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
    words = {"seats": outlook.seats, "free": outlook.free}
    if outlook.given:
        return str(
            ngettext(
                "It has %(seats)s seats; one is yours.", "It has %(seats)s seats; %(num)s are yours.",
                outlook.given, **words,
            )
        )  # fmt: skip
    if outlook.free == 0:
        return _("It has no free seats now. You may still ask.")
    if outlook.expected == 0:
        return _("It has %(seats)s seats, and others will probably come first. You may still ask.", **words)
    if outlook.free < outlook.seats:
        return str(
            ngettext(
                "%(free)s of its %(seats)s seats are free; you can expect one.",
                "%(free)s of its %(seats)s seats are free; you can expect %(num)s.",
                outlook.expected,
                **words,
            )
        )
    return str(
        ngettext(
            "It has %(seats)s seats; you can expect one.",
            "It has %(seats)s seats; you can expect %(num)s.",
            outlook.expected,
            **words,
        )
    )


def alternative_sentence(unmet: UnmetRequest) -> str:
    """Say which course or time can be requested in place of a request without seats, and how many seats it brings."""
    alternative = unmet.alternative
    if alternative is None:
        return _("No other course of your list has free seats now.")
    offering = alternative.offering
    when = day(offering.first_day) if offering.first_day else _("at any time")
    return str(
        ngettext(
            "The next best with free seats is “%(course)s” (%(when)s): you can expect one seat.",
            "The next best with free seats is “%(course)s” (%(when)s): you can expect %(num)s seats.",
            alternative.seats,
            course=course_title(alternative.course),
            when=when,
        )
    )


def unmet_sentence(unmet: UnmetNeed) -> str:
    """Say which need no course on the list is about, and why."""
    name = dimension_name(unmet.need.dimension)
    if unmet.is_greatest:
        what = _("“%(dimension)s” is your greatest need, and no course on the list is about it.", dimension=name)
    else:
        what = _(
            "“%(dimension)s” is weaker here than in the region, and no course on the list is about it.", dimension=name
        )
    return f"{what} {UNMET[unmet.why]}"


def reasons(recommendation: Recommendation) -> list[str]:
    """Say what counted for a course, one sentence for each thing."""
    leading = recommendation.leading
    course = recommendation.course
    result = [relevance_sentence(leading), str(EVIDENCE[course.evidence_grade]), str(POWERS[leading.power])]
    others = [dimension_name(other.dimension) for other in recommendation.contributions[1:]]
    if others:
        result.append(_("It also covers: %(dimensions)s.", dimensions=", ".join(others)))
    if course.target is Target.PERSON and any(each.dimension == DEMANDS for each in recommendation.contributions):
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
POWERS: dict[InfluenceLevel, LazyString] = {
    InfluenceLevel.COMMUNITY: _l("The issue is largely in the community's own hands."),
    InfluenceLevel.LEADER: _l("The issue is largely in the hands of the leadership."),
    InfluenceLevel.MUNICIPALITY: _l(
        "Much of this is decided in the municipality: send it to the municipality as well."
    ),
    InfluenceLevel.OUTCOME: _l("Wellbeing depends on other things: look first at what affects it."),
}
TIMINGS: dict[Timing, LazyString] = {
    Timing.GOOD: _l("The next offering is within half a year and leaves time to arrange substitutes."),
    Timing.SHORT_NOTICE: _l("The next offering is within two weeks, which is short notice."),
    Timing.FAR_AWAY: _l("The next offering is more than half a year away."),
    Timing.ANY_TIME: _l("The course can be started at any time."),
}
FOR_PERSONS = _l(
    "It is meant for individuals. In a survey of 46,336 employees those who took part in such programmes were no "
    "better off than others (Fleming 2024), so it weighs little where the demands of work are the need."
)
ROLES: dict[ListRole, LazyString] = {
    ListRole.BEGIN_OWN: _l(
        "Start with this one: “%(dimension)s” is where your community has more to do than others in the region."
    ),
    ListRole.BEGIN_COMMON: _l(
        "Start with this one: “%(dimension)s” calls for attention here, as in much of the region."
    ),
    ListRole.BEGIN_STRENGTHEN: _l(
        "“%(dimension)s” is no weaker here than elsewhere. If you want to strengthen something, start with this one."
    ),
    ListRole.AGAIN: _l("Another course on “%(dimension)s”, in case the first one does not suit you."),
    ListRole.OWN: _l("In “%(dimension)s” there is more to do here than elsewhere in the region."),
    ListRole.COMMON: _l("“%(dimension)s” is a shared concern: the need is high in most communities of the region."),
    ListRole.STRENGTHEN: _l(
        "“%(dimension)s” is no weaker here than elsewhere; the course strengthens what works already."
    ),
}
PROBABLE_ROLES: dict[ListRole, LazyString] = {
    ListRole.BEGIN_OWN: _l(
        "Start with this one: in “%(dimension)s” your community probably has more to do than others in the region."
    ),
    ListRole.OWN: _l("In “%(dimension)s” there is probably more to do here than elsewhere in the region."),
    ListRole.BEGIN_STRENGTHEN: _l(
        "Nothing shows that “%(dimension)s” is weaker here than elsewhere. If you want to strengthen something, start "
        "with this one."
    ),
    ListRole.STRENGTHEN: _l(
        "Nothing shows that “%(dimension)s” is weaker here than elsewhere; the course can strengthen it."
    ),
}
SECONDS: dict[Target, LazyString] = {
    Target.WORK: _l("Another way into “%(dimension)s”: this one changes the work itself."),
    Target.TEAM: _l("Another way into “%(dimension)s”: this one is for the whole team."),
    Target.LEADER: _l("Another way into “%(dimension)s”: this one is for leaders."),
    Target.PERSON: _l("Another way into “%(dimension)s”: this one is for individuals."),
}
UNMET: dict[UnmetReason, LazyString] = {
    UnmetReason.NO_COURSE: _l("The catalogue has none: agree on something of your own, and tell the coordinator."),
    UnmetReason.NO_OFFERING: _l("There is a course, but no offering is open for registration. Tell the coordinator."),
    UnmetReason.OTHER_AUDIENCE: _l("The courses about it are meant for others."),
    UnmetReason.SEATS_TAKEN: _l("Its courses have too few seats for all who need them: see under all courses."),
}
ADVICE: dict[Advice, LazyString] = {
    Advice.NOTHING_WEAKER: _l(
        "Your community needs no more than an average community of the region in anything. Keep what works; the "
        "courses below can strengthen it."
    ),
    Advice.WORK_FIRST: _l(
        "Demands of work: change the work first. Look at the amount of work, interruptions and what can be left "
        "undone before anyone is sent on a course. A course for individuals is the last remedy."
    ),
    Advice.OUTSIDE_FACILITATION: _l(
        "Leadership or common practices are weak here. Teams find it hardest to act on exactly these by themselves: "
        "ask an external facilitator to lead the discussion."
    ),
    Advice.PLACEMENT_ONLY: _l(
        "There were too few answers for figures, so this list is based on how your community compares with the region."
    ),
    Advice.MUNICIPALITY_ONLY: _l(
        "Your community's own results cannot be shown, so this list is based on those of the whole municipality."
    ),
    Advice.REGION_ONLY: _l("Narrower results cannot be shown, so this list is based on those of the whole region."),
    Advice.NOTHING_KNOWN: _l(
        "For some dimensions no result can be shown, so no course is recommended on the basis of them."
    ),
}
WHY_NOT: dict[ExclusionReason, LazyString] = {
    ExclusionReason.NO_NEED: _l("The results show no need in what the course is about."),
    ExclusionReason.NO_DIMENSION: _l("No coordinator has linked the course to any topic of the survey."),
    ExclusionReason.OTHER_AUDIENCE: _l("The course is meant for others."),
    ExclusionReason.NO_OFFERING: _l("It would suit you, but no offering is open for registration."),
}
TARGETS: dict[Target, LazyString] = {
    Target.WORK: _l("changes the work"),
    Target.TEAM: _l("for the whole team"),
    Target.LEADER: _l("for leaders"),
    Target.PERSON: _l("for individuals"),
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
    DeliveryMode.SELF_PACED: _l("at one's own pace"),
}
STATUSES: dict[CourseStatus, LazyString] = {
    CourseStatus.DRAFT: _l("draft"),
    CourseStatus.ACTIVE: _l("on offer"),
    CourseStatus.CANCELLED: _l("cancelled"),
    CourseStatus.ARCHIVED: _l("archived"),
}


def area_name(area: Area) -> str:
    """Return what an area of the catalogue is called."""
    return str(AREAS[area])


def mode_name(mode: DeliveryMode) -> str:
    """Return how one takes part."""
    return str(MODES[mode])


SHORT_DATES = {Language.FI: "d.M.y", Language.SV: "d.M.y", Language.EN: "d MMM y"}


def price(euros: float | None) -> str:
    """Write a price; nothing at all where none is known."""
    if euros is None:
        return ""
    return _("free of charge") if euros == 0 else str(format_currency(euros, "EUR"))


def why_not_sentence(why: ExclusionReason) -> str:
    """Say why a course is not on the list."""
    return str(WHY_NOT[why])


def advice_sentence(advice: Advice) -> str:
    """Say what comes before any course."""
    return str(ADVICE[advice])


def day(moment: object) -> str:
    """Write a day shortly, as the reader's language does."""
    return str(format_date(moment, format=SHORT_DATES[language()]))


def date_range(first: object | None, last: object | None) -> str:
    """Write the days from one to another, either of which may be open; the dash is close where dates have no space."""
    ends = [day(end) if end else "" for end in (first, last)]
    return (" – " if any(" " in end for end in ends) else "–").join(ends).strip()

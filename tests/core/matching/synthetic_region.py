"""Small made-up regions and courses for tests of matching."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from app.core.catalogue import (
    Area,
    ChangeTarget,
    Course,
    CourseSession,
    CourseStatus,
    DeliveryMode,
    EvidenceGrade,
    Offering,
    Relevance,
)
from app.core.instruments import Polarity
from app.core.languages import Language, PartlyTranslatedText, TranslatedText
from app.core.organisations import Municipality, Region, ReportingUnit
from app.core.publication import (
    Cell,
    ChangeLabel,
    DisclosureState,
    Figure,
    Level,
    Measure,
    MeasureKind,
    Participation,
    Placement,
    Publication,
    Trend,
)
from app.core.rounds import RoundId

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
SCALES = ("control", "demands", "resources", "practices", "leadership", "wellbeing")
REGION_MEANS = {
    "control": 62.0,
    "demands": 38.0,
    "resources": 66.0,
    "practices": 64.0,
    "leadership": 65.0,
    "wellbeing": 63.0,
}


def measure(scale):
    bad = Polarity.HIGH_IS_BAD if scale == "demands" else Polarity.HIGH_IS_GOOD
    return Measure(scale, MeasureKind.SCALE, scale, bad, 0, 100, 0, 12, 88, 25, dimension=scale)


def unit(name="a", municipality="m", size=20):
    return ReportingUnit(name, f"Yhteisö {name}", municipality, (name,), {"teachers": size})


def shown(cell, scale, mean, width=4.0, **more):
    return Figure(cell, scale, DisclosureState.SHOWN, mean=mean, interval=(mean - width, mean + width), **more)


def placed(cell, scale, placement):
    return Figure(cell, scale, DisclosureState.PLACEMENT, placement=placement)


def trend(difference, width=3.0):
    return Trend(RoundId(1), difference, (difference - width, difference + width), ChangeLabel.CLEAR)


def publication(figures, units=None, municipalities=None, round_id=2):
    region = Region(
        "r",
        "Seutu",
        tuple(municipalities or [Municipality("m", "Tyrskylä"), Municipality("p", "Ostaja", False)]),
        tuple(units or [unit()]),
    )
    whole = Cell(Level.REGION, "r")
    spoken = {(one.cell, one.measure) for one in figures}
    rest = [shown(whole, scale, mean, 1.0) for scale, mean in REGION_MEANS.items() if (whole, scale) not in spoken]
    return Publication(
        round=RoundId(round_id),
        title="Syksy",
        instrument="wellbeing",
        instrument_digest="d" * 64,
        counted_at=NOON,
        region=region,
        k=10,
        invited=20,
        issued=20,
        counted=18,
        measures=tuple(measure(one) for one in SCALES),
        participation=tuple(
            Participation(Cell(Level.COMMUNITY, each.id), DisclosureState.SHOWN, "15-19", "80-89", 20)
            for each in region.units
        ),
        figures=(*figures, *rest),
    )


def own(**means):
    """A publication in which community `a` has these means and the region's for the rest."""
    here = Cell(Level.COMMUNITY, "a")
    return publication([shown(here, scale, means.get(scale, mean)) for scale, mean in REGION_MEANS.items()])


def own_placements(**placements):
    here = Cell(Level.COMMUNITY, "a")
    return publication([placed(here, scale, placements.get(scale, Placement.SAME)) for scale in SCALES])


def offering(name="k-1", days=60, **changes):
    start = NOON + timedelta(days=days)
    base = Offering(
        external_id=name,
        mode=DeliveryMode.ONSITE,
        sessions=(CourseSession(start, start + timedelta(hours=3)),),
        place="Sali",
        accessibility=PartlyTranslatedText(""),
        capacity=20,
        min_participants=0,
        member_quota=None,
        registration_url="",
        registration_opens=None,
        registration_closes=None,
        price_eur=None,
        payer="",
        status=CourseStatus.ACTIVE,
    )
    return replace(base, **changes)


def course(name="k", dimensions=None, **changes):
    base = Course(
        external_id=name,
        title=TranslatedText(name, name, name),
        description=TranslatedText("", "", ""),
        area=Area.WELLBEING,
        dimensions=tuple(Relevance(one, value) for one, value in (dimensions or {"practices": 3}).items()),
        target=ChangeTarget.TEAM,
        audience=("everyone",),
        evidence_grade=EvidenceGrade.B,
        evidence_note=PartlyTranslatedText(""),
        evidence_url="",
        hours=None,
        ects=None,
        languages=(Language.FI,),
        prerequisites=PartlyTranslatedText(""),
        provider="Keksitty",
        status=CourseStatus.ACTIVE,
        updated_at=NOON,
        offerings=(offering(f"{name}-1"),),
    )
    return replace(base, **changes)

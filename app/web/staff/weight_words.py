"""What each number of the weights is called, and how numbers are written in the reader's language."""

from flask_babel import format_decimal
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from app.core.catalogue import EvidenceGrade, Target
from app.core.matching.weight_numbers import EVIDENCE, INFLUENCE, TARGET

NUMBER_WORDS: dict[str, LazyString] = {
    "acceptable": _("Acceptable level, 1 is the good end of the scale"),
    "poor": _("Level at which the need is full"),
    "region_span": _("Distance to the region that is a full need"),
    "decline_span": _("Own decline that is a full need"),
    "placement_need": _("Need of a community that is placed on the worse side"),
    "facilitation_from": _("Need from which help from outside is advised"),
    "other_language": _("Held in another language"),
    "short_notice": _("Short notice"),
    "far_away": _("Far away in time"),
    "alone_for_team": _("Studied alone although meant for teams"),
    "notice_days": _("Days that count as short notice"),
    "far_days": _("Days from which a time is far away"),
    "evidence_A": _("Evidence A: several good studies"),
    "evidence_B": _("Evidence B: some good studies"),
    "evidence_C": _("Evidence C: signs only"),
    "evidence_D": _("Evidence D: not studied"),
    "influence_practices": _("Own influence on common practices"),
    "influence_control": _("Own influence on control over work"),
    "influence_resources": _("Own influence on resources"),
    "influence_leadership": _("Own influence on leadership"),
    "influence_demands": _("Own influence on demands of work"),
    "influence_wellbeing": _("Own influence on wellbeing"),
    "target_work": _("For demands: a course that changes the work"),
    "target_team": _("For demands: a course for the whole team"),
    "target_leader": _("For demands: a course for those who lead"),
    "target_person": _("For demands: a course for single persons"),
}
PARTS: tuple[tuple[LazyString, tuple[str, ...]], ...] = (
    (
        _("When there is a need"),
        ("acceptable", "poor", "region_span", "decline_span", "placement_need", "facilitation_from"),
    ),
    (_("How well it is shown to help"), tuple(f"{EVIDENCE}{grade.value}" for grade in EvidenceGrade)),
    (
        _("How far the matter is in one's own hands"),
        tuple(name for name in NUMBER_WORDS if name.startswith(INFLUENCE)),
    ),
    (
        _("What a course changes, where the demands of work are the need"),
        tuple(f"{TARGET}{target}" for target in Target),
    ),
    (
        _("How a course fits"),
        ("other_language", "short_notice", "far_away", "alone_for_team", "notice_days", "far_days"),
    ),
)


def format_weight(number: float) -> str:
    """Write a number with as many decimals as it has."""
    return str(format_decimal(number, format="0.####"))

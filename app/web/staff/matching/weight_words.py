"""Labels of the matching weights, and their numbers in the reader's language."""

from flask_babel import format_decimal
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from app.core.catalogue import ChangeTarget, EvidenceGrade
from app.core.matching.weight_numbers import EVIDENCE, TARGET

NUMBER_WORDS: dict[str, LazyString] = {
    "reach_share": _(
        "Weight of the gap to what others reach, compared with the share of staff with unfavourable scores"
    ),
    "impact_trust": _("How much the measured weights of dimensions count (0: all dimensions are equal)"),
    "served_by_course": _("Share of a need that the best course meets"),
    "uptake": _("Share of its staff for whom a community takes seats"),
    "other_language": _("Held in another language"),
    "short_notice": _("Short notice"),
    "far_away": _("Far in the future"),
    "alone_for_team": _("Studied alone although meant for teams"),
    "notice_days": _("Days that count as short notice"),
    "far_days": _("Days from which an offering is far in the future"),
    "evidence_A": _("Evidence A: several good studies"),
    "evidence_B": _("Evidence B: some good studies"),
    "evidence_C": _("Evidence C: indications only"),
    "evidence_D": _("Evidence D: not studied"),
    "target_work": _("For a manageable workload: a course that changes the work"),
    "target_team": _("For a manageable workload: a course for the whole team"),
    "target_leader": _("For a manageable workload: a course for leaders"),
    "target_person": _("For a manageable workload: a course for individuals"),
}
PARTS: tuple[tuple[LazyString, tuple[str, ...]], ...] = (
    (_("How a need is calculated"), ("reach_share", "impact_trust", "served_by_course", "uptake")),
    (_("How strong the evidence is"), tuple(f"{EVIDENCE}{grade.value}" for grade in EvidenceGrade)),
    (
        _("What a course changes when the need is a manageable workload"),
        tuple(f"{TARGET}{target}" for target in ChangeTarget),
    ),
    (
        _("How a course fits"),
        ("other_language", "short_notice", "far_away", "alone_for_team", "notice_days", "far_days"),
    ),
)


def format_weight(number: float) -> str:
    """Write a number with as many decimals as it has."""
    return str(format_decimal(number, format="0.####"))

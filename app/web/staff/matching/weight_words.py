"""Labels of the weights, and numbers in the reader's language."""

from flask_babel import format_decimal
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from app.core.catalogue import EvidenceGrade, Target
from app.core.matching.weight_numbers import EVIDENCE, TARGET

NUMBER_WORDS: dict[str, LazyString] = {
    "reach_share": _("Weight of the distance to what others reach, beside the share of staff with adverse scores"),
    "impact_trust": _("How far measured weights of dimensions count (0: all dimensions alike)"),
    "served_by_course": _("Share of a need that the best course takes away"),
    "uptake": _("Share of its staff that a community takes seats for"),
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
    "target_work": _("For demands: a course that changes the work"),
    "target_team": _("For demands: a course for the whole team"),
    "target_leader": _("For demands: a course for leaders"),
    "target_person": _("For demands: a course for individuals"),
}
PARTS: tuple[tuple[LazyString, tuple[str, ...]], ...] = (
    (_("How a need comes about"), ("reach_share", "impact_trust", "served_by_course", "uptake")),
    (_("How strong the evidence is"), tuple(f"{EVIDENCE}{grade.value}" for grade in EvidenceGrade)),
    (
        _("What a course changes when the need concerns the demands of work"),
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

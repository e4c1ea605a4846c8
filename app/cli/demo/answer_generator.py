"""Generate the answers of fictional staff: communities differ, and a few of them improve over time.

Everything is drawn from a seed, so that each installation's demo tells the same story.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from zlib import crc32

from app.core.instruments import Instrument, Item
from app.core.organisations import ReportingUnit

SEED = 20_260_901
SKIPS = 0.03
NAMES_GROUP = 0.94

# How far the region is from the middle of the options in the first round, in steps, and how it moves.
BASE = {
    "control": 0.35,
    "demands": 0.25,
    "resources": 0.55,
    "practices": 0.2,
    "leadership": 0.4,
    "wellbeing": 0.5,
    "safety": 1.3,  # threats are rare
}
DRIFT = {"control": 0.02, "demands": 0.1, "practices": 0.04, "wellbeing": -0.03, "followup": 0.18}
GROUPS = {("assistants", "control"): -0.35, ("early_childhood", "demands"): 0.2, ("other_staff", "leadership"): -0.15}

# Community, scale and the change a round brings: where something was done, and where nothing was.
TURNS: dict[str, Mapping[str, float]] = {
    "kuusiranta-tahtikallion-koulu": {"practices": 0.4, "wellbeing": 0.25, "followup": 0.35},
    "hopealahti-majakan-koulu": {"demands": -0.4, "control": 0.25, "wellbeing": 0.2},
    "mustikkamaki-kanervan-paivakoti": {"leadership": 0.45, "followup": 0.3},
    "tyynijarvi-tyynijarven-yhtenaiskoulu": {"demands": 0.3, "wellbeing": -0.3, "leadership": -0.2},
}
# Level of a scale before the first round, in steps: the focus that the community then chooses.
STARTS: dict[str, Mapping[str, float]] = {"kuusiranta-tahtikallion-koulu": {"practices": -0.9}}
SWEDISH = ("blabarsby",)
COMMENT_EVERY = 3  # one in three writes something of their own
COMMENTS_FI = (
    "Yhteinen suunnitteluaika on auttanut eniten.",
    "Palavereja on edelleen liikaa, ja ne venyvät.",
    "Sijaisia on vaikea saada, ja se näkyy arjessa.",
    "Meillä saa apua, kun sitä kysyy.",
    "Taukotilassa ei ole rauhaa.",
    "Sovituista asioista voisi muistuttaa useammin.",
    "Uusi viikkopohja toimii hyvin.",
    "Toivon enemmän palautetta työstäni.",
    "Melu väsyttää iltapäivisin.",
    "Perehdytys kaipaa selvän vastuuhenkilön.",
)
COMMENTS_SV = (
    "Den gemensamma planeringstiden har hjälpt mest.",
    "Det är fortfarande för många möten.",
    "Det är svårt att få vikarier.",
    "Här får man hjälp när man ber om det.",
    "Det är ingen ro i pausrummet.",
    "Vi kunde påminna varandra oftare om det vi kommit överens om.",
    "Det nya veckoschemat fungerar bra.",
    "Jag skulle vilja ha mer respons på mitt arbete.",
)
RESPONSE = (0.58, 0.64, 0.71, 0.45)


@dataclass(frozen=True, slots=True)
class GeneratedAnswerSheet:
    """The invented answers of one respondent: the chosen option's number by item, and the staff group if given."""

    ratings: Mapping[str, int | None]
    group: str | None


@dataclass(slots=True)
class AnswerGenerator:
    """Generates the answers of a unit's staff in a round, reproducibly from a seed; round 0 is the first."""

    instrument: Instrument
    seed: int = SEED
    _scales: dict[str, tuple[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note for each item which scale it belongs to and which way it points."""
        for scale in self.instrument.scales:
            for item in scale.items:
                self._scales[item] = (scale.dimension, -1 if item in scale.reversed else 1)

    def generate_for_unit(self, unit: ReportingUnit, number: int) -> list[GeneratedAnswerSheet]:
        """Return the answer sheet of everyone in the unit who answers in round `number`."""
        chance = self._chance(unit.id, number)
        share = RESPONSE[number] + self._chance(unit.id, "zeal").uniform(-0.16, 0.2)
        people = [group for group, count in unit.invited.items() for _ in range(count)]
        scales = {scale for scale, _ in self._scales.values()}
        levels = {scale: self._level(unit, scale, number) for scale in (*scales, "")}
        return [self._generate_one(levels, group, chance) for group in people if chance.random() < share]

    def _generate_one(self, levels: Mapping[str, float], group: str, chance: Random) -> GeneratedAnswerSheet:
        mood = chance.gauss(0, 0.65)
        ratings: dict[str, int | None] = {}
        for item in self.instrument.items:
            scale, direction = self._scales.get(item.id, ("", 1))
            good = -1 if scale == "demands" else 1
            level = levels[scale] + GROUPS.get((group, scale), 0.0) + good * mood + chance.gauss(0, 0.85)
            ratings[item.id] = None if chance.random() < SKIPS else _rating(item, direction * level)
        return GeneratedAnswerSheet(ratings, group if chance.random() < NAMES_GROUP else None)

    def _level(self, unit: ReportingUnit, scale: str, number: int) -> float:
        own = self._chance(unit.id, "all").gauss(0, 0.25) + self._chance(unit.id, scale).gauss(0, 0.3)
        turn = max((TURNS.get(community, {}).get(scale, 0.0) for community in unit.communities), key=abs)
        start = sum(STARTS.get(community, {}).get(scale, 0.0) for community in unit.communities)
        return BASE.get(scale, -0.2) + own + start + number * (DRIFT.get(scale, 0.0) + turn)

    def _chance(self, *parts: object) -> Random:
        return Random(crc32(repr((self.seed, parts)).encode()))


def comment_of(unit: ReportingUnit, place: int) -> str | None:
    """Return the comment of the person at this position in the unit; None for most."""
    if place % COMMENT_EVERY:
        return None
    texts = COMMENTS_SV if unit.municipality in SWEDISH else COMMENTS_FI
    return texts[(place // COMMENT_EVERY + crc32(unit.id.encode())) % len(texts)]


def _rating(item: Item, level: float) -> int:
    position = round((len(item.options) - 1) / 2 + level)
    return item.options[min(max(position, 0), len(item.options) - 1)].value

"""Time of the attacker program for a region of 300 communities: nested sets only, and all tables."""

from app.cli.privacy_report.synthetic_rounds import synthetic_publication
from app.core.disclosure.attack import attack_publication
from app.store.instruments import read_questionnaire_file
from tests.bench.measuring import Figure, processor
from tests.bench.worlds import SURVEY
from tests.core.synthetic_region import answers, published, questionnaire, random_region, scale

MUNICIPALITIES = 10
COMMUNITIES = 30
NAMES = ("control", "demands", "resources", "practices")
LIMITS = """
One linear programme is kept for each scale and solved again for each hidden set, starting from the last solution; the
time is HiGHS's simplex steps. All of it runs on one core: the scales could be distributed over several, and one core
suffices.
"""


def measure(tiny: bool = False) -> list[Figure]:
    """Attack a publication without crossed tables exactly, and count one with them, attacker and all."""
    municipalities, communities = (2, 5) if tiny else (MUNICIPALITIES, COMMUNITIES)
    nested = synthetic_publication(
        read_questionnaire_file(SURVEY), seed=1, municipalities=municipalities, communities=communities
    )
    region, counts, rng = random_region(1, municipalities=municipalities, per_municipality=communities)
    instrument = questionnaire([scale(name, [f"{name}{n}" for n in range(4)]) for name in NAMES])
    collected = answers(region, counts, instrument=instrument, rng=rng)
    made = []
    crossed = processor(lambda: made.append(published(region, collected, instrument=instrument, by_group=True)))
    assert made[0].check is not None, "the attacker was let at it"
    sets = made[0].check.sets
    size = municipalities * communities
    simple = processor(lambda: attack_publication(nested, exact=True))
    return [
        Figure(f"attack on {size} communities, nested sets only", simple, "s", most=30),
        Figure(f"count and attack of {size} communities with all tables, {sets:,} sets", crossed, "s", most=600),
    ]

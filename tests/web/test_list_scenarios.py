"""Five communities, each with a story of its own: what its principal reads, sentence by sentence, in each language."""

import html
import re
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from app.cli.demo.courses import demo_catalogue
from app.core.accounts import Grant, Role
from app.core.organisations import Community, CommunityKind, Municipality
from app.core.publication import Cell, Level, Placement, RegionQuality
from app.core.rounds import KeyMode, Round, RoundId, RoundKind, RoundState
from app.services import catalogue
from app.store import courses, organisations, publications, rounds
from tests.conftest import NOON
from tests.core.matching.synthetic_region import REGION_MEANS, SCALES, placed, publication, shown, unit
from tests.web.staff_client import signed_in

OTHERS = 15
ONLY_COURSE = "VOI-03"  # about resources, for everybody
LANGUAGES = ("fi", "sv", "en")
# Means of the community; of every other scale those of the region. Low demands are good.
WORLDS = {
    "low control, high demands": {"control": 46.0, "demands": 56.0},
    "weak leadership": {"leadership": 45.0},
    "all well": {scale: mean - 16 if scale == "demands" else mean + 14 for scale, mean in REGION_MEANS.items()},
    "six answers": {},
    "one course only": {"resources": 50.0},
}


def figures(world):
    """The community `a` of the story, and others a little above and below the region's means."""
    here = Cell(Level.COMMUNITY, "a")
    if world == "six answers":
        sides = {"control": Placement.BELOW}
        own = [placed(here, scale, sides.get(scale, Placement.SAME)) for scale in SCALES]
    else:
        own = [shown(here, scale, WORLDS[world].get(scale, mean), 6.0) for scale, mean in REGION_MEANS.items()]
    others = [
        shown(Cell(Level.COMMUNITY, f"o{number}"), scale, mean + 5 * ((number * (3 + at)) % 5 - 2) / 2, 6.0)
        for number in range(OTHERS)
        for at, (scale, mean) in enumerate(REGION_MEANS.items())
    ]
    return own + others


@pytest.fixture
def read(app, session):
    """Return what the list page of a story's community says in a language, as lines of text."""

    def page(world, language):
        if not organisations.communities(session):
            lay_out(session, world)
        email = f"{language}@example.test"
        # A grant for the municipality: the language of a community's own principal would change its list.
        client = signed_in(app, Grant(Role.PRINCIPAL, "m"), email=email, language=language)
        answer = client.get("/staff/matching/community/a")
        assert answer.status_code == 200
        return text_of(answer.text)

    return page


def lay_out(session, world):
    catalogue.import_courses(session, demo_catalogue(NOON.date()), zone=ZoneInfo("Europe/Helsinki"), now=NOON)
    if world == "one course only":
        known = courses.courses(session)
        others = [replace(course, offerings=()) for course in known if course.external_id != ONLY_COURSE]
        courses.replace_courses(session, others)
    units = [unit("a", size=8 if world == "six answers" else 24), *(unit(f"o{number}") for number in range(OTHERS))]
    organisations.upsert(
        session,
        region=("r", "Seutu"),
        municipalities=[Municipality("m", "Tyrskylä")],
        communities=[Community(each.id, each.name, "m", CommunityKind.SCHOOL, each.invited) for each in units],
    )
    draft = Round(
        RoundId(0), "Syksy 2026", RoundKind.SURVEY, RoundState.DRAFT, "wellbeing", "d" * 64, KeyMode.AUTOMATIC, NOON,
        NOON, None,
    )  # fmt: skip
    number = rounds.add(session, draft)
    quality = tuple(RegionQuality(scale, between_variance=36.0, within_variance=340.0) for scale in SCALES)
    made = replace(publication(figures(world), units=units, round_id=number), quality=quality)
    publications.add(session, made)
    publications.set_released(session, number, now=NOON)
    session.commit()


def text_of(page):
    main = page[page.index("<main") : page.index("</main>")]
    main = re.sub(r"<details.*?</details>", "", main, flags=re.DOTALL)
    lines = re.split(r"</?(?:p|li|h1|h2|h3|ul|ol|section|div)\b[^>]*>", main)
    words = (" ".join(re.sub(r"<[^>]+>", "", line).split()) for line in lines)
    return [html.unescape(line) for line in words if line]


# By world: what has to be read in Finnish, Swedish and English, and what must not be.
SENTENCES = {
    "low control, high demands": (
        (
            "Työkuorman kohtuullisuus: työyhteisössänne 44, seudulla 62. Tulos on heikompi kuin seudulla",
            "Työn hallinta: työyhteisössänne 46, seudulla 62. Tulos on heikompi kuin seudulla, eikä ero selity",
            "Työn vaatimukset: muuttakaa ensin työtä.",
            "Aloittakaa tästä: osa-alueella ”Työn vaatimukset” teillä on enemmän tehtävää kuin muilla seudulla.",
            "Osa-alueella ”Työn hallinta” teillä on enemmän tehtävää kuin muualla seudulla.",
        ),
        (
            "Kraven i arbetet: ändra arbetet först.",
            "Börja med den här: inom ”Krav i arbetet” har ni mer att göra än andra i regionen.",
            "Inom ”Kontroll över arbetet” finns det mer att göra hos er än på andra håll i regionen.",
        ),
        (
            "Demands of work: change the work first.",
            "Start with this one: “Demands of work” is where your community has more to do than others in the region.",
            "In “Control over work” there is more to do here than elsewhere in the region.",
        ),
    ),
    "weak leadership": (
        (
            "Johtamisessa tai yhteisissä toimintatavoissa on puutteita.",
            "Aloittakaa tästä: osa-alueella ”Johtamisen tuki” teillä on enemmän tehtävää kuin muilla seudulla.",
            "Toinen koulutus osa-alueelta ”Johtamisen tuki”, jos ensimmäinen ei sovi teille.",
        ),
        (
            "Ledningen eller de gemensamma arbetssätten har brister.",
            "Börja med den här: inom ”Stöd från ledningen” har ni mer att göra än andra i regionen.",
            "En annan utbildning om ”Stöd från ledningen”, om den första inte passar er.",
        ),
        (
            "Leadership or common practices are weak here.",
            "Start with this one: “Support from leadership” is where your community has more to do than others",
            "Another course on “Support from leadership”, in case the first one does not suit you.",
        ),
    ),
    "all well": (
        (
            "Teillä ei ole millään osa-alueella enempää tehtävää kuin seudun työyhteisöissä keskimäärin.",
            "ei ole teillä muita heikompi. Jos haluatte vahvistaa jotakin, aloittakaa tästä.",
            "ei ole teillä muita heikompi; koulutus vahvistaa sitä, mikä jo toimii.",
        ),
        (
            "Ni har inte mer att göra inom något delområde än regionens arbetsgemenskaper i medeltal.",
            "är inte svagare hos er än hos andra. Om ni vill stärka något, börja med den här.",
        ),
        (
            "Your community needs no more than an average community of the region in anything.",
            "is no weaker here than elsewhere. If you want to strengthen something, start with this one.",
        ),
    ),
    "six answers": (
        (
            "Vastauksia oli liian vähän lukuja varten.",
            "Työn hallinta: luultavasti seudun tason alapuolella (62)",
            "Aloittakaa tästä: osa-alueella ”Työn hallinta” teillä on todennäköisesti enemmän tehtävää",
        ),
        (
            "Svaren var för få för siffror",
            "Börja med den här: inom ”Kontroll över arbetet” har ni sannolikt mer att göra än andra i regionen.",
        ),
        (
            "There were too few answers for figures",
            "Start with this one: in “Control over work” your community probably has more to do than others",
        ),
    ),
    "one course only": (
        ("Aloittakaa tästä: osa-alueella ”Voimavarat” teillä on enemmän tehtävää kuin muilla seudulla.",),
        ("Börja med den här: inom ”Resurser” har ni mer att göra än andra i regionen.",),
        ("Start with this one: “Resources” is where your community has more to do than others in the region.",),
    ),
}
WORK_FIRST = {"fi": "muuttakaa ensin työtä", "sv": "ändra arbetet först", "en": "change the work first"}
FIRST = {"fi": "Aloittakaa tästä", "sv": "Börja med den här", "en": "Start with this one"}


@pytest.mark.parametrize("world", WORLDS)
def test_a_principal_would_agree_with_what_the_page_says(read, world):
    for language, sentences in zip(LANGUAGES, SENTENCES[world], strict=True):
        lines = read(world, language)
        text = "\n".join(lines)
        for sentence in sentences:
            assert sentence in text, (language, sentence)
        assert (WORK_FIRST[language] in text) == (world == "low control, high demands")
        assert text.count(FIRST[language]) == (0 if world == "all well" else 1)
        seats = [
            line for line in lines if re.search(r"\d", line) and line.endswith(".") and CAN_EXPECT[language] in line
        ]
        assert len(seats) == (1 if world == "one course only" else 3)


CAN_EXPECT = {"fi": "Voitte odottaa", "sv": "Ni kan räkna med", "en": "you can expect"}


def test_no_two_cards_of_a_list_say_the_same(read):
    lines = read("low control, high demands", "en")
    reasons = [line for line in lines if "“" in line and not line.startswith("The list rests")]
    assert len(reasons) >= 3
    assert len(set(reasons)) == len(reasons)

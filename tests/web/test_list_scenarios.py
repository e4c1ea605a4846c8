"""Five communities, each with a story of its own: what its principal reads, sentence by sentence, in each language."""

import html
import io
import re
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from app.cli.demo.courses import demo_catalogue_csv
from app.config import ROOT
from app.core.accounts import Grant, Role
from app.core.organisations import Community, CommunityKind, Municipality
from app.core.publication import Cell, DisclosureState, Level, Participation, Placement, RegionQuality
from app.core.rounds import KeyMode, Round, RoundId, RoundKind, RoundState
from app.services import catalogue
from app.store import courses, instruments, organisations, publications, rounds
from app.store.instruments import read_questionnaire_file
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
    catalogue.import_courses(session, demo_catalogue_csv(NOON.date()), zone=ZoneInfo("Europe/Helsinki"), now=NOON)
    if world == "one course only":
        known = courses.courses(session)
        others = [replace(course, offerings=()) for course in known if course.external_id != ONLY_COURSE]
        courses.upsert_courses_and_replace_offerings(session, others)
    units = [unit("a", size=8 if world == "six answers" else 24), *(unit(f"o{number}") for number in range(OTHERS))]
    organisations.upsert(
        session,
        region=("r", "Seutu"),
        municipalities=[Municipality("m", "Tyrskylä")],
        communities=[Community(each.id, each.name, "m", CommunityKind.SCHOOL, each.invited) for each in units],
    )
    file = ROOT / "surveys" / "wellbeing.toml"
    asked = read_questionnaire_file(file)
    instruments.store_source(session, asked, file.read_text(encoding="utf-8"))
    draft = Round(
        RoundId(0), "Syksy 2026", RoundKind.SURVEY, RoundState.DRAFT, "wellbeing", asked.digest, KeyMode.AUTOMATIC,
        NOON, NOON, None,
    )  # fmt: skip
    number = rounds.add(session, draft)
    quality = tuple(RegionQuality(scale, between_variance=36.0, within_variance=340.0) for scale in SCALES)
    made = publication(figures(world), units=units, round_id=number)
    made = replace(made, quality=quality, title="Syksy 2026", instrument_digest=asked.digest)
    if world == "six answers":
        few = Participation(Cell(Level.COMMUNITY, "a"), DisclosureState.PLACEMENT, "5-9", "70-79", 8)
        others_answered = [each for each in made.participation if each.cell != few.cell]
        made = replace(made, participation=(few, *others_answered))
    publications.add(session, made)
    publications.set_released_and_store_summary(session, number, now=NOON)
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
            "Työkuorma: muuttakaa ensin työtä.",
            "Aloittakaa tästä: osa-alueella ”Työkuorman kohtuullisuus” teillä on enemmän tehtävää kuin muilla",
            "Osa-alueella ”Työn hallinta” teillä on enemmän tehtävää kuin muualla seudulla.",
        ),
        (
            "Arbetsbelastning: ändra arbetet först.",
            "Börja med den här: inom ”Rimlig arbetsbelastning” har ni mer att göra än andra i regionen.",
            "Inom ”Kontroll över arbetet” finns det mer att göra hos er än på andra håll i regionen.",
        ),
        (
            "Workload: change the work first.",
            "Start with this one: “Manageable workload” is where your community has more to do than others in the",
            "In “Control over work” there is more to do here than elsewhere in the region.",
        ),
    ),
    "weak leadership": (
        (
            "Johtamisen tuki: tähän työyhteisön on vaikeinta tarttua omin voimin.",
            "Aloittakaa tästä: osa-alueella ”Johtamisen tuki” teillä on enemmän tehtävää kuin muilla seudulla.",
            "Toinen koulutus osa-alueelle ”Johtamisen tuki”, jos edellä oleva saman aiheen koulutus ei sovi teille.",
        ),
        (
            "Stöd från ledningen: det här har en arbetsgemenskap svårast att ta itu med på egen hand.",
            "Börja med den här: inom ”Stöd från ledningen” har ni mer att göra än andra i regionen.",
            "En annan utbildning om ”Stöd från ledningen”, om den ovan om samma ämne inte passar er.",
        ),
        (
            "Support from leadership: a community finds it hardest to act on this by itself.",
            "Start with this one: “Support from leadership” is where your community has more to do than others",
            "Another course on “Support from leadership”, in case the one above on the same topic does not suit you.",
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
            "In no dimension does your community have more to do than the region’s communities on average.",
            "is no worse here than elsewhere. If you want to improve something, start with this one.",
        ),
    ),
    "six answers": (
        (
            "Vastauksia oli liian vähän lukuja varten.",
            "Työn hallinta: todennäköisesti seudun tason alapuolella (62)",
            "Aloittakaa tästä: osa-alueella ”Työn hallinta” teillä on todennäköisesti enemmän tehtävää",
        ),
        (
            "Svaren var för få för siffror",
            "Börja med den här: inom ”Kontroll över arbetet” har ni sannolikt mer att göra än andra i regionen.",
        ),
        (
            "There were too few answers for numbers",
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
    reasons = [line for line in lines if "“" in line and not line.startswith("The list is based")]
    assert len(reasons) >= 3
    assert len(set(reasons)) == len(reasons)


HEADINGS = {"fi": "Kehittämiskohteet", "sv": "Utvecklingsområden", "en": "Areas to improve"}
LOWEST = {"fi": "Matalimmat tulokset", "sv": "Lägsta resultaten", "en": "Lowest results"}


@pytest.mark.parametrize("world", ["low control, high demands", "all well"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_better_than_in_the_region_is_no_area_to_improve(app, session, world, language):
    lay_out(session, world)
    client = signed_in(app, Grant(Role.PRINCIPAL, "m"), language=language)
    is_well = world == "all well"
    expected = LOWEST[language] if is_well else HEADINGS[language]
    unexpected = HEADINGS[language] if is_well else LOWEST[language]
    results = client.get("/staff/results/1/community/a").text
    assert f"<h3>{expected}</h3>" in results and f"<h3>{unexpected}</h3>" not in results
    projector = text_of(client.get("/staff/meetings/1/a/show/weakest").text)
    assert expected in projector
    # Both the heading and the results below it: two of them, with their numbers.
    assert len([line for line in projector if re.search(r"\(\d+–\d+\)", line)]) == 2
    pages = PdfReader(io.BytesIO(client.get(f"/staff/meetings/1/a/handout.pdf?lang={language}").data)).pages
    paper = " ".join(pages[0].extract_text().split())
    assert expected in paper and unexpected not in paper

"""Load the demo's rounds through the real services: submit with codes, seal ballots, count."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.cli.demo.answer_generator import AnswerGenerator, comment_of
from app.cli.demo.calendar import HALF_YEAR, round_opening_and_closing_times, same_or_next_school_day
from app.cli.demo.courses import demo_catalogue_csv
from app.core.disclosure.policy import Policy
from app.core.instruments import Instrument, staff_group_names_by_id
from app.core.languages import Language, PartlyTranslatedText, TranslatedText, partly_translated_text
from app.core.organisations import Region
from app.core.rounds import KeyMode, RoundId
from app.core.support import SupportContactKind
from app.services import answering, catalogue, counting, organisations, questionnaires, rounds, support
from app.store.instruments import read_questionnaire_file

HERE = Path(__file__).parent
PAST_ROUNDS = 3
COUNTED_AFTER = timedelta(hours=1)
RELEASED_AFTER = timedelta(days=3)
KEPT_CODES = 6
SUPPORT = {
    SupportContactKind.OCCUPATIONAL_HEALTH: "040 000 0001 (8–16)\ntyoterveys@kunta.example",
    SupportContactKind.SAFETY_REPRESENTATIVE: "040 000 0002\ntyosuojelu@kunta.example",
    SupportContactKind.SHOP_STEWARD: "luottamus@kunta.example",
}


@dataclass(frozen=True, slots=True)
class DemoContext:
    """What loading is given: the questionnaire's file, the keys' folder, the secret, and the moment.

    `newest_questionnaire_file` is the file of the newest version of the questionnaire, in the same folder.
    """

    survey: Path
    keys: Path
    secret: bytes
    now: datetime

    @property
    def newest_questionnaire_file(self) -> Path:
        """The questionnaire file of the open round."""
        return self.survey.with_name(questionnaires.OWN)


def load_organisations_and_support(session: Session, demo_context: DemoContext) -> Region:
    """Store the eight municipalities and their communities."""
    groups = staff_group_names_by_id([read_questionnaire_file(demo_context.survey)])
    content = (HERE / "communities.csv").read_bytes()
    organisations.import_organisations(session, content, groups=groups, by=None, now=demo_context.now - 4 * HALF_YEAR)
    region = organisations.region(session)
    for place in region.municipalities:
        support.save_support_contacts(session, place.id, SUPPORT, by=None, now=demo_context.now - 4 * HALF_YEAR)
    return region


def load_catalogue(session: Session, demo_context: DemoContext, zone: ZoneInfo) -> None:
    """Store the courses, with their dates moved to the weeks ahead."""
    catalogue.import_courses(session, demo_catalogue_csv(demo_context.now.date()), zone=zone, now=demo_context.now)


def load_past_round(session: Session, demo_context: DemoContext, region: Region, number: int) -> RoundId:
    """Store one past round, from its plan to the release of its results, and return its id."""
    days = round_opening_and_closing_times(demo_context.now, half_years_ago=PAST_ROUNDS - number)
    opens, closed = days
    then = replace(demo_context, now=opens + timedelta(hours=1))
    is_newest = number == PAST_ROUNDS - 1
    round_id = _open(session, then, region, days=days, with_groups_and_comments=is_newest)
    instrument = read_questionnaire_file(demo_context.survey)
    contacts = {
        unit.id: [f"{unit.id}-{place}@kunta.example" for place in range(unit.invited_count)] for unit in region.units
    }
    invited = rounds.issue_mailed_codes(session, round_id, contacts, secret=demo_context.secret, now=then.now)
    codes: dict[str, list[str]] = {}
    for addressed_code in invited:
        codes.setdefault(addressed_code.unit_id, []).append(addressed_code.code)
    _answer(session, then, region, instrument, number, codes, with_comments=is_newest)
    rounds.close(session, round_id, now=closed)
    counting.count_round(
        session,
        round_id,
        policy=Policy(),
        secret=demo_context.secret,
        now=closed + COUNTED_AFTER,
        keys=demo_context.keys,
    )
    rounds.release(session, round_id, now=same_or_next_school_day(closed + RELEASED_AFTER))
    return round_id


def load_open_round(session: Session, demo_context: DemoContext, region: Region) -> dict[str, list[str]]:
    """Open this half-year's round, let some answer, and return some codes that are still good, by unit's name.

    It is the first one with the newest version of the questionnaire: when it is counted, some lines go on and others
    begin anew, as in a region that has used the service for years.
    """
    demo_context = replace(demo_context, survey=demo_context.newest_questionnaire_file)
    round_id = _open(session, demo_context, region, days=round_opening_and_closing_times(demo_context.now))
    codes = {
        unit.id: list(
            rounds.issue_slip_codes(session, round_id, unit.id, secret=demo_context.secret, now=demo_context.now)
        )
        for unit in region.units
    }
    _answer(session, demo_context, region, read_questionnaire_file(demo_context.survey), PAST_ROUNDS, codes)
    rounds.refresh_participation(session, now=demo_context.now)
    return {unit.name: codes[unit.id][-KEPT_CODES:] for unit in region.units}


def _titles(questionnaire: TranslatedText, month: str) -> PartlyTranslatedText:
    return partly_translated_text({language: f"{questionnaire.in_language(language)} {month}" for language in Language})


def _open(
    session: Session,
    demo_context: DemoContext,
    region: Region,
    *,
    days: tuple[datetime, datetime],
    with_groups_and_comments: bool = False,
) -> RoundId:
    opens, closes = days
    instrument = read_questionnaire_file(demo_context.survey)
    titles = _titles(instrument.title, f"{opens.month}/{opens.year}")
    round_id = rounds.plan_round(
        session,
        title=titles.main,
        title_translations=titles.translations,
        instrument=instrument,
        source=demo_context.survey.read_text(encoding="utf-8"),
        opens_at=opens,
        closes_at=closes,
        key_mode=KeyMode.AUTOMATIC,
        comments=with_groups_and_comments,
        by_group=with_groups_and_comments,
    )
    rounds.open_round(
        session, round_id, now=demo_context.now, secret=demo_context.secret, keys=demo_context.keys, region=region
    )
    return round_id


def _answer(
    session: Session,
    demo_context: DemoContext,
    region: Region,
    instrument: Instrument,
    number: int,
    codes: dict[str, list[str]],
    *,
    with_comments: bool = False,
) -> None:
    answer_generator = AnswerGenerator(instrument)
    for unit in region.units:
        for place, generated_answers in enumerate(answer_generator.generate_for_unit(unit, number)):
            answering.submit(
                session,
                codes[unit.id].pop(0),
                ratings=generated_answers.ratings,
                group=generated_answers.group,
                comment=comment_of(unit, place) if with_comments else None,
                secret=demo_context.secret,
                now=demo_context.now,
            )

"""`flask answers import`: count answers that were collected in another system."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from flask.cli import AppGroup

from app.cli.languages import with_english_messages
from app.cli.table_errors import print_notices
from app.cli.texts import SingleLineText
from app.cli.titles import chosen_title, title_options
from app.core.disclosure.policy import Policy
from app.core.instruments import InvalidQuestionnaire
from app.core.publication import DisclosureState, Publication
from app.core.tables.errors import TableImportError
from app.services.imports.answers import COMMUNITY
from app.services.imports.import_files import File, gather_import
from app.services.imports.limesurvey_questionnaire import questionnaire_toml
from app.services.imports.limesurvey_responses import LimeRespondentQuestions
from app.services.imports.limesurvey_structure import LimeSurvey, mark_options_as_not_answered, read_structure
from app.services.imports.publish_import import ImportedRoundDetails, publish_import
from app.store import instruments
from app.store.database import write_session
from app.web.shared.app_context import now, settings
from app.web.shared.table_error_words import error_sentences

group = AppGroup("answers", help="Answers gathered elsewhere: on paper, or with another tool.")

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DATE = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"])


@group.command("import")
@click.argument("answers", type=_FILE)
@click.option("--instrument", "file", type=_FILE, required=True, help="The questionnaire, a TOML file.")
@click.option("--invited", type=_FILE, required=True, help="CSV: community,municipality,invited.")
@click.option("--title", type=SingleLineText(200), help="What the round is called.")
@title_options(200)
@click.option("--opened", type=_DATE, required=True, help="The first day.")
@click.option("--closed", type=_DATE, required=True, help="The last day.")
@click.option("--create-communities", is_flag=True, help="Register communities and municipalities that are unknown.")
@click.option("--by-group", is_flag=True, help="Also publish community by staff group, where the gate allows.")
@click.option("--release", is_flag=True, help="Release at once; otherwise the round waits, counted.")
@click.option("--because", default="", help="Why this replaces an earlier import of the same people and period.")
@click.option("--limesurvey", type=_FILE, help="ANSWERS is a response export of LimeSurvey; this is its .lss file.")
@click.option("--community-question", help="LimeSurvey: the code of the question, or column, that names the community.")
@click.option("--group-question", help="LimeSurvey: the code of the question on the staff group.")
@with_english_messages
def count_and_publish_imported_answers(  # noqa: PLR0913 - one argument for each option
    *,
    answers: Path,
    file: Path,
    invited: Path,
    title: str | None,
    opened: datetime,
    closed: datetime,
    create_communities: bool,
    by_group: bool,
    release: bool,
    because: str,
    limesurvey: Path | None,
    community_question: str | None,
    group_question: str | None,
    **titles: str | None,
) -> None:
    """Count the answers in ANSWERS, publish what may be published, and keep no answer.

    ANSWERS is CSV with the columns community, group and one for each item; an empty cell means not
    answered. It may also be long (respondent, community, group, item, value), or a response export of
    LimeSurvey. On any bad row nothing is stored.
    """
    columns = LimeRespondentQuestions(community_question or COMMUNITY, group_question)
    written_title = chosen_title(title, titles)
    imported = ImportedRoundDetails(
        written_title.main,
        opened=_local_time(opened),
        closed=_local_time(closed),
        by_group=by_group,
        release=release,
        because=because,
        title_translations=written_title.translations,
    )
    try:
        data = gather_import(
            instruments.read_questionnaire_file(file),
            file.read_text(encoding="utf-8"),
            answers=_file(answers),
            invited=_file(invited),
            structure=None if limesurvey is None else _file(limesurvey),
            columns=columns,
        )
        print_notices((*data.answered.notices, *data.asked.notices))
        for code, label in data.not_answered:
            click.echo(f"{code}: “{label}” counts as not answered; it is no step of the scale.", err=True)
        with write_session() as session:
            publication = publish_import(
                session, data, imported=imported, policy=Policy(), now=now(), create=create_communities
            )
    except TableImportError as refusal:
        if not create_communities:
            click.echo("Communities that are not registered yet are added with --create-communities.", err=True)
        raise nothing_stored_error(error_sentences(refusal.problems)) from refusal
    except InvalidQuestionnaire as refusal:
        raise nothing_stored_error(refusal.problems) from refusal
    click.echo(import_summary(publication, released=release))


@group.command("questionnaire")
@click.argument("structure", type=_FILE)
@click.option("--item", "items", multiple=True, help="The code of a list question to score too; may be repeated.")
@click.option("--group-question", help="The code of the question whose options are staff groups.")
@click.option(
    "--no-answer",
    "no_answers",
    multiple=True,
    metavar="QUESTION:CODES",
    help="All options of a question that count as not answered, by code, such as W:A4,A9; W: for none.",
)
@with_english_messages
def print_questionnaire_from_limesurvey(
    structure: Path, items: tuple[str, ...], group_question: str | None, no_answers: tuple[str, ...]
) -> None:
    """Print a questionnaire made from STRUCTURE, a LimeSurvey .lss file, to be checked and completed.

    Without --no-answer the words of an option decide, such as "cannot say"; the file names those that count as not
    answered.
    """
    try:
        read = read_structure(structure.read_bytes(), name=structure.name)
        survey = mark_options_as_not_answered(read, _no_answers(read, no_answers))
        click.echo(questionnaire_toml(survey, name=structure.name, items=items, group=group_question), nl=False)
    except TableImportError as refusal:
        raise nothing_stored_error(error_sentences(refusal.problems)) from refusal


def _no_answers(survey: LimeSurvey, chosen: Sequence[str]) -> dict[str, list[str]]:
    """Return the codes of options by question; ClickException for a question or an option that the survey lacks."""
    result = {}
    for text in chosen:
        code, _colon, listed = text.partition(":")
        codes = [word for word in listed.split(",") if word]
        question = survey.find_question(code)
        known = {option.code for option in question.options} if question else set()
        if question is None or not known.issuperset(codes):
            message = f"--no-answer {text}: the survey has no such question or option."
            raise click.ClickException(message)
        result[code] = codes
    return result


def nothing_stored_error(reasons: Sequence[object]) -> click.ClickException:
    """Return the error that ends a command: every reason on a line of its own."""
    listed = "\n".join(f"  {reason}" for reason in reasons)
    return click.ClickException(f"nothing was stored. Fix these errors and try again ({len(reasons)}):\n{listed}")


def import_summary(publication: Publication, *, released: bool) -> str:
    """Return a sentence on the imported round: its state, answers, invited people, and what is published."""
    cells = {part.cell: part.state for part in publication.participation if part.cell.group is None}
    units = [state for cell, state in cells.items() if cell.unit in {unit.id for unit in publication.region.units}]
    numbers = units.count(DisclosureState.SHOWN)
    placements = units.count(DisclosureState.PLACEMENT)
    state = "released" if released else "counted, not released"
    return (
        f"Round {publication.round} “{publication.title}” is {state}: {publication.counted} answers of "
        f"{publication.invited} invited in {len(units)} communities; {numbers} with numbers, {placements} with a "
        f"placement, {len(units) - numbers - placements} with nothing of their own. No answer was kept."
    )


def _file(path: Path) -> File:
    return path.name, path.read_bytes()


def _local_time(moment: datetime) -> datetime:
    return moment.replace(tzinfo=ZoneInfo(settings().time_zone))

"""`flask round list|plan|open|rehearse|issue|close|count|release|certificate`: manage rounds."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
from flask.cli import AppGroup
from flask_babel import force_locale

from app.cli.texts import SingleLineText
from app.cli.titles import chosen_title, title_options
from app.core.languages import Language
from app.core.rounds import Certificate, InvalidTransition, KeyFate, KeyMode, Round, RoundError, RoundId, RoundKind
from app.core.survey_calendar import SurveyConflict
from app.lazy import lazy_module
from app.store.database import Session, database, read_session, write_session
from app.web.shared.app_context import now, secret, settings

if TYPE_CHECKING:
    from app.core import counting as core_counting
    from app.core.disclosure import policy
    from app.core.instruments import errors as instrument_errors
    from app.jobs import replacement, scheduler
    from app.services import counting, followup, lost_keys, processes, rounds, survey_calendar
    from app.store import instruments, organisations, secure_erase
    from app.vault import round_keys
    from app.web.shared import questionnaire_error_words, round_faults
else:  # `--help` needs the names and options of the commands alone
    core_counting = lazy_module("app.core.counting")
    policy = lazy_module("app.core.disclosure.policy")
    instrument_errors = lazy_module("app.core.instruments.errors")
    replacement = lazy_module("app.jobs.replacement")
    scheduler = lazy_module("app.jobs.scheduler")
    counting = lazy_module("app.services.counting")
    followup = lazy_module("app.services.followup")
    lost_keys = lazy_module("app.services.lost_keys")
    processes = lazy_module("app.services.processes")
    rounds = lazy_module("app.services.rounds")
    survey_calendar = lazy_module("app.services.survey_calendar")
    instruments = lazy_module("app.store.instruments")
    organisations = lazy_module("app.store.organisations")
    secure_erase = lazy_module("app.store.secure_erase")
    round_keys = lazy_module("app.vault.round_keys")
    questionnaire_error_words = lazy_module("app.web.shared.questionnaire_error_words")
    round_faults = lazy_module("app.web.shared.round_faults")

group = AppGroup("round", help="Rounds: plan, open, issue codes, close, count, release.")

BOX_DAMAGED = (
    "A ballot box does not open: the database is damaged, or this host has another secret. Nothing was changed. "
    "Restore both, then count."
)
UNFINISHED = (
    "The database is still read by a program that began before the count, so its files cannot be wiped yet. Nothing is "
    "lost: the jobs try again every five minutes, and so does `flask round clean`."
)
_ROUND = click.argument("round_id", type=int, metavar="ROUND")
_KEY_FILES = click.option(
    "--key-file",
    "key_files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A text file with the words of a key sheet; twice for a key in two halves.",
)
_WORDS = click.option(
    "--words",
    multiple=True,
    help="The words of a key sheet; twice for two halves. Leave out to be asked: then no shell remembers them.",
)
_DATE = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"])


@group.command("list")
def list_rounds() -> None:
    """List every round with its state."""
    with read_session() as session:
        found_rounds = rounds.rounds(session)
    for round_ in found_rounds:
        click.echo(
            f"{round_.id}\t{round_.state}\t{round_.key_mode}\t{_day(round_.opens_at)}–{_day(round_.closes_at)}\t{round_.title}"
        )


@group.command("plan")
@click.argument("title", type=SingleLineText(), required=False)
@title_options()
@click.option("--instrument", "file", required=True, help="A questionnaire in the surveys folder, or a path.")
@click.option("--opens", type=_DATE, required=True, help="The first day, or day and time.")
@click.option("--closes", type=_DATE, required=True, help="The moment after which no code works.")
@click.option("--key-mode", type=click.Choice([mode.value for mode in KeyMode]), default="automatic", show_default=True)
@click.option("--kind", type=click.Choice([kind.value for kind in RoundKind]), default="survey", show_default=True)
@click.option("--by-group", is_flag=True, help="Also publish community by staff group, where the gate allows.")
@click.option("--comments", is_flag=True, help="Also ask for a comment in one's own words.")
def plan_round(
    *,
    title: str | None,
    file: str,
    opens: datetime,
    closes: datetime,
    key_mode: str,
    kind: str,
    by_group: bool,
    comments: bool,
    **titles: str | None,
) -> None:
    """Plan a round called TITLE; nobody can answer before it is opened.

    Where readers have several languages, leave TITLE out and give the title by --title-fi, --title-sv and --title-en:
    one of these is enough, and readers of the others then see that one.
    """
    written_title = chosen_title(title, titles)
    path = Path(file) if Path(file).suffix else settings().surveys / f"{file}.toml"
    with _errors_as_messages(), write_session() as session:
        round_id = rounds.plan_round(
            session,
            title=written_title.main,
            title_translations=written_title.translations,
            instrument=instruments.read_questionnaire_file(path),
            source=path.read_text(encoding="utf-8"),
            opens_at=_local_time(opens),
            closes_at=_local_time(closes),
            key_mode=KeyMode(key_mode),
            kind=RoundKind(kind),
            by_group=by_group,
            comments=comments,
        )
        conflict = _conflict(session, rounds.get_round(session, round_id))
    click.echo(f"Round {round_id} is planned. Open it with: flask round open {round_id}")
    _print_conflict(conflict)


@group.command("open")
@_ROUND
@click.option("--split", is_flag=True, help="Trustee mode: print two key sheets that are both needed.")
@click.option("--recovery-sheet", is_flag=True, help="Automatic mode: show the key once, for the loss of every host.")
def open_round(round_id: int, split: bool, recovery_sheet: bool) -> None:
    """Open ROUND: its boundaries are frozen; in trustee mode the key sheet is shown this once."""
    with _errors_as_messages(), write_session() as session:
        conflict = _conflict(session, rounds.get_round(session, RoundId(round_id)))
        opened = rounds.open_round(
            session,
            RoundId(round_id),
            now=now(),
            secret=secret(),
            keys=settings().keys,
            region=organisations.load_region(session),
            split=split,
            recovery_sheet=recovery_sheet,
        )
    for key_backup in opened.key_backups:
        _print_key_backup(key_backup)
    units = opened.round.boundaries.units if opened.round.boundaries else ()
    invited = sum(unit.invited_count for unit in units)
    click.echo(f"Round {round_id} is open: {len(units)} communities, {invited} people invited.")
    _print_conflict(conflict)
    if opened.key_backups:
        click.echo(f"Write the words down or print them now, then try them: flask round rehearse {round_id}")


def _conflict(session: Session, round_: Round) -> SurveyConflict:
    zone = ZoneInfo(settings().time_zone)
    today = now().astimezone(zone).date()
    return survey_calendar.check_round_for_survey_conflict(
        session, round_, today=today, zone=zone, language=Language.EN
    )


def _print_conflict(conflict: SurveyConflict) -> None:
    """Warn that the same people are asked again within eight weeks, and name the nearest days that keep them."""
    if not conflict.nearby:
        return
    nearby = "; ".join(f"{days.title}, {days.first}–{days.last}" for days in conflict.nearby)
    click.echo(f"Warning: the same people are asked again within eight weeks ({nearby}).", err=True)
    if conflict.suggestions:
        days = " or ".join(f"{days.first}–{days.last}" for days in conflict.suggestions)
        click.echo(f"The nearest days that keep eight weeks: {days}.", err=True)


@group.command("forecast")
@_ROUND
def print_forecast_by_response_rate(round_id: int) -> None:
    """Say what ROUND, planned, would print at 50, 70 and 90 per cent response."""
    with _errors_as_messages(), read_session() as session:
        round_ = rounds.get_round(session, RoundId(round_id))
        region = followup.region_asked_by_round(session, round_.id, organisations.load_region(session))
    rules = policy.policy_for_promised_k(round_.k)
    for response in core_counting.RESPONSES:
        found_forecast = core_counting.forecast_at_response_rate(round_.boundaries or region, rules, response=response)
        click.echo(f"At {response} % response:")
        click.echo(f"  region: {_covering(found_forecast.region)}")
        for name in dict.fromkeys(unit.municipality for unit in region.units):
            click.echo(f"  municipality {name}: {_covering(found_forecast.covers.get(name))}")
        for unit, unit_forecast in found_forecast.units.items():
            detail = " with single questions" if unit_forecast.detail else ""
            click.echo(f"  {unit}\t{unit_forecast.answers} answers\t{unit_forecast.state}{detail}")


def _covering(covers: tuple[int, int] | None) -> str:
    return "withheld" if covers is None else f"counts {covers[0]} of {covers[1]} communities"


@group.command("rehearse")
@_ROUND
@_KEY_FILES
@_WORDS
def verify_key_sheets(round_id: int, key_files: tuple[Path, ...], words: tuple[str, ...]) -> None:
    """Try the key sheets of ROUND; no code is issued before they are known to work."""
    with _errors_as_messages(), write_session() as session:
        rounds.verify_key_backups(session, RoundId(round_id), _key_from_input(key_files, words))
    click.echo("The key sheet works. Keep it where nobody else can read it until the round has closed.")


@group.command("issue")
@_ROUND
@click.argument("units", nargs=-1)
def issue_slip_codes(round_id: int, units: tuple[str, ...]) -> None:
    """Draw slip codes for UNITS (all without any) and print them once; unspent older slips stop working."""
    with _errors_as_messages(), write_session() as session:
        boundaries = rounds.get_round(session, RoundId(round_id)).boundaries
        wanted = units or tuple(unit.id for unit in (boundaries.units if boundaries else ()))
        drawn = [
            (unit, rounds.issue_slip_codes(session, RoundId(round_id), unit, secret=secret(), now=now()))
            for unit in wanted
        ]
    for unit, codes in drawn:
        for code in codes:
            click.echo(f"{unit}\t{code}")


@group.command("close")
@_ROUND
def close(round_id: int) -> None:
    """Close ROUND: from here on no code works."""
    with _errors_as_messages(), write_session() as session:
        rounds.close(session, RoundId(round_id), now=now())
    click.echo(f"Round {round_id} is closed. Count it with: flask round count {round_id}")


@group.command("count")
@_ROUND
@_KEY_FILES
@_WORDS
@click.option("--anyway", is_flag=True, help="Count although most communities or a scale would not be printed.")
def count(round_id: int, key_files: tuple[Path, ...], words: tuple[str, ...], anyway: bool) -> None:
    """Count ROUND, publish what the disclosure rules allow, and erase everything else; safe to repeat.

    Before anything is erased it says where far less would be printed than was hoped for, and stops.
    """
    with _errors_as_messages():
        with write_session() as session:
            round_ = rounds.get_round(session, RoundId(round_id))
            asked = round_.key_mode is KeyMode.TRUSTEE
            given = _key_from_input(key_files, words) if asked or key_files or words else ()
            key = counting.key_from_backups(session, RoundId(round_id), given) if given else None
            counting.count_round(
                session,
                RoundId(round_id),
                key=key,
                policy=policy.policy_for_promised_k(round_.k),
                secret=secret(),
                now=now(),
                keys=settings().keys,
                progress=_print_progress,
                consent=counting.CountConsent.GIVEN if anyway else counting.CountConsent.ASK,
            )
        _finish_cleanup()
    _print_certificate_of(round_id)


@group.command("new-key")
@_ROUND
@click.option("--split", is_flag=True, help="Print two key sheets that are both needed.")
def new_key(round_id: int, split: bool) -> None:
    """Make a new key for ROUND in place of a lost one, while no code was drawn; the sheet is shown this once."""
    with _errors_as_messages(), write_session() as session:
        key_backups = lost_keys.renew_key(session, RoundId(round_id), split=split)
    for key_backup in key_backups:
        _print_key_backup(key_backup)


@group.command("give-up")
@_ROUND
@click.confirmation_option(prompt="The key is lost for good, and everything of this round is erased. Go on?")
def abandon_round(round_id: int) -> None:
    """End ROUND, closed, whose key is lost: publish nothing, erase its boxes, codes and addresses."""
    with _errors_as_messages():
        with write_session() as session:
            counting.abandon_round(session, RoundId(round_id), now=now(), keys=settings().keys)
        _finish_cleanup()
    _print_certificate_of(round_id)


@group.command("clean")
@click.option("--key-is-gone", is_flag=True, help="Say that a key file that is not on this host was destroyed by hand.")
def finish_secure_wipe(key_is_gone: bool) -> None:
    """Finish what a count could not: destroy keys and wipe remnants; safe to repeat."""
    with _errors_as_messages():
        _finish_cleanup(key_is_gone=key_is_gone)
    with read_session() as session:
        left = counting.unwiped_rounds(session)
    if left:
        raise click.ClickException(
            f"The key of round {', '.join(map(str, left))} is on another host, which cleans by itself. If it was "
            "destroyed by hand, say so: flask round clean --key-is-gone"
        )
    click.echo("Nothing is left to clean.")


@group.command("recover-key")
@_ROUND
@click.option("--key-file", "key_files", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--words", multiple=True, help="The words of the recovery sheet; else they are asked for.")
def recover_key(round_id: int, key_files: tuple[Path, ...], words: tuple[str, ...]) -> None:
    """Put the key of ROUND's recovery sheet back onto this host, after every host that had it was lost."""
    given = _key_from_input(key_files, words)
    with _errors_as_messages(), write_session() as session:
        lost_keys.recover_key(session, RoundId(round_id), given, keys=settings().keys)
    click.echo(f"The key of round {round_id} is on this host again. Other hosts get their shares within minutes.")


@group.command("forget-host")
@click.argument("name")
def forget_host(name: str) -> None:
    """Record that host NAME is gone for good: delete its key shares of open rounds, and stop waiting for its processes.

    A host that has reported within the last five minutes keeps its shares. Certificates go on naming the host until
    its key is destroyed.
    """
    with write_session() as session:
        gone = processes.forget_host(session, name)
        shares = counting.clear_key_copies_of_silent_hosts(session, name, now=now())
    if not gone and not shares.cleared and not shares.kept:
        raise click.ClickException(f"No process and no key of a host {name} is registered.")
    click.echo(
        f"{gone} processes of {name} are no longer waited for; {shares.cleared} keys are no longer sealed to it."
    )
    if shares.kept:
        click.echo(
            f"{shares.kept} keys stay sealed to a host {name} that reported within the last five minutes. If that is "
            "the host that is gone, run this again in five minutes."
        )


@group.command("release")
@_ROUND
def release(round_id: int) -> None:
    """Release what was counted: from here on it can be read."""
    with _errors_as_messages(), write_session() as session:
        rounds.release(session, RoundId(round_id), now=now())
    click.echo(f"Round {round_id} is released.")


@group.command("certificate")
@_ROUND
def certificate(round_id: int) -> None:
    """Print the certificate of ROUND's count."""
    _print_certificate_of(round_id)


KEY_FATES = {
    KeyFate.WITH_TRUSTEE: "The key was never stored here; the trustee destroys the key sheet now.",
    KeyFate.UNSEEN: "The key's file was not on the host that wiped; it is destroyed when its host comes back.",
    KeyFate.PENDING: "A host that was down destroys its key when it starts again; if it never does, destroy its disk.",
    KeyFate.LOST: "The key of this round was lost: no ballot was read. If the key is found, destroy it.",
    KeyFate.NEVER_WAS: "There was no key: the answers were collected elsewhere.",
}


@contextmanager
def _errors_as_messages() -> Iterator[None]:
    try:
        yield
    except counting.CountNeedsConfirmation as stopped:
        raise click.ClickException("\n".join(_stopped(stopped.preflight))) from stopped
    except InvalidTransition as refused:
        message = "A round that is {state} cannot become {to}.".format(**refused.values)
        raise click.ClickException(message) from refused
    except (RoundError, round_keys.InvalidKey) as refused:
        with force_locale("en"):
            raise click.ClickException(round_faults.fault_sentence(refused)) from refused
    except instrument_errors.InvalidQuestionnaire as refused:
        with force_locale("en"):
            found_message = "\n".join(questionnaire_error_words.error_sentence(problem) for problem in refused.problems)
        raise click.ClickException(found_message) from refused
    except counting.BoxDamaged as refused:
        raise click.ClickException(BOX_DAMAGED) from refused
    except secure_erase.EraseIncomplete as refused:
        raise click.ClickException(UNFINISHED) from refused


def _stopped(preflight: "core_counting.Preflight") -> Iterator[str]:
    """Say why a count stopped and what can be done."""
    yield "The count stopped. Nothing was erased: the ballots, the key and the codes are as they were."
    if preflight.is_sparse:
        units = f"{preflight.without_numbers} of the {preflight.expected} communities with enough staff"
        yield f"{units} would have no numbers."
    if preflight.answered_without_numbers:
        units = f"{preflight.answered_without_numbers} of the {preflight.answered} communities with enough ballots"
        yield f"In {units} nothing would be printed."
    if preflight.withheld_scales:
        yield f"Withheld because of other scales: {', '.join(preflight.withheld_scales)}."
    if preflight.unreadable:
        yield f"{preflight.unreadable} of {preflight.ballots} ballots cannot be read."
    if preflight.is_mostly_withheld_or_unreadable:
        yield "Something is wrong. Check the questionnaire and the key, and ask for help, before anything is erased."
    yield "To count all the same, give the option --anyway."


def _finish_cleanup(*, key_is_gone: bool = False) -> None:
    database.session.remove()
    with write_session() as session:
        counting.destroy_keys_and_wipe_remnants(
            session, now=now(), keys=settings().keys, key_is_gone=key_is_gone, progress=_print_progress
        )
    with write_session() as session:
        processes.unregister_ended(
            session, host=scheduler.host_instance_digest(settings()), lives=replacement.may_be_running
        )


def _print_progress(stage: "counting.CountStage", number: int) -> None:
    click.echo(f"{stage.value.replace('_', ' ')}: {number}", err=True)


def _key_from_input(key_files: tuple[Path, ...], words: tuple[str, ...]) -> tuple[str, ...]:
    given = (*(path.read_text(encoding="utf-8") for path in key_files), *words)
    if given:
        return given
    first = click.prompt("Words of the key sheet")
    second = click.prompt("The words of the second sheet, if the key is in two halves", default="", show_default=False)
    return (first, second) if second else (first,)


def _local_time(moment: datetime) -> datetime:
    return moment.replace(tzinfo=ZoneInfo(settings().time_zone))


def _day(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(settings().time_zone)).strftime("%Y-%m-%d %H:%M")


def _print_key_backup(key_backup: "round_keys.KeyBackup") -> None:
    click.echo(f"Key sheet ({key_backup.part}):")
    for number, line in enumerate(key_backup.lines, start=1):
        click.echo(f"  {number}. {line}")


def _print_certificate_of(round_id: int) -> None:
    with read_session() as session:
        record = counting.find_certificate(session, RoundId(round_id))
        left = processes.hosts_with_processes_running_since_count(session, record) if record is not None else ()
    if record is None:
        raise click.ClickException("The round has not been counted.")
    _print_certificate(record)
    _print_processes(record, left)


def _print_processes(record: Certificate, left: tuple[str, ...]) -> None:
    if record.processes is None:
        return
    done = f"not yet on {', '.join(left)}" if left else "done"
    click.echo(f"processes that served the round and were to be replaced: {len(record.processes)}, {done}")


def _print_certificate(record: Certificate) -> None:
    click.echo(f"invited {record.invited}, codes issued {record.issued} (drawn in all {record.drawn})")
    click.echo(f"counted {record.counted}, unreadable {record.unreadable}, on {_day(record.counted_at)}")
    click.echo(f"erased {record.erased_boxes} boxes, {record.erased_codes} codes, {record.erased_contacts} addresses")
    click.echo(f"publication {record.publication_digest}")
    if record.hosts_without_keys:
        click.echo(f"key destroyed on: {', '.join(record.hosts_without_keys)}")
    if record.hosts_with_keys:
        click.echo(f"key still to be destroyed on: {', '.join(record.hosts_with_keys)}")
    fate = record.key_fate
    wiped = "key destroyed and files wiped" if fate is KeyFate.DESTROYED else "files wiped"
    if fate is not KeyFate.NEVER_WAS:
        click.echo(f"{wiped}: {_day(record.cleaned_at) if record.cleaned_at else 'not yet'}")
    if fate in KEY_FATES:
        click.echo(KEY_FATES[fate])

"""Check the database: reachable, intact, migrated, clock in sync, and scheduled tasks done."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.cli.doctor.environment import MAIL_REMEDIES
from app.cli.doctor.findings import CheckResult, fail, ok, warn
from app.cli.seal_words import REMEDY, seal_problem_text
from app.config import ROOT, Settings
from app.core.mail import MailServerFaultCode
from app.core.rounds import KeyMode, RoundId, RoundState
from app.services import answering, clock_jumps, counting, metrics, outbox_delivery, rounds, secret_match
from app.store import clock_skew, db_errors, jobs, pooler, publication_seals, read_only_mode, schema_revision
from app.store.database import Session, database, read_session
from app.store.migrate_to_postgres import MIN_POSTGRESQL_VERSION
from app.web.shared.app_context import secret

IDLE = timedelta(minutes=15)
SETBACKS = 3


def check_database(settings: Settings, moment: datetime) -> Iterator[CheckResult]:
    """Check the database: pooling, migration, secret and what follows.

    If it cannot be checked, report that, and let the other checks of `doctor` continue.
    """
    try:
        fault = pooler.pooling_fault(database.engine)
        if fault:
            what, _, remedy = fault.partition("). ")
            yield fail(f"{what}).", f"{remedy}.")
            return
        with read_session() as session:
            current = schema_revision.current_revision(session)
            newest = schema_revision.head_revision(ROOT / "migrations")
            if current is not None and not schema_revision.is_known(ROOT / "migrations", current):
                what = f"The database stands at migration {current}, which this version of the program does not know."
                yield fail(what, "Use the version that made it, or a newer one.")
                return
            if current != newest:
                what = f"The database stands at migration {current or 'none'}, the program at {newest}."
                yield fail(what, "./run flask db upgrade")
                return
            yield ok(f"The database is up to date (migration {current}).")
            yield from _check_secret(session)
            yield from _check_contents(session)
            yield from _check_publications(session)
            yield from _check_keys(session, settings, moment)
            yield from _check_jobs(session, moment)
            yield from _check_clock(session, moment)
            yield from _check_pending_work(session, moment)
    except SQLAlchemyError as error:
        message = db_errors.unavailable_reason(error) or type(error.__cause__ or error).__name__
        yield fail(f"The database cannot be used: {message}.", _unusable(settings))


def _unusable(settings: Settings) -> str:
    if settings.effective_database_url.startswith("sqlite"):
        return "Look at the file, its folder and its disk. If it is lost: ./run flask restore BACKUP"
    return (
        "Look at DATABASE_URL and whether the server runs. docs/operations.md tells how account and database are made; "
        "a password may stand in DATABASE_URL, or in ~/.pgpass with mode 0600."
    )


def _check_secret(session: Session) -> Iterator[CheckResult]:
    if not secret_match.matches_database(session, secret()):
        yield fail(secret_match.MISMATCH_MESSAGE, secret_match.REMEDY)
        return
    if secret_match.has_fingerprint(session):
        yield ok("This host's secret is the one that the database goes with.")
    else:
        yield ok("The database goes with any secret yet; the first start of the service settles with which.")
    for number in secret_match.undecryptable_rounds(session, secret()):
        what = f"The boxes of round {number} do not open here, so nobody can answer in it and it cannot be counted."
        yield fail(what, _SHUT)


def _check_contents(session: Session) -> Iterator[CheckResult]:
    if session.get_bind().dialect.name != "sqlite":
        yield from _check_server(session)
        return
    quick_check = session.execute(text("PRAGMA quick_check(1)")).scalar()
    if quick_check == "ok":
        yield ok("The database file is whole.")
    else:
        yield fail("The database file is damaged.", "Stop the service; ./run flask restore goes back to a backup.")
    if read_only_mode.is_read_only(session.connection()):
        what = "The database stands still and takes nothing: it was moved, or a restore broke off."
        remedy = "Set DATABASE_URL to the new one, or restore again. To go on with this one: ./run flask reopen"
        yield fail(what, remedy)


def _check_publications(session: Session) -> Iterator[CheckResult]:
    problems = publication_seals.all_seal_problems(session)
    for problem in problems:
        yield fail(f"The results of round {problem.round} are not as sealed: {seal_problem_text(problem)}.", REMEDY)
    if not problems:
        yield ok("All stored results are as they were sealed at the count.")


def _check_server(session: Session) -> Iterator[CheckResult]:
    version = int(session.execute(text("SHOW server_version_num")).scalar() or 0)
    if version < MIN_POSTGRESQL_VERSION:
        yield fail(f"PostgreSQL {version // 10_000} is too old.", "Use PostgreSQL 15 or newer.")
    skew = clock_skew.excessive_skew(session)
    if skew is not None:
        yield fail(f"{clock_skew.skew_message(skew)} It runs no scheduled task.", clock_skew.REMEDY)
    else:
        yield ok("This host's clock agrees with the database's.")
    if session.execute(text(_NOT_OURS)).scalar():
        what = "Some tables belong to another account, so what a count erases cannot be wiped from the files."
        yield fail(what, "Give them to the service's own account: ALTER TABLE … OWNER TO …")
    yield from _check_wal_settings(session)
    if session.execute(text("SHOW archive_mode")).scalar() != "off":
        what = "The server's log is archived. It holds when each sealed ballot came, though never what is in it."
        yield warn(what, "Delete archived logs with the backups that they belong to.")


def _check_wal_settings(session: Session) -> Iterator[CheckResult]:
    """Look at what the server writes down while people answer, and whether a count can wipe its log."""
    if session.execute(text(_WRITES_DOWN)).scalar():
        what = "The server writes statements into its own log, and with them the moments at which people answer."
        yield fail(
            what,
            "Set log_statement = none, log_min_duration_statement = -1 and log_duration = off, and reload the server.",
        )
    if not session.execute(text(_WIPES_LOG)).scalar():
        what = "Spent codes and addresses that a count erases stay in the server's log for some time."
        yield warn(what, "docs/operations.md, Making a PostgreSQL for it, has the three statements that end that.")


def _check_keys(session: Session, settings: Settings, moment: datetime) -> Iterator[CheckResult]:
    waiting = {RoundState.OPEN, RoundState.CLOSED}
    found_rounds = [
        round_ for round_ in rounds.rounds(session) if round_.state in waiting and round_.key_mode is KeyMode.AUTOMATIC
    ]
    for found_round in found_rounds:
        here = answering.round_key_availability(session, found_round.id, keys=settings.keys, now=moment).here
        holders = counting.key_copies_of_living_hosts(session, found_round.id, now=moment)
        yield from _check_key(found_round.id, here=here, holders=[share.host_name for share in holders])


def _check_key(round_id: RoundId, *, here: bool, holders: Sequence[str]) -> Iterator[CheckResult]:
    if here and len(holders) > 1:
        yield ok(f"The key of round {round_id} is on this host, and {len(holders)} hosts can count it.")
    elif here:
        yield ok(f"The key of round {round_id} is on this host.")
    elif holders:
        what = f"The key of round {round_id} is not on this host, but on {', '.join(holders)}."
        yield warn(what, "Within two minutes this host gets its share, if its jobs run.")
    else:
        what = f"The key file of round {round_id} is not on this host, and no host that is alive can open it."
        yield fail(
            what, "No ballot is taken. Start the hosts that took part in the round, with their instance folders."
        )


def _check_jobs(session: Session, moment: datetime) -> Iterator[CheckResult]:
    last = jobs.last_run(session)
    if last is not None and last - moment > clock_skew.MAX_SKEW:
        yield fail(f"A job began at {last:%Y-%m-%d %H:%M}, which is yet to come.", "Set the clock right.")
    elif last is None or moment - last > IDLE:
        when = f"since {last:%Y-%m-%d %H:%M} UTC" if last else "yet"
        what = f"No process has done any job {when}: rounds neither open nor close by themselves."
        remedy = "Jobs begin seconds after the service: if it was started just now, ask again. "
        yield warn(what, f"{remedy}./run serve does the jobs; elsewhere set JOBS = True.")
    else:
        yield ok(f"Jobs are done; the last began at {last:%H:%M} UTC.")


def _check_clock(session: Session, moment: datetime) -> Iterator[CheckResult]:
    jump = clock_jumps.find_jump(session, now=moment)
    if jump is None:
        yield ok("The time has not jumped forward since it was last trusted.")
    else:
        yield fail(clock_jumps.jump_message(jump), clock_jumps.REMEDY)


def _check_pending_work(session: Session, moment: datetime) -> Iterator[CheckResult]:
    service_metrics = metrics.collect_metrics(session, now=moment)
    if service_metrics.late_rounds:
        what = f"{service_metrics.late_rounds} rounds should have opened, closed or been counted more than an hour ago."
        yield warn(what, "The service's own log says why; ./run flask round list names them.")
    if service_metrics.uncleaned_rounds:
        what = f"{service_metrics.uncleaned_rounds} rounds were counted, but the files are not wiped yet."
        yield warn(what, "It is tried again every five minutes; a program that reads for hours keeps it waiting.")
    for setback in outbox_delivery.mail_server_setbacks(session):
        if setback.fault is not MailServerFaultCode.UNREACHABLE or service_metrics.mail_setbacks >= SETBACKS:
            what = f"Messages wait: the mail server {MAIL_SETBACKS[setback.fault]} ({setback.detail})."
            yield warn(what, f"{MAIL_REMEDIES[setback.fault]} ./run flask mail test ADDRESS tries it out.")


MAIL_SETBACKS = {
    MailServerFaultCode.UNREACHABLE: "has not answered several times in a row",
    MailServerFaultCode.CERTIFICATE: "has a certificate that is not trusted",
    MailServerFaultCode.SIGN_IN: "refuses the sign-in of this service",
    MailServerFaultCode.SENDER: "takes no messages from this sender",
    MailServerFaultCode.ALL_REFUSED: "refused several messages in a row with the same reply, so none counts as refused",
    MailServerFaultCode.MESSAGE: "was not asked: the sender cannot be written in a message",
}


_SHUT = (
    "Did a newer version of this program open the round? Use that one. Else a host with another secret did, or the "
    "database is damaged: ./run flask restore goes back to a backup, or close it and end it on its page as a lost one."
)
_WRITES_DOWN = (
    "SELECT current_setting('log_statement') IN ('mod', 'all') "
    "OR current_setting('log_min_duration_statement') <> '-1' OR current_setting('log_duration') = 'on'"
)
_WIPES_LOG = (
    "SELECT current_setting('wal_recycle') = 'off' AND pg_has_role('pg_checkpoint', 'USAGE') "
    "AND has_function_privilege('pg_switch_wal()', 'EXECUTE')"
)
_NOT_OURS = (
    "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND NOT pg_has_role(tableowner, 'USAGE')"
)

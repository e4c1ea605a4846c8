"""`flask doctor`: what is in order, what is not, and what to do about it, in plain words."""

import click

from app.cli.doctor.copies import check_backups, check_left_behind
from app.cli.doctor.database import check_database
from app.cli.doctor.findings import Check, State
from app.cli.doctor.installation import check_secrets, check_settings, check_surveys, check_time
from app.cli.doctor.signing_in import check_signing_in
from app.cli.doctor.surroundings import check_disk, check_mail, check_memory, check_retention
from app.web.shared.door import now, settings

CHECKS: tuple[Check, ...] = (
    check_settings,
    check_time,
    check_secrets,
    check_database,
    check_disk,
    check_backups,
    check_left_behind,
    check_surveys,
    check_mail,
    check_signing_in,
    check_memory,
    check_retention,
)


@click.command("doctor")
def doctor() -> None:
    """Look at settings, secrets, database, jobs, disk, backups and mail; exit with 1 if something is bad."""
    findings = [finding for check in CHECKS for finding in check(settings(), now())]
    for finding in findings:
        click.echo(f"{finding.state:>4}  {finding.what}")
        if finding.remedy:
            click.echo(f"      → {finding.remedy}")
    worst = sum(finding.state is State.BAD for finding in findings)
    odd = sum(finding.state is State.ODD for finding in findings)
    click.echo(f"{len(findings)} things looked at: {worst} bad, {odd} to look at.")
    if worst:
        raise click.exceptions.Exit(1)

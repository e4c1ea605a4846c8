"""`flask doctor`: list what is in order and what is not, with a remedy for each problem."""

import click

from app.cli.doctor.backups import check_backups, check_leftover_databases
from app.cli.doctor.database import check_database
from app.cli.doctor.environment import check_disk, check_mail, check_memory_protection, report_retention_periods
from app.cli.doctor.findings import Check, Severity
from app.cli.doctor.installation import (
    check_questionnaires,
    check_secret_file_permissions,
    check_settings,
    check_time_zone,
)
from app.cli.doctor.public_address import check_public_address
from app.cli.doctor.sign_in import check_second_step_and_sso
from app.web.shared.app_context import now, settings

CHECKS: tuple[Check, ...] = (
    check_settings,
    check_public_address,
    check_time_zone,
    check_secret_file_permissions,
    check_database,
    check_disk,
    check_backups,
    check_leftover_databases,
    check_questionnaires,
    check_mail,
    check_second_step_and_sso,
    check_memory_protection,
    report_retention_periods,
)


@click.command("doctor")
def doctor() -> None:
    """Check settings, secrets, database, jobs, disk, backups and mail; exit with 1 if a check fails."""
    findings = [finding for check in CHECKS for finding in check(settings(), now())]
    for finding in findings:
        click.echo(f"{finding.state:>4}  {finding.what}")
        if finding.remedy:
            click.echo(f"      → {finding.remedy}")
    worst = sum(finding.state is Severity.BAD for finding in findings)
    odd = sum(finding.state is Severity.ODD for finding in findings)
    click.echo(f"{len(findings)} things looked at: {worst} bad, {odd} to look at.")
    if worst:
        raise click.exceptions.Exit(1)

"""Every verb of the command line."""

from flask import Flask
from flask.cli import AppGroup

from app.cli.answers import group as answers
from app.cli.backups import backup, restore
from app.cli.catalogue import group as catalogue
from app.cli.demo.group import group as demo
from app.cli.disclosure import group as disclosure
from app.cli.doctor.visit import doctor
from app.cli.mail import group as mail
from app.cli.moving import move, reopen
from app.cli.organisations import group as organisations
from app.cli.people import people
from app.cli.results import group as results
from app.cli.rounds import group as rounds
from app.cli.trust.group import group as trust

GROUPS: tuple[AppGroup, ...] = (
    people,
    organisations,
    catalogue,
    rounds,
    answers,
    results,
    mail,
    disclosure,
    trust,
    demo,
)


def register(app: Flask) -> None:
    """Hang the verbs into `app`."""
    for group in GROUPS:
        app.cli.add_command(group)
    for command in (backup, doctor, move, reopen, restore):
        app.cli.add_command(command)

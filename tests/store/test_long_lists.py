"""Lists that are longer than one statement may name."""

from app.core.languages import Language
from app.core.mail import InvitedAddress
from app.store import comments, contacts, plans
from tests.databases import both_databases
from tests.services.factories import plan

MANY = 70_000  # PostgreSQL takes 65,535 values, SQLite as it is built by default 32,766


def names():
    return [f"person{number:05}@kunta.example" for number in range(MANY)]


@both_databases
def test_seventy_thousand_addresses_are_removed_and_counted_and_no_other_one(session):
    number = plan(session)
    other = plan(session)
    kept = InvitedAddress("kept@kunta.example", "alder", Language.FI)
    contacts.upsert(session, number, [*(InvitedAddress(name, "alder", Language.FI) for name in names()), kept])
    contacts.upsert(session, other, [InvitedAddress(names()[0], "alder", Language.FI)])
    assert contacts.remove_addresses(session, number, [*names(), "stranger@kunta.example"]) == MANY
    assert contacts.contacts(session, number) == (kept,)
    assert len(contacts.contacts(session, other)) == 1


@both_databases
def test_as_many_comments_and_plans_may_be_named(session):
    number = plan(session)
    written = [f"Words {place}" for place in range(1500)]
    comments.add(session, number, {"alder": written}, names=())
    keys = [one.key for one in comments.comments(session, number)]
    comments.set_withheld(session, number, keys)
    strangers = [place.to_bytes(16, "big").hex() for place in range(MANY)]
    comments.set_withheld(session, number, [*strangers, *keys[:1200]])
    assert sum(one.withheld for one in comments.comments(session, number)) == 1200
    assert plans._actions(session, number, names()) == {}

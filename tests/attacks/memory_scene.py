"""A round on a real server whose respondents' codes and answers are known, and the attacker at its processes."""

import random
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from app.core.disclosure.policy import Policy
from app.services import counting, processes, rounds
from app.services.counting import key_sharing
from app.store import processes as store
from app.store import round_key_copies
from app.store.database import standalone_engine
from app.vault import codes, host_keys, round_keys
from tests.attacks import memory
from tests.attacks.memory import Person
from tests.hosts.respondents import fields_of, post
from tests.hosts.servers import Host, wait_until
from tests.services.factories import plan, region

SECRET = b"the secret of this installation."
ITEMS = 24
MAILED = 34
SLIPS = 103
OPTIONS = 5
WORKERS = 2


@dataclass(slots=True)
class MemoryScene:
    """One open round, its people by the kind of their code, and what they have answered so far.

    The servers run on one host; on PostgreSQL a second one shares the round's key.
    """

    url: str
    host: Host
    round_id: int
    people: dict[str, list[Person]]
    fates: list[int] = field(default_factory=list)
    processes_with_a_key: int = 0  # that `linked` found last
    laid_out_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    secrets: list[bytes] = field(default_factory=list)  # the round's key, and the key of each host that shares it

    @property
    def keys(self) -> Path:
        return self.host.instance / "keys"

    @contextmanager
    def session(self) -> Iterator[Session]:
        engine = standalone_engine(self.url)
        try:
            with Session(engine) as session:
                yield session
        finally:
            engine.dispose()

    def answer_all(self) -> None:
        """Let everybody go through all pages and send, several at a time."""
        everybody = [one for people in self.people.values() for one in people]
        random.Random(7).shuffle(everybody)
        with ThreadPoolExecutor(6) as pool:
            self.fates = list(pool.map(self._answer, everybody))

    def _answer(self, person: Person) -> int:
        place = (self.host.address, self.host.port)
        status, _, page = post(place, "/en/code", {"code": person.code, "go": "next"})
        assert status == 200, page
        status, _, page = post(place, "/en/answer", fields_of(page) | {"go": "next"})
        for _theme in range(ITEMS // 6):
            asked = sorted({int(at) for at in re.findall(r'name="q(\d+)"', page)})
            chosen = {f"q{at}": person.marks[at] for at in asked}
            status, _, page = post(place, "/en/answer", fields_of(page) | chosen | {"go": "next"})
            assert status == 200, page
        status, _, page = post(place, "/en/answer", fields_of(page) | {"group": "0", "go": "next"})
        assert status == 200, page
        status, _, _page = post(place, "/en/send", fields_of(page) | {"go": "send"})
        return status

    def share_key(self) -> None:
        """On PostgreSQL let a second host take part, so that the servers open a share of their own each minute."""
        other = self.keys.with_name("keys of the second host")
        now = self.laid_out_at
        for minute, folder in enumerate([self.keys, other] * 3):
            with self.session() as session, session.begin():
                moment = now - timedelta(minutes=6 - minute)
                counting.share_round_keys_among_hosts(
                    session, key_sharing.HostContext(folder, SECRET, moment, folder.name)
                )
        with self.session() as session:
            self.secrets.append(key_sharing.get_round_secret_key(session, self.round_id, keys=self.keys))
            assert session.get_bind().dialect.name == "sqlite" or not self._has_key_file()
        for folder in (self.keys, other):
            self.secrets += [pair.secret for pair in host_keys.own_host_keys(folder, self.round_id)]

    def _has_key_file(self) -> bool:
        return round_keys.has_secret_key_file_in_any_state(self.keys, self.round_id)

    def wait_for_sharing(self) -> None:
        """Wait until a process of the server has opened its share since the scene was laid out."""
        if self.url.startswith("postgresql"):
            wait_until(lambda: self._last_seen() >= self.laid_out_at, pause=1.0)

    def _last_seen(self) -> datetime:
        with self.session() as session:
            return max(share.seen_at for share in round_key_copies.key_copies_of_round(session, self.round_id))

    def close(self) -> None:
        with self.session() as session, session.begin():
            rounds.close(session, self.round_id, now=datetime.now(UTC))

    def count(self):
        with self.session() as session, session.begin():
            made = counting.count_round(
                session, self.round_id, policy=Policy(), secret=SECRET, now=datetime.now(UTC), keys=self.keys
            )
        with self.session() as session:
            counting.destroy_keys_and_wipe_remnants(session, now=datetime.now(UTC), keys=self.keys)
            session.commit()
        return made

    def further_requests(self, count: int) -> None:
        """Let people read pages, as they do after a count."""
        place = (self.host.address, self.host.port)
        for number in range(count):
            status, _, _page = post(place, "/en/code", {"code": f"NOBODY-{number:04}", "go": "stay"})
            assert status == 200

    def registered(self) -> int:
        """Return how many processes are registered."""
        with self.session() as session:
            return len(store.all_processes(session))

    def wait_for_replacement(self) -> None:
        """Wait until every process that was running is replaced, as the certificate then says."""
        wait_until(lambda: not self._due_hosts(), pause=1.0)

    def _due_hosts(self) -> tuple[str, ...]:
        with self.session() as session:
            return processes.hosts_awaiting_replacement(session)

    def linked(self) -> dict[str, int]:
        """Return for each kind of code how many people's answers one of the processes ties to theirs."""
        everybody = [(kind, one) for kind, people in self.people.items() for one in people]
        found: set[int] = set()
        read = 0
        self.processes_with_a_key = 0
        for pid in memory.tree(self.host.process.pid):
            with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
                regions = memory.read(pid)
                found |= memory.linked(regions, [one for _, one in everybody])
                self.processes_with_a_key += memory.holds_any(regions, self.secrets)
                read += 1
        assert read > WORKERS, "the server and all of its workers"
        return {kind: sum(everybody[number][0] == kind for number in found) for kind in self.people}


def people_with(drawn: Sequence[str], chance: random.Random) -> list[Person]:
    """Give every code answers of its own."""
    marks = ["".join(str(chance.randrange(OPTIONS)) for _ in range(ITEMS)) for _ in drawn]
    return [Person(code, codes.code_digest(code, secret=SECRET), own) for code, own in zip(drawn, marks, strict=True)]


def memory_scene(folder: Path, url: str, **options) -> MemoryScene:
    """Lay out the round for a host that is not started yet."""
    host = Host(folder / "host", url, **options)
    keys = host.instance / "keys"
    keys.mkdir(parents=True, mode=0o700)
    (host.instance / "secret").write_bytes(SECRET)
    now = datetime.now(UTC)
    chance = random.Random(18)
    made = MemoryScene(url, host, 0, {})
    with made.session() as session, session.begin():
        made.round_id = plan(session, items=ITEMS, opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=1))
        area = region(alder=MAILED, birch=SLIPS)
        rounds.open_round(session, made.round_id, now=now, secret=SECRET, keys=keys, region=area)
        addresses = {"alder": [f"person{number}@school.example" for number in range(MAILED)]}
        invited = rounds.issue_mailed_codes(session, made.round_id, addresses, secret=SECRET, now=now)
        slips = rounds.issue_slip_codes(session, made.round_id, "birch", secret=SECRET, now=now)
        made.people = {
            "mailed": people_with([one.code for one in invited], chance),
            "slips": people_with(slips, chance),
        }
    made.share_key()
    return made

"""Attack 18: read the memory of every process of the service after the count, and tie answers to codes.

The attacker is root, holds the installation's secret and a backup from the open round. Real servers with real
respondents: 34 with mailed codes, 103 with slips, each with answers of their own that the attack knows. On PostgreSQL
the key is shared with a second host: a process of the server opens its share each minute, and the attacker looks for
the keys as well.
"""

import os

import pytest

from app.services import processes
from tests.attacks import memory
from tests.attacks.memory_scene import MAILED, SLIPS, WORKERS, memory_scene
from tests.databases import both_databases
from tests.hosts.servers import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root reads the memory of other processes: run it as root"),
]
both_servers = pytest.mark.parametrize("server", ["gunicorn", "granian"])
NOBODY = {"mailed": 0, "slips": 0}


@pytest.fixture
def scene(tmp_path, database_url, request):
    made = memory_scene(tmp_path, database_url, **getattr(request, "param", {}))
    yield made
    made.host.kill()


@both_databases
@both_servers
def test_no_process_ties_answers_to_a_code_after_the_count(scene, server):
    scene.host.start(server)
    served = set(memory.tree(scene.host.process.pid)[1:])
    scene.answer_all()
    assert scene.fates == [303] * (MAILED + SLIPS)
    scene.wait_for_sharing()
    scene.close()
    scene.wait_for_replacement()
    wait_until(lambda: scene.registered() == WORKERS)
    certificate = scene.count()
    scene.wait_for_replacement()
    assert not served & set(memory.tree(scene.host.process.pid))
    assert (scene.linked(), scene.processes_with_a_key) == (NOBODY, 0)
    scene.further_requests(300)
    assert (scene.linked(), scene.processes_with_a_key) == (NOBODY, 0)
    assert len(certificate.processes) == WORKERS
    with scene.session() as session:
        assert processes.hosts_with_processes_running_since_count(session, certificate) == ()


@both_servers
def test_processes_that_are_being_replaced_are_replaced_again(scene, server):
    """A round may be counted as soon as it is closed, when the new processes are about to start."""
    scene.host.start(server)
    wait_until(lambda: scene.registered() == WORKERS)  # gunicorn listens before its workers have started
    scene.close()
    first = set(memory.tree(scene.host.process.pid)[1:])
    wait_until(lambda: set(memory.tree(scene.host.process.pid)[1:]) - first)
    certificate = scene.count()
    scene.wait_for_replacement()
    assert not first & set(memory.tree(scene.host.process.pid))
    with scene.session() as session:
        assert processes.hosts_with_processes_running_since_count(session, certificate) == ()


def test_the_attack_finds_a_key_that_a_process_still_holds(scene):
    """This process has the round's key and those of both hosts, and looks at itself."""
    regions = memory.read(os.getpid())
    assert scene.secrets
    assert all(memory.holds_any(regions, [secret]) for secret in scene.secrets)
    assert not memory.holds_any(regions, [os.urandom(32)])


@both_servers
@pytest.mark.parametrize("scene", [{"application": "tests.attacks.without_replacement"}], indirect=True)
def test_the_attack_ties_answers_to_codes_where_processes_are_not_replaced(scene, server):
    scene.host.start(server)
    scene.answer_all()
    scene.close()
    certificate = scene.count()
    found = scene.linked()
    assert found["mailed"] > 0
    assert found["slips"] > 0
    with scene.session() as session:
        assert processes.hosts_with_processes_running_since_count(
            session, certificate
        )  # and the certificate says that it is not done

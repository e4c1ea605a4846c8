"""A server on a host with another secret than its database goes with does not begin."""

from contextlib import suppress

import pytest

from app.config import ROOT
from app.services import secret_match
from app.store.database import database
from tests.hosts.servers import PATIENCE, Host
from tests.web.open_round import open_round

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("server", ["gunicorn", "granian"])
def test_a_server_with_another_secret_ends_with_one_clear_message(app, session, tmp_path, database_url, server):
    open_round(app, session, alder=24)
    session.commit()
    database.session.remove()
    host = Host(tmp_path / "stranger", database_url)
    host.instance.mkdir()
    (host.instance / "secret").write_bytes(b"a secret of some other installation")
    try:
        with suppress(AssertionError):  # it ended before it could be waited for
            host.start(server, workers=2)
        assert host.process.wait(PATIENCE) != 0
    finally:
        host.kill()
    told = host.log()
    assert f"{secret_match.MISMATCH_MESSAGE} {secret_match.REMEDY}" in told
    assert str(ROOT / "app") not in told  # no trace of ours; gunicorn leaves its own where two workers end at once
    assert "some other" not in told


def test_a_server_with_the_right_secret_begins(app, session, tmp_path, database_url):
    open_round(app, session, alder=24)
    session.commit()
    database.session.remove()
    host = Host(tmp_path, database_url)
    try:
        host.start(workers=1)
        assert secret_match.MISMATCH_MESSAGE not in host.log()
    finally:
        host.kill()

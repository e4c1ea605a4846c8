import socket
from datetime import UTC, datetime, timedelta

import flask_migrate
import pytest
from sqlalchemy import text

from app.cli.doctor.backups import check_backups, check_leftover_databases
from app.cli.doctor.database import check_database
from app.cli.doctor.environment import check_disk, check_mail, report_retention_periods
from app.cli.doctor.findings import Severity
from app.cli.doctor.installation import (
    check_questionnaires,
    check_secret_file_permissions,
    check_settings,
    check_time_zone,
)
from app.cli.doctor.sign_in import check_second_step_and_sso
from app.config import ROOT, load_settings
from app.factory import create_app
from app.store import clock_skew, jobs
from app.store.database import database
from tests.conftest import NOON
from tests.databases import fresh_postgresql
from tests.identity_provider import identity_provider
from tests.postgresql import own_server, run_sql


@pytest.fixture
def service_app(tmp_path):
    app = create_app(load_settings({}, instance=tmp_path / "installation"), clock=lambda: NOON)
    with app.app_context():
        flask_migrate.upgrade()
        yield app
        database.session.remove()
        database.engine.dispose()


def bad(check, settings):
    return [one for one in check(settings, NOON) if one.state is Severity.BAD]


def odd(check, settings):
    return [one.what for one in check(settings, NOON) if one.state is Severity.ODD]


def of(app):
    return app.extensions["voimavara"].settings


def test_a_new_installation_has_nothing_bad(service_app):
    said = service_app.test_cli_runner().invoke(args=["doctor"])
    assert said.exit_code == 0, said.output
    assert " 0 bad" in said.output
    assert "wellbeing.toml" in said.output


def test_a_database_behind_its_program_is_bad_and_the_remedy_is_named(service_app):
    flask_migrate.downgrade(revision="base")
    said = service_app.test_cli_runner().invoke(args=["doctor"])
    assert said.exit_code == 1
    assert "./run flask db upgrade" in said.output


def test_secrets_that_others_can_read_are_bad(service_app):
    (of(service_app).instance / "secret").chmod(0o644)
    found = bad(check_secret_file_permissions, of(service_app))
    assert [one.remedy for one in found] == [f"chmod 600 {of(service_app).instance / 'secret'}"]


@pytest.mark.parametrize(
    ("chosen", "word"),
    [
        ({"base_url": "http://survey.example"}, "without encryption"),
        ({"base_url": "https://survey.example"}, "Cookies"),
    ],
)
def test_a_public_address_needs_encryption(chosen, word, tmp_path):
    found = bad(check_settings, load_settings({}, instance=tmp_path, **chosen))
    assert len(found) == 1
    assert word in found[0].what


def test_a_clock_that_is_behind_the_jobs_is_bad(service_app):
    session = database.session()
    later = NOON.replace(year=2027)
    assert jobs.claim_slot(session, "x", slot=later, now=later)
    session.commit()
    assert any("yet to come" in one.what for one in bad(check_database, of(service_app)))


def test_jobs_that_were_never_done_may_be_a_service_that_was_started_just_now(service_app):
    found = {one.what: one.remedy for one in check_database(of(service_app), NOON) if one.state is Severity.ODD}
    (remedy,) = (found[what] for what in found if "any job yet" in what)
    assert "started just now, ask again" in remedy
    assert "JOBS = True" in remedy


def test_a_round_whose_key_is_elsewhere_is_named(service_app):
    assert not [one for one in check_database(of(service_app), NOON) if "key file" in one.what]
    with database.engine.begin() as connection:
        connection.execute(text(ROUND))
    assert [one for one in check_database(of(service_app), NOON) if "key file of round 1" in one.what]


ROUND = (
    "INSERT INTO round (id, title, kind, state, instrument, instrument_digest, key_mode, opens_at, closes_at, comments,"
    " by_group, k, rehearsed, drawn, cleaned) VALUES (1, 'R', 'survey', 'open', 'i', 'd', 'automatic',"
    " '2026-11-01 00:00:00', '2026-12-01 00:00:00', FALSE, FALSE, 10, FALSE, 0, FALSE)"
)


def test_a_questionnaire_with_a_fault_is_named(tmp_path):
    (tmp_path / "broken.toml").write_text("id = ")
    assert bad(check_questionnaires, load_settings({}, instance=tmp_path, surveys=tmp_path))
    assert not bad(check_questionnaires, load_settings({}, instance=tmp_path, surveys=ROOT / "surveys"))


def test_items_that_two_questionnaires_ask_under_other_lead_ins_are_named(tmp_path):
    for name in ("wellbeing", "pulse"):
        source = (ROOT / "surveys" / f"{name}.toml").read_text(encoding="utf-8")
        if name == "pulse":
            assert "Think of an ordinary working day." in source
            source = source.replace("Think of an ordinary working day.", "Think of the past month.")
        (tmp_path / f"{name}.toml").write_text(source, encoding="utf-8")
    found = list(check_questionnaires(load_settings({}, instance=tmp_path, surveys=tmp_path), datetime.now(UTC)))
    odd = [one.what for one in found if one.state is Severity.ODD]
    assert odd == ["pulse.toml and wellbeing.toml ask control_heard in the same words under other lead-ins."]


def test_two_versions_say_what_continues_and_neither_they_nor_their_pulses_are_odd(tmp_path):
    found = list(check_questionnaires(load_settings({}, instance=tmp_path), datetime.now(UTC)))
    assert [one.what for one in found if one.state is Severity.ODD] == []
    told = [one.what for one in found if "is another version of" in one.what]
    assert told == [
        "pulse_2026_2.toml (2026.2.2) is another version of pulse.toml (2026.2.1). Compared with each other: 7 items; "
        "scales pulse_control, pulse_demands, pulse_practices, pulse_wellbeing, noticed, helped. "
        "Beginning anew: pulse_support, pulse_leadership, pulse_recovery. "
        "Under other lead-ins, so not compared: leadership_acts.",
        "wellbeing_2026_2.toml (2026.2.2) is another version of wellbeing.toml (2026.1.1). Compared with each other: "
        "17 items; scales practices, wellbeing. "
        "Beginning anew: control, demands, skills, support, fairness, safety, leadership, recovery, followup. "
        "Under other lead-ins, so not compared: leadership_listens, leadership_acts.",
    ]


def test_a_pulse_under_the_lead_in_of_no_version_is_named_beside_both(tmp_path):
    for name in ("wellbeing", "wellbeing_2026_2", "pulse_2026_2"):
        source = (ROOT / "surveys" / f"{name}.toml").read_text(encoding="utf-8")
        if name == "pulse_2026_2":
            source = source.replace("Think of an ordinary working day.", "Think of the past month.")
        (tmp_path / f"{name}.toml").write_text(source, encoding="utf-8")
    found = list(check_questionnaires(load_settings({}, instance=tmp_path, surveys=tmp_path), datetime.now(UTC)))
    odd = [one.what for one in found if one.state is Severity.ODD]
    assert len(odd) == 2 and all("control_heard" in what for what in odd)


def test_a_mail_server_that_is_not_there_is_bad(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    found = bad(check_mail, load_settings({}, instance=tmp_path, smtp_url=f"smtp://127.0.0.1:{port}"))
    assert "does not answer" in found[0].what


def test_a_name_that_no_setting_has_is_named(tmp_path, monkeypatch):
    (tmp_path / "config.py").write_text("BASE_URI = 'https://x'\nCONTACT = 'x'\n")
    monkeypatch.setenv("VOIMAVARA_METRIC_TOKEN", "x")
    found = [one.what.split(" ")[0] for one in bad(check_settings, load_settings({}, instance=tmp_path))]
    assert found == ["BASE_URI", "VOIMAVARA_METRIC_TOKEN"]


@pytest.mark.parametrize(
    ("chosen", "word"), [({"default_language": "de"}, "no language"), ({"metrics_token": "short"}, "guessed")]
)
def test_a_setting_that_cannot_be_right_is_bad(chosen, word, tmp_path):
    assert word in bad(check_settings, load_settings({}, instance=tmp_path, **chosen))[0].what


@pytest.mark.parametrize("word", ["Europe/Helsinky", "../etc/passwd", ""])
def test_a_time_zone_that_is_not_there_is_bad(word, tmp_path):
    assert "not known" in bad(check_time_zone, load_settings({}, instance=tmp_path, time_zone=word))[0].what
    assert not bad(check_time_zone, load_settings({}, instance=tmp_path))


def test_a_key_that_others_can_read_is_bad(service_app):
    key = of(service_app).keys / "round-1-x.key"
    key.write_bytes(b"x")
    key.chmod(0o640)
    assert [one.remedy for one in bad(check_secret_file_permissions, of(service_app))] == [f"chmod 600 {key}"]


def test_a_database_of_a_newer_version_is_told_apart_from_an_older_one(service_app):
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "does not know" in bad(check_database, of(service_app))[0].what


def test_a_damaged_file_is_bad_and_a_backup_is_the_remedy(service_app):
    path = of(service_app).instance / "voimavara.db"
    database.session.remove()
    database.engine.dispose()
    content = bytearray(path.read_bytes())
    content[5000:9000] = b"x" * 4000
    path.write_bytes(content)
    assert "restore" in bad(check_database, of(service_app))[0].remedy


def test_work_that_is_overdue_is_named(service_app):
    with database.engine.begin() as connection:
        connection.execute(text(ROUND.replace("2026-12-01", "2026-11-02")))
    assert any("1 rounds should have" in one for one in odd(check_database, of(service_app)))


def test_backups_are_missed_when_there_are_none_or_old_ones(service_app):
    assert any("No backup was made" in one for one in odd(check_backups, of(service_app)))
    service_app.test_cli_runner().invoke(args=["backup"])
    assert not odd(check_backups, of(service_app))
    (made,) = of(service_app).backups.iterdir()
    public = load_settings({}, instance=of(service_app).instance, base_url="https://survey.example")
    assert any("lost together" in one for one in odd(check_backups, public))
    made.chmod(0o644)
    assert "can read" in bad(check_backups, of(service_app))[0].what
    made.rename(made.with_name("voimavara-20260901T000000Z.backup"))
    assert len(odd(check_backups, of(service_app))) == 2


def test_a_database_that_is_not_in_use_is_named(service_app, tmp_path):
    assert not odd(check_leftover_databases, of(service_app))
    (of(service_app).instance / "voimavara.db.damaged-1").write_bytes(b"x")
    assert len(odd(check_leftover_databases, of(service_app))) == 1
    elsewhere = load_settings({}, instance=of(service_app).instance, database_url="postgresql+psycopg://x@127.0.0.1/x")
    assert any("voimavara.db is" in one for one in odd(check_leftover_databases, elsewhere))


def test_too_little_room_is_bad(service_app, monkeypatch):
    monkeypatch.setattr("app.cli.doctor.environment.ROOM", 0)
    assert not bad(check_disk, of(service_app))
    monkeypatch.setattr("app.cli.doctor.environment.ROOM", 2**80)
    assert "Make room" in bad(check_disk, of(service_app))[0].remedy


def test_a_mail_address_that_cannot_be_read_is_bad(tmp_path):
    assert "cannot be read" in bad(check_mail, load_settings({}, instance=tmp_path, smtp_url="mail.example"))[0].what


def test_what_goes_by_itself_is_said_with_the_spans_of_the_settings(tmp_path):
    (found,) = report_retention_periods(load_settings({}, instance=tmp_path, audit_days=90, backup_days=14), NOON)
    assert "audit log and closed accounts: 90 days" in found.what
    assert "backups: 14 days" in found.what


@pytest.mark.parametrize("written", ["many", "0", "-3"])
def test_a_span_that_is_none_is_refused(written, tmp_path):
    with pytest.raises(ValueError, match="AUDIT_DAYS must be"):
        load_settings({"VOIMAVARA_AUDIT_DAYS": written}, instance=tmp_path)


@pytest.mark.postgresql
def test_postgresql_is_looked_at_as_well(tmp_path, empty_postgresql, monkeypatch):
    now = datetime.now(UTC)
    app = create_app(load_settings({}, instance=tmp_path / "pg", database_url=empty_postgresql), clock=lambda: now)
    with app.app_context():
        flask_migrate.upgrade()
        found = list(check_database(of(app), now))
        assert not [one for one in found if one.state is Severity.BAD]
        assert any("clock agrees" in one.what for one in found)
        monkeypatch.setattr(clock_skew, "host_now", lambda: now + timedelta(minutes=2))
        later = list(check_database(of(app), now))
        assert any("seconds ahead of" in one.what for one in later if one.state is Severity.BAD)
        database.session.remove()
        database.engine.dispose()


@pytest.mark.postgresql
@pytest.mark.parametrize("chosen", ["log_statement = 'mod'", "log_min_duration_statement = 0", "log_duration = on"])
def test_a_server_that_writes_down_when_people_answer_is_bad(tmp_path, empty_postgresql, chosen):
    name = empty_postgresql.rpartition("/")[2]
    app = create_app(load_settings({}, instance=tmp_path / "pg", database_url=empty_postgresql))
    with app.app_context():
        flask_migrate.upgrade()
        database.session.remove()
        database.engine.dispose()
        run_sql(empty_postgresql, f'ALTER DATABASE "{name}" SET {chosen}')
        found = list(check_database(of(app), datetime.now(UTC)))
        database.session.remove()
        database.engine.dispose()
    (written,) = (one for one in found if one.state is Severity.BAD)
    assert "moments at which people answer" in written.what


@pytest.mark.postgresql
@pytest.mark.parametrize(("recycling", "is_named"), [("on", True), ("off", False)])
def test_a_server_that_keeps_old_logs_to_write_over_them_is_named(tmp_path, recycling, is_named):
    with own_server(f"wal_recycle={recycling}") as server, fresh_postgresql(server, None) as url:
        app = create_app(load_settings({}, instance=tmp_path / "pg", database_url=url))
        with app.app_context():
            flask_migrate.upgrade()
            found = list(check_database(of(app), datetime.now(UTC)))
            database.session.remove()
            database.engine.dispose()
    assert any("Spent codes and addresses" in one.what for one in found) is is_named


WHOLE = {"oidc_client_id": "voimavara", "oidc_client_secret": "x"}


@pytest.mark.parametrize(
    ("chosen", "word"),
    [
        ({"oidc_issuer": "https://id.example"}, "OIDC_CLIENT_ID is empty"),
        ({"oidc_client_secret": "x"}, "OIDC_ISSUER is empty"),
        (WHOLE | {"oidc_issuer": "http://id.example"}, "without encryption"),
    ],
)
def test_a_faulty_setting_of_single_sign_on_is_named_with_its_remedy(chosen, word, tmp_path):
    found = bad(check_second_step_and_sso, load_settings({}, instance=tmp_path, **chosen))
    assert word in " ".join(one.what for one in found)
    assert all(one.remedy for one in found)


def test_the_identity_provider_is_greeted(tmp_path):
    with identity_provider() as running:

        def found(issuer=running.issuer):
            return list(
                check_second_step_and_sso(load_settings({}, instance=tmp_path, oidc_issuer=issuer, **WHOLE), NOON)
            )[-1]

        assert found().state is Severity.GOOD
        assert "/staff/provider/back" in found().what
        assert "exactly as the provider does" in found(f"{running.issuer}/").remedy
        running.lie(metadata={"id_token_signing_alg_values_supported": ["HS256"]})
        assert "signs with none" in found().what
    assert found().state is Severity.BAD


def test_signing_in_without_a_second_step_is_worth_a_look(tmp_path):
    (odd,) = check_second_step_and_sso(load_settings({}, instance=tmp_path), NOON)
    assert "SECOND_STEP_REQUIRED" in odd.remedy
    assert list(check_second_step_and_sso(load_settings({}, instance=tmp_path, second_step_required=True), NOON)) == []

"""What deploy/ holds fits together: every file named is there, nobody is root, nothing secret is written down."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest
import yaml
from sqlalchemy.engine import make_url

from app.config import ROOT, VERSION, Settings
from tests.postgresql import binaries, own_server

DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICE_UNITS = [path for path in UNITS if path.suffix == ".service"]
ANALYZE = shutil.which("systemd-analyze")
NOT_OURS = {"certificates", "secrets"}  # made by whoever installs, never kept in the repository


def name(path):
    return path.name


def settings_named(text):
    return set(re.findall(r"VOIMAVARA_([A-Z_]+?)(?:_FILE)?(?=[=:\s])", text))


@pytest.mark.parametrize(
    "path", [*UNITS, DEPLOY / "compose.yaml", DEPLOY / "Dockerfile", DEPLOY / "nginx.conf"], ids=name
)
def test_only_settings_that_exist_are_set(path):
    known = {field.upper() for field in Settings.__dataclass_fields__}
    assert settings_named(path.read_text(encoding="utf-8")) <= known


def copied():
    lines = [line.split()[1:] for line in DOCKERFILE.splitlines() if line.startswith("COPY") and "--from" not in line]
    return {source for *sources, _ in lines for source in sources}


def test_the_image_holds_what_is_needed_and_nothing_of_an_installation():
    assert {"app", "migrations", "surveys", "requirements.txt", "deploy/gunicorn.conf.py"} == copied()
    assert all((ROOT / source).exists() for source in copied())
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in ignored if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule.removeprefix("!") for rule in rules if rule.startswith("!")} == copied()


def test_the_image_runs_as_nobody_of_importance_and_tells_how_it_is():
    assert re.search(r"^USER (?!0|root)\d+:\d+$", DOCKERFILE, re.MULTILINE)
    last = DOCKERFILE[DOCKERFILE.rindex("\nFROM") :]
    assert last.index("USER ") > last.index("COPY app")
    assert "HEALTHCHECK" in last
    assert "/readyz" in last
    assert "--require-hashes" in DOCKERFILE
    assert not re.search(r"^(ARG|ENV).*(SECRET|PASSWORD|TOKEN|KEY)", DOCKERFILE, re.MULTILINE)
    assert re.search(r"^ARG PYTHON_IMAGE=\S+:\S+$", DOCKERFILE, re.MULTILINE)
    assert {line.split()[1] for line in DOCKERFILE.splitlines() if line.startswith("FROM")} == {"${PYTHON_IMAGE}"}


def test_the_image_states_version_and_licence():
    assert f'image.version="{VERSION}"' in DOCKERFILE
    assert 'image.licenses="EUPL-1.2"' in DOCKERFILE


def places():
    for service, content in SERVICES.items():
        for volume in content.get("volumes", ()):
            yield service, volume.split(":")[0]


def test_every_file_of_the_compose_file_is_there_and_every_volume_declared():
    for service, place in places():
        if place.startswith("."):
            assert place.split("/")[1] in NOT_OURS or (DEPLOY / place).exists(), f"{service}: {place}"
        else:
            assert place in COMPOSE["volumes"], f"{service}: {place}"
    for content in SERVICES.values():
        assert set(content.get("secrets", ())) <= set(COMPOSE["secrets"])
        assert set(content.get("networks", ())) <= set(COMPOSE["networks"])
        assert set(content.get("depends_on", ())) <= set(SERVICES)
    builds = {content["build"]["dockerfile"] for content in SERVICES.values() if "build" in content}
    assert all((ROOT / path).exists() for path in builds)


def test_services_that_stay_are_watched_and_start_in_order():
    for service in ("database", "proxy"):
        assert SERVICES[service]["healthcheck"]["test"]
    assert SERVICES["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    for service in ("web", "backup"):
        assert SERVICES[service]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert SERVICES["proxy"]["depends_on"] == {"web": {"condition": "service_healthy"}}


def test_no_secret_is_written_in_the_compose_file():
    for content in SERVICES.values():
        for variable, value in content.get("environment", {}).items():
            assert not re.search("PASSWORD|SECRET|TOKEN|DATABASE_URL|SMTP_URL", variable) or (
                variable.endswith("_FILE") and value.startswith("/run/secrets/")
            ), variable
    assert not re.search(r"://\w+:(?!THAT-PASSWORD)\w+@", (DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def test_containers_have_no_more_than_they_need():
    for service in ("migrate", "web", "backup"):
        assert SERVICES[service]["read_only"] is True
        assert SERVICES[service]["cap_drop"] == ["ALL"]
    for service in ("migrate", "web", "backup", "proxy"):
        assert "no-new-privileges:true" in SERVICES[service]["security_opt"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    open_to_the_world = {service: content["ports"] for service, content in SERVICES.items() if "ports" in content}
    assert open_to_the_world == {"proxy": ["80:80", "443:443"]}
    assert not [content for content in SERVICES.values() if "network_mode" in content]
    assert SERVICES["database"]["networks"] == ["inside"]
    assert all(content["mem_limit"] for content in SERVICES.values())
    assert not [content for content in SERVICES.values() if content.get("privileged")]


def test_the_proxy_finds_the_service_by_its_name():
    (_shell, _option, command) = SERVICES["proxy"]["command"]
    example, changed = re.search("s/([^/]+)/([^/]+)/", command).groups()
    assert (DEPLOY / "nginx.conf").read_text(encoding="utf-8").count(example) == 1
    assert "server web:5000 resolve;" in changed
    assert SERVICES["web"]["environment"]["BIND"] == "0.0.0.0:5000"
    mounted = {place.split(":")[1] for place in SERVICES["proxy"]["volumes"]}
    assert "/etc/nginx/voimavara.conf" in command and "/etc/nginx/voimavara.conf" in mounted


def test_the_service_is_no_superuser_of_its_database(tmp_path):
    with own_server() as url:
        address = make_url(url)
        word = tmp_path / "database_password"
        word.write_text("a'b\\c d\n", encoding="utf-8")
        environment = {
            **os.environ,
            "PATH": f"{binaries()}:{os.environ['PATH']}",
            "PGHOST": address.host,
            "PGPORT": str(address.port),
            "POSTGRES_USER": address.username,
            "DATABASE_PASSWORD_FILE": str(word),
        }
        done = subprocess.run([DEPLOY / "create-database.sh"], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        service = address.set(username="voimavara", database="voimavara")
        with psycopg.connect(service.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
            connection.autocommit = True
            row = connection.execute(
                "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            assert row == (False, False, False)
            connection.execute("CREATE TABLE own (number int)")
            connection.execute("CHECKPOINT")
            connection.execute("SELECT pg_switch_wal()")
    assert SERVICES["database"]["environment"].keys() == {"POSTGRES_PASSWORD_FILE"}
    assert "./create-database.sh" in {place for _service, place in places()}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The units, with programs at their places: a folder stands for /srv/voimavara."""
    folder = tmp_path_factory.mktemp("systemd")
    programs = folder / "opt" / ".venv" / "bin"
    programs.mkdir(parents=True)
    for program in ("gunicorn", "flask"):
        (programs / program).symlink_to("/bin/true")
    for path in UNITS:
        text = path.read_text(encoding="utf-8").replace("/srv/voimavara", str(folder / "opt"))
        (folder / path.name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze here: apt install systemd")
def test_systemd_understands_every_line(installed):
    units = [str(installed / path.name) for path in UNITS]
    told = subprocess.run([ANALYZE, "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    ours = [line for line in (told.stdout + told.stderr).splitlines() if "voimavara" in line]
    assert not ours, ours


@pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze here: apt install systemd")
@pytest.mark.parametrize("broken", [("ProtectSystem=strict", "ProtectSystm=strict"), ("/bin/gunicorn", "/bin/gone")])
def test_the_check_of_the_units_would_find_a_slip_of_the_pen(installed, tmp_path, broken):
    text = (installed / "voimavara.service").read_text(encoding="utf-8")
    path = tmp_path / "voimavara.service"
    path.write_text(text.replace(*broken), encoding="utf-8")
    told = subprocess.run([ANALYZE, "verify", "--man=no", str(path)], capture_output=True, text=True, check=False)
    assert "voimavara" in told.stdout + told.stderr


@pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze here: apt install systemd")
@pytest.mark.parametrize("path", SERVICE_UNITS, ids=name)
def test_a_service_is_shut_in(installed, path):
    arguments = ["security", "--offline=yes", "--threshold=20", str(installed / path.name)]
    told = subprocess.run([ANALYZE, *arguments], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout[-300:]


@pytest.mark.parametrize("path", SERVICE_UNITS, ids=name)
def test_a_unit_names_what_the_repository_holds_and_runs_as_its_own_account(path):
    text = path.read_text(encoding="utf-8")
    assert "User=voimavara" in text
    assert "UMask=0077" in text
    for word in re.findall(r"--config (\S+)", text):
        assert (ROOT / word).exists()
    assert not re.search(r"^Environment=.*(SECRET|PASSWORD|_URL)", text, re.MULTILINE)


def test_every_timer_has_its_service():
    for path in UNITS:
        if path.suffix == ".timer":
            assert path.with_suffix(".service").exists()


def test_the_pages_of_the_server_in_front_differ_in_nothing_but_their_words():
    resting, large = ((DEPLOY / page).read_text(encoding="utf-8") for page in ("resting.html", "too-large.html"))
    words = re.compile(r"<(title|h1|p)>[^<]+</\1>")
    assert len(words.findall(resting)) == len(words.findall(large)) == 1 + 3 * 3
    assert words.sub(r"<\1/>", resting) == words.sub(r"<\1/>", large)


@pytest.mark.parametrize("page", ["resting.html", "too-large.html"])
def test_a_page_of_the_server_in_front_is_whole_by_itself_and_in_three_languages(page):
    text = (DEPLOY / page).read_text(encoding="utf-8")
    assert [f'<section lang="{one}">' in text for one in ("fi", "sv", "en")] == [True] * 3
    assert not re.search(r"https?:|src=|href=|url\(", text)


def test_every_page_that_nginx_shows_is_mounted_where_it_looks():
    shown = re.findall(r"alias (\S+);", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
    mounted = {place.split(":")[1] for place in SERVICES["proxy"]["volumes"]}
    assert len(shown) == 2
    assert set(shown) <= mounted


def test_nothing_in_the_folder_is_left_out_of_these_checks():
    known = {
        "README.md",
        "compose.yaml",
        "create-database.sh",
        "Dockerfile",
        "Dockerfile.dockerignore",
        "nginx.conf",
        "gunicorn.conf.py",
        "resting.html",
        "too-large.html",
        "monitoring/alerts.yaml",
        "monitoring/dashboard.json",
    }
    found = {str(path.relative_to(DEPLOY)) for path in DEPLOY.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert {path for path in found if not path.startswith("systemd/")} == known, Path(DEPLOY)


@pytest.mark.parametrize("unit", SERVICE_UNITS, ids=name)
def test_no_unit_leaves_memory_in_a_core_file_or_in_swap(unit):
    lines = unit.read_text(encoding="utf-8").splitlines()
    assert {"LimitCORE=0", "MemorySwapMax=0"} <= set(lines)


def test_no_container_leaves_memory_in_a_core_file_and_ours_may_lock_theirs():
    assert all(content["ulimits"]["core"] == 0 for content in SERVICES.values())
    ours = [content for content in SERVICES.values() if content.get("image") == "voimavara"]
    assert len(ours) == 3
    assert all(content["ulimits"]["memlock"] == -1 for content in ours)


def test_granian_replaces_workers_without_a_gap_and_waits_for_none_for_ever():
    started = (ROOT / "run").read_text(encoding="utf-8")
    assert "--respawn-interval 15 --workers-kill-timeout 30" in started
    assert '"--respawn-interval", "15", "--workers-kill-timeout", "30"' in (
        ROOT / "tests" / "hosts" / "servers.py"
    ).read_text(encoding="utf-8")


def test_no_start_by_hand_leaves_memory_in_a_core_file():
    assert "ulimit -c 0" in (ROOT / "run").read_text(encoding="utf-8")
    assert "RLIMIT_CORE, (0," in (DEPLOY / "gunicorn.conf.py").read_text(encoding="utf-8")

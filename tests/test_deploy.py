"""The files of `deploy/` and the page about them name what exists: settings, commands, paths."""

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from api.cli import app
from ingest.settings import Settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
PAGE = ROOT / "docs" / "deploy.md"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
UNITS = sorted((DEPLOY / "systemd").iterdir())
PROGRAM = "/opt/verbatim/current/bin/verbatim"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def compose(name: str = "compose.yaml") -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text("utf-8"))
    return parsed


@pytest.mark.parametrize("path", [*FILES, PAGE, ROOT / "SECURITY.md"], ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    known = {f"VERBATIM_{name.upper()}" for name in Settings.model_fields}
    commands = typer.main.get_command(app).commands.values()  # type: ignore[attr-defined]
    known |= {str(option.envvar) for one in commands for option in one.params if option.envvar}
    named = set(re.findall(r"VERBATIM_[A-Z_]*[A-Z]", path.read_text("utf-8")))
    assert named <= known


def test_the_settings_that_are_offered_are_accepted(tmp_path: Path) -> None:
    offered = (DEPLOY / "verbatim.env.example").read_text("utf-8")
    env = tmp_path / "env"
    env.write_text(re.sub(r"(?m)^#(?=VERBATIM_)", "", offered), "utf-8")
    settings = Settings(_env_file=env)
    assert settings.address == "https://seances.exemple.ch"
    assert settings.colour == "#9b1c31"  # a value that begins like a comment


def test_what_the_page_installs_is_what_is_tested() -> None:
    extras, page = PROJECT["project"]["optional-dependencies"], PAGE.read_text("utf-8")
    (driver,), (store,) = extras["postgres"], extras["s3"]
    assert f"pip install '{driver}'" in page and f"pip install {store}" in page
    assert {driver, store} <= set(extras["dev"])


def test_compose_runs_this_release_as_server_worker_proxy_and_backup() -> None:
    services = compose()["services"]
    assert set(services) == {"server", "worker", "proxy", "backup"}
    images = {services[name]["image"] for name in ("server", "worker", "backup")}
    assert images == {f"verbatim:{PROJECT['project']['version']}"}


@pytest.mark.parametrize("name", ["server", "worker", "proxy", "backup"])
def test_each_container_is_limited_and_writes_to_its_volumes_alone(name: str) -> None:
    service = compose()["services"][name]
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(service[limit] for limit in ("mem_limit", "cpus", "pids_limit"))


def test_several_machines_are_containers_of_this_release_too() -> None:
    services = compose("compose.cluster.yaml")["services"]
    ours = {name for name, one in services.items() if one["image"].startswith("verbatim:")}
    assert ours == {"server-1", "server-2", "worker-1", "worker-2", "backup"}
    assert {services[name]["image"] for name in ours} == {
        f"verbatim:{PROJECT['project']['version']}"
    }
    assert f"chromadb/chroma:{_pinned('chromadb')}" == services["chroma"]["image"]
    for one in services.values():
        assert one["read_only"] and one["cap_drop"] == ["ALL"]
        assert all(one[limit] for limit in ("mem_limit", "cpus", "pids_limit"))
    for name in ours:
        given = services[name]["environment"]
        given = {key: given[key] for key in given if key.startswith("VERBATIM_")}
        Settings(
            _env_file=None, **{k.removeprefix("VERBATIM_").lower(): v for k, v in given.items()}
        )


def _pinned(package: str) -> str:
    (line,) = (one for one in PROJECT["project"]["dependencies"] if one.startswith(f"{package}=="))
    return str(line.partition("==")[2])


@pytest.mark.parametrize("name", ["compose.yaml", "compose.cluster.yaml"])
def test_the_server_believes_only_the_network_in_which_the_proxy_is(name: str) -> None:
    parsed = compose(name)
    inside = parsed["networks"]["inside"]
    [network] = inside["ipam"]["config"]
    assert inside["internal"]
    servers = [one for name, one in parsed["services"].items() if name.startswith("server")]
    for server in servers:
        assert "outside" not in server["networks"]
        assert server["environment"]["VERBATIM_PROXIES"] == network["subnet"]
    with_it = {
        name for name, one in parsed["services"].items() if "inside" in one.get("networks", ())
    }
    assert len(with_it) == len(servers) + 1  # the proxy


# --- many cities --------------------------------------------------------------------------------


def _city(folder: Path, name: str, port: int, **more: str) -> None:
    given = {
        "VERBATIM_ADDRESS": f"https://seances.{name}.ch",
        "VERBATIM_PORT": str(port),
        "VERBATIM_DATA": f"/var/lib/verbatim/{name}",
        "VERBATIM_CHROMA": "embedded",
    } | more
    (folder / name).mkdir()
    lines = "".join(f"{key}={value}\n" for key, value in given.items())
    (folder / name / ".env").write_text(lines, "utf-8")


def _configured(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(DEPLOY / "cities.py"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_each_citys_name_leads_to_its_own_server(tmp_path: Path) -> None:
    _city(tmp_path, "rivemont", 8101)
    _city(tmp_path, "valbourg", 8102)
    made = _configured(tmp_path).stdout
    for name, port in (("rivemont", 8101), ("valbourg", 8102)):
        assert f"    seances.{name}.ch 127.0.0.1:{port};" in made
    assert "seances.exemple.ch" not in made and "http://verbatim;" not in made
    assert made.count("proxy_pass http://$verbatim_city;") == 2 and "return 421;" in made


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VERBATIM_PORT", "8101"),
        ("VERBATIM_DATA", "/var/lib/verbatim/rivemont/"),
        ("VERBATIM_DATABASE", "postgresql+psycopg://a@/verbatim"),
        ("VERBATIM_MEDIA", "s3://son/seances"),
        ("VERBATIM_CHROMA", "http://chroma:8000/rivemont"),
    ],
)
def test_cities_that_share_what_is_ones_own_are_refused(
    tmp_path: Path, name: str, value: str
) -> None:
    _city(tmp_path, "rivemont", 8101, **{name: value.rstrip("/")})
    _city(tmp_path, "valbourg", 8102, **{name: value})
    refused = _configured(tmp_path)
    assert refused.returncode == 1 and f"have the same {name}" in refused.stderr
    assert refused.stdout == ""


def test_the_image_is_made_of_all_packages_and_of_files_that_exist() -> None:
    lines = (DEPLOY / "Dockerfile").read_text("utf-8").splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ")]
    sources = {name for names in copied for name in names if not name.startswith("-")}
    sources -= {"/opt/verbatim"}  # from the first stage
    packages = {
        part.rstrip("*") for part in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    }
    assert packages <= sources
    assert [name for name in sources if not (ROOT / name).exists()] == []
    let_in = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert {f"!{name}" for name in sources} <= set(let_in)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text("utf-8").replace(PROGRAM, sys.executable)
        text = text.replace("/opt/verbatim/current/deploy/backup.sh", str(DEPLOY / "backup.sh"))
        (tmp_path / unit.name).write_text(text, "utf-8")
    names = [str(path) for path in sorted(tmp_path.iterdir())]
    done = subprocess.run(
        ["systemd-analyze", "verify", *names],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", [*FILES, PAGE], ids=lambda path: path.name)
def test_every_command_that_is_named_exists(path: Path) -> None:
    root = typer.main.get_command(app)
    known = set(root.commands)  # type: ignore[attr-defined]
    text = path.read_text("utf-8").replace('"verbatim", "', "verbatim ")
    called = re.findall(r"(?<!-u )\bverbatim ([a-z]+)(?=[\s`\"]|$)", text, re.MULTILINE)
    assert set(called) <= known


def test_every_file_that_the_page_names_exists() -> None:
    named = re.findall(r"\b(?:deploy|ingest|tests|docs)/[\w./-]*\w", PAGE.read_text("utf-8"))
    made_by_the_city = {"deploy/verbatim.env", "deploy/backups", "deploy/.env"}
    assert [name for name in set(named) - made_by_the_city if not (ROOT / name).exists()] == []


@pytest.fixture
def backup(tmp_path: Path) -> dict[str, str]:
    """The environment in which `backup.sh` saves an archive of a city's."""
    command = tmp_path / "verbatim"
    command.write_text(f"#!{sys.executable}\nfrom api.cli import main\nmain()\n", "utf-8")
    command.chmod(0o755)
    (tmp_path / "backups").mkdir()
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "VERBATIM_DATA": str(tmp_path / "data"),
        "BACKUP_COMMAND": str(command),
        "BACKUP_DIR": str(tmp_path / "backups"),
        "BACKUP_KEEP_DAYS": "7",
    }


def old(folder: Path, name: str, days: int) -> Path:
    path = folder / name
    path.touch()
    os.utime(path, (time.time() - days * 86_400,) * 2)
    return path


def test_old_backups_go_once_a_new_one_is_whole(backup: dict[str, str]) -> None:
    folder = Path(backup["BACKUP_DIR"])
    gone = old(folder, "verbatim-20260101T023000Z.tar", 9)
    torn = old(folder, "verbatim-20260102T023000Z.tar.inachevée", 2)
    kept = old(folder, "verbatim-20260103T023000Z.tar", 5)
    others = old(folder, "notes.tar", 99)
    proof = old(folder, f"{gone.name}.sha256", 9)
    subprocess.run([DEPLOY / "backup.sh"], env=backup, check=True)
    assert not any(path.exists() for path in (gone, torn, proof))
    assert kept.exists() and others.exists()
    assert len(list(folder.glob("verbatim-*.tar"))) == 2


def test_a_backup_that_fails_removes_nothing(backup: dict[str, str]) -> None:
    kept = old(Path(backup["BACKUP_DIR"]), "verbatim-20260101T023000Z.tar", 9)
    failing = subprocess.run(
        [DEPLOY / "backup.sh"], env=backup | {"BACKUP_COMMAND": "false"}, check=False
    )
    assert failing.returncode != 0 and kept.exists()


def test_the_name_that_a_setting_had_before_keeps_working(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings(_env_file=None).chroma == "embedded"
    monkeypatch.setenv("VERBATIM_VECTORS", "memory")
    assert Settings(_env_file=None).chroma == "off"
    monkeypatch.setenv("VERBATIM_CHROMA", "http://chroma:8000")
    assert Settings(_env_file=None).chroma == "http://chroma:8000"

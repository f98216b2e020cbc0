"""What one deploys with says what the product knows: settings, figures, addresses; and may do little."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sghss_graphql.machinery.database.binaries import MySql
from sghss_graphql.settings import Settings
from tests.grupo.nos import GrupoDoMySQL

ROOT = Path(__file__).parents[1]
IMPLANTAR = sorted(path for path in (ROOT / "implantar").iterdir() if path.is_file())
OPERAR = ROOT / "docs/operar"
_OF_COMPOSE = {"SGHSS_DB_PASSWORD", "SGHSS_DB_ROOT"}
_SUFFIXES = ("_total", "_bucket", "_sum", "_count")


def _names_of_metrics() -> set[str]:
    """Give the names that the product tells of."""
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "sghss_graphql").rglob("*.py"))
    return set(re.findall(r'"(sghss_[a-z_]+)"', source))


def unknown_metrics(text: str) -> set[str]:
    """Give the figures that a text names and the product doesn't tell."""
    known = _names_of_metrics()
    found = set(re.findall(r"\bsghss_[a-z_]+", text))
    return {name for name in found if name not in known and not any(name.removesuffix(s) in known for s in _SUFFIXES)}


@pytest.mark.parametrize("path", [OPERAR / "alertas.yml", OPERAR / "grafana.json"], ids=lambda path: path.name)
def test_what_watches_asks_for_figures_that_there_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(re.findall(r"\bsghss_", text)) > 5
    assert unknown_metrics(text) == set()


def test_the_check_for_figures_sees_one_that_there_isnt() -> None:
    assert unknown_metrics("rate(sghss_requests_total[1m]) + sghss_nada") == {"sghss_nada"}


def test_the_dashboard_is_one() -> None:
    painel = json.loads((OPERAR / "grafana.json").read_text(encoding="utf-8"))
    ids = [panel["id"] for panel in painel["panels"]]
    assert len(ids) == len(set(ids)) >= 8
    assert all(target["expr"] for panel in painel["panels"] for target in panel["targets"])


@pytest.mark.parametrize("path", IMPLANTAR, ids=lambda path: path.name)
def test_every_setting_that_is_named_is_one(path: Path) -> None:
    known = {f"SGHSS_{name.upper()}" for name in Settings.model_fields} | _OF_COMPOSE
    assert set(re.findall(r"\bSGHSS_[A-Z_]+\b", path.read_text(encoding="utf-8"))) <= known


def test_the_image_runs_as_nobody_in_particular_and_says_whether_it_is_ready() -> None:
    steps = (ROOT / "implantar/Dockerfile").read_text(encoding="utf-8")
    last = steps[steps.rindex("FROM ") :]
    assert last.index("USER sghss") < last.index("ENTRYPOINT")
    assert "/readyz" in last
    assert "--require-hashes" in steps
    assert not re.search(r"SECRET|PASSWORD", steps)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".sghss", ".venv"} <= set(ignored)


@pytest.mark.parametrize("name", ["sghss.service", "sghss-backup.service"])
def test_a_unit_may_do_little(name: str) -> None:
    unit = (ROOT / "implantar" / name).read_text(encoding="utf-8")
    for line in ("DynamicUser=yes", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=\n"):
        assert line in unit
    if shutil.which("systemd-analyze"):
        told = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--threshold=30", str(ROOT / "implantar" / name)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, told.stdout[-500:]


def test_a_proxy_replaces_whom_it_speaks_for() -> None:
    """What a stranger wrote there is never passed on: it would be believed."""
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in (ROOT / "implantar/nginx.conf").read_text()
    assert "header_up X-Forwarded-For {remote_host}" in (ROOT / "implantar/Caddyfile").read_text()


def test_the_group_that_the_docs_describe_is_the_one_that_is_tried(tmp_path: Path) -> None:
    """Each line of its my.cnf, but for names and addresses, is on the command line of ``make test-cluster``."""
    (ini,) = re.findall(r"```ini\n(.*?)```", (OPERAR / "grupo.md").read_text(encoding="utf-8"), re.DOTALL)
    written = dict(line.split(" = ") for line in ini.strip().splitlines())
    options = GrupoDoMySQL(tmp_path, MySql("mysqld")).opcoes(0)
    tried = dict(option.removeprefix("--").replace("-", "_").partition("=")[::2] for option in options)
    of_a_place = {"server_id", "loose_group_replication_local_address", "loose_group_replication_group_seeds"}
    values = {name: value.replace("-", "_") for name, value in written.items() if name not in of_a_place}
    assert len(values) > 6
    assert {name: tried.get(name, "").replace("-", "_") for name in values} == values

"""A wheel takes what reads rows along, compiled, where it can be, and goes without it elsewhere."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sghss_graphql.machinery.database.compiled import NAME, can_compile

ROOT = Path(__file__).parents[1]


@pytest.fixture
def hook(tmp_path: Path) -> Any:
    """The hook of a wheel, with a folder for what it makes; what it warns of is in ``app.warned``."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    warned: list[str] = []
    app: Any = SimpleNamespace(warned=warned, display_warning=warned.append)
    made: Any = module.PageHook(str(ROOT), {}, None, None, str(tmp_path), "wheel", app)
    made._folder = SimpleNamespace(name=str(tmp_path))  # noqa: SLF001 - what initialize gives it
    return made


@pytest.mark.skipif(not can_compile(), reason="there is no C compiler, or no headers of Python's")
def test_it_is_compiled_where_it_can_be(hook: Any, tmp_path: Path) -> None:
    assert hook._rows() == tmp_path / f"{NAME}.abi3.so"  # noqa: SLF001 - initialize builds the page, too
    assert hook.app.warned == []


@pytest.mark.parametrize(("compiler", "warnings"), [("#!/bin/sh\necho não >&2\nexit 1\n", 1), (None, 0)])
def test_a_compiler_that_fails_or_isnt_there_stops_nothing(
    hook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiler: str | None, warnings: int
) -> None:
    programs = tmp_path / "programas"
    programs.mkdir()
    if compiler is not None:
        if not can_compile():
            pytest.skip("there are no headers of Python's")
        (programs / "cc").write_text(compiler)
        (programs / "cc").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    assert hook._rows() is None  # noqa: SLF001 - as above
    assert len(hook.app.warned) == warnings
    assert not list(tmp_path.glob("*.so*"))

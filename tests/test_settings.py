"""Settings: read, checked, and refused in words that name the variable and quote nothing."""

from pathlib import Path

import pytest

from sghss_graphql.settings import PREFIX, ConfiguracaoInvalida, Settings, read_settings, settings_table

PAGE = (Path(__file__).parents[1] / "docs/configuracao.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SGHSS_PORT", "muito"),
        ("SGHSS_PORT", "70000"),
        ("SGHSS_BCRYPT_COST", "2"),
        ("SGHSS_JWT_SECRET", "curto-segredo"),
        ("SGHSS_DATABASE_URL", "postgres://ana:segredo@x/y"),
        ("SGHSS_DATABASE_URL", "mysql://ana:segredo@x"),
        ("SGHSS_CORS_ORIGINS", "*"),
        ("SGHSS_INTROSPECTION", "talvez"),
        ("SGHSS_DEADLINE_SECONDS", "0"),
    ],
)
def test_a_wrong_setting_is_named_and_not_quoted(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfiguracaoInvalida) as error:
        read_settings()
    assert name in str(error.value)
    assert "segredo@" not in str(error.value)
    assert "curto" not in str(error.value)
    assert "Input" not in str(error.value)


def test_what_is_missing_is_said_when_it_is_needed() -> None:
    settings = read_settings()
    with pytest.raises(ConfiguracaoInvalida, match="SGHSS_DATABASE_URL"):
        _ = settings.app_database
    with pytest.raises(ConfiguracaoInvalida, match="SGHSS_JWT_SECRET"):
        _ = settings.keys


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGHSS_CORS_ORIGINS", "https://a.br, https://b.br")
    assert read_settings().cors_origins == ("https://a.br", "https://b.br")


def test_the_migrating_user_is_the_applications_unless_named() -> None:
    um = read_settings(database_url="mysql://app:x@localhost/h")
    assert um.owner_database == um.app_database
    dois = read_settings(database_url="mysql://app:x@localhost/h", migrate_database_url="mysql://dono:y@localhost/h")
    assert dois.owner_database.user == "dono"


def test_secrets_are_not_shown() -> None:
    settings = read_settings(jwt_secret="um segredo de mais de trinta e dois bytes")  # noqa: S106 - not one
    assert "um segredo" not in repr(settings)


def test_every_setting_is_in_the_docs() -> None:
    assert settings_table() in PAGE, "run: make docs"


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("SGHSS_POOLSIZE", "quis dizer SGHSS_POOL_SIZE?"),
        ("SGHSS_JWT_SECRETO", "quis dizer SGHSS_JWT_SECRET?"),
        ("sghss_prt", "quis dizer SGHSS_PORT?"),
        ("SGHSS_BATATA_QUENTE", "não é uma configuração do SGHSS"),
    ],
)
def test_a_misspelt_variable_is_refused_with_the_near_name(
    monkeypatch: pytest.MonkeyPatch, variable: str, words: str
) -> None:
    monkeypatch.setenv(variable, "20")
    with pytest.raises(ConfiguracaoInvalida, match=variable) as recusa:
        read_settings()
    assert words in str(recusa.value)
    assert "20" not in str(recusa.value)

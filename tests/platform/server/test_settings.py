"""Settings come from the environment, and what is absent follows from the study file."""

from __future__ import annotations

from pathlib import Path

import pytest

from mixtrial.server.passwords import hash_password, verify_password
from mixtrial.server.settings import SettingsError, settings_from_environment


def test_all_but_the_study_has_a_default(tmp_path: Path) -> None:
    """Build folder and database lie beside the study file; nobody can sign in."""
    settings = settings_from_environment({"MIXTRIAL_STUDY": str(tmp_path / "study.yaml")})
    assert settings.stimuli_folder == tmp_path / "build"
    assert settings.database_url == f"sqlite:///{tmp_path}/mixtrial.sqlite"
    assert settings.admin_password_hash is None


def test_the_environment_decides(tmp_path: Path) -> None:
    """Folder, database and password are taken from their variables."""
    settings = settings_from_environment(
        {
            "MIXTRIAL_STUDY": "study.yaml",
            "MIXTRIAL_STIMULI": str(tmp_path),
            "MIXTRIAL_DATABASE_URL": "sqlite:///other.sqlite",
            "MIXTRIAL_ADMIN_PASSWORD": "harbour",
        }
    )
    assert settings.stimuli_folder == tmp_path
    assert settings.database_url == "sqlite:///other.sqlite"
    assert settings.admin_password_hash is not None
    assert verify_password("harbour", settings.admin_password_hash)


def test_processes_of_one_environment_share_their_secret() -> None:
    """A cookie of one worker is good for the other; another password makes another secret."""
    study = {"MIXTRIAL_STUDY": "study.yaml"}
    one = settings_from_environment({**study, "MIXTRIAL_ADMIN_PASSWORD": "harbour"})
    two = settings_from_environment({**study, "MIXTRIAL_ADMIN_PASSWORD": "harbour"})
    other = settings_from_environment({**study, "MIXTRIAL_ADMIN_PASSWORD": "meadow"})
    told = settings_from_environment({**study, "MIXTRIAL_SECRET": "x"})
    assert one.secret == two.secret
    assert len({one.secret, other.secret, told.secret}) == 3


def test_where_nobody_can_sign_in_the_key_of_the_cookies_cannot_be_worked_out() -> None:
    """Without password and secret it is random: whoever knows all else cannot write a cookie."""
    study = {"MIXTRIAL_STUDY": "study.yaml"}
    keys = {settings_from_environment(study).secret for _ in range(3)}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    """Neither hash, secret nor database URL is in the representation."""
    encoded = hash_password("harbour")
    settings = settings_from_environment(
        {
            "MIXTRIAL_STUDY": "study.yaml",
            "MIXTRIAL_ADMIN_PASSWORD_HASH": encoded,
            "MIXTRIAL_DATABASE_URL": "postgresql://me:hunter2@host/db",
        }
    )
    assert encoded not in repr(settings)
    assert "hunter2" not in repr(settings)
    assert settings.admin_password_hash == encoded


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "MIXTRIAL_STUDY must name"),
        ({"MIXTRIAL_STUDY": ""}, "MIXTRIAL_STUDY must name"),
        (
            {"MIXTRIAL_STUDY": "s.yaml", "MIXTRIAL_ADMIN_PASSWORD_HASH": "plain"},
            "must be a scrypt hash",
        ),
    ],
)
def test_settings_that_cannot_be_used_are_one_sentence(
    environment: dict[str, str], message: str
) -> None:
    """A missing study and a bad hash are refused."""
    with pytest.raises(SettingsError, match=message):
        settings_from_environment(environment)

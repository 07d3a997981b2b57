"""Settings of the server: study, stimuli, database, and access to the results.

All settings come from environment variables. The defaults of the server's settings depend on the
folder of the study file:

================================  =========================================================
``MIXTRIAL_STUDY``                the study file (needed)
``MIXTRIAL_STIMULI``              folder of the build; default: ``build/`` beside the file
``MIXTRIAL_DATABASE_URL``         default: ``mixtrial.sqlite`` beside the file
``MIXTRIAL_ADMIN_PASSWORD_HASH``  scrypt hash of the dashboard's password, or
``MIXTRIAL_ADMIN_PASSWORD``       the password itself; neither: nobody can sign in
``MIXTRIAL_SECRET``               signs the dashboard's cookie; default: derived from the above
``MIXTRIAL_LANGUAGE``             language of the researcher's pages; default: the browser's
``MIXTRIAL_SESSIONS_URL``         database that knows who is signed in; default: the study's
``MIXTRIAL_HOSTS``                names this server is asked for by, with commas; default: any
``MIXTRIAL_BASE_PATH``            path before all pages, such as ``/study1``; default: none
``MIXTRIAL_OIDC_ISSUER``          an identity provider for the dashboard, with the four below
``MIXTRIAL_OIDC_CLIENT_ID``       what the provider calls this server
``MIXTRIAL_OIDC_CLIENT_SECRET``   the secret it gave with that
``MIXTRIAL_OIDC_REDIRECT_URL``    ``https://…/api/oidc/callback``, as the provider knows it
``MIXTRIAL_OIDC_ALLOWED``         who may sign in: e-mail addresses or ``sub:…``, with commas
================================  =========================================================
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from db.records.errors import StoreError
from mixtrial.server.identity_provider import OidcSettings, is_safe_address
from mixtrial.server.passwords import hash_password, is_password_hash

LANGUAGE_VARIABLE = "MIXTRIAL_LANGUAGE"
"""Variable that names the language of the researcher's pages."""

COMMANDS_ALLOWED = "MIXTRIAL_STUDIO_COMMANDS"
"""Variable that lets the builds of a studio run the commands of study files."""


class SettingsError(ValueError):
    """A setting that cannot be used; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Settings that one server process needs before it starts.

    ``admin_password_hash`` is None if no password was set, and ``oidc`` is None if no identity
    provider was set. Without a password and an identity provider, the dashboard stays closed.
    ``sessions_url`` is None if the study's own database holds the sessions. ``sessions_url`` names
    another database if several studies share one sign-in. Secrets are not shown when the settings
    are printed.
    """

    study_path: Path
    stimuli_folder: Path
    database_url: str = field(repr=False)
    admin_password_hash: str | None = field(default=None, repr=False)
    secret: bytes = field(default=b"", repr=False)
    oidc: OidcSettings | None = None
    sessions_url: str | None = field(default=None, repr=False)


def default_stimuli_folder(study_path: Path) -> Path:
    """Default folder of a study's build: ``build/`` beside the study file."""
    return study_path.resolve().parent / "build"


def default_database_url(study_path: Path) -> str:
    """URL of a study's default database: ``mixtrial.sqlite`` beside the study file."""
    return f"sqlite:///{(study_path.resolve().parent / 'mixtrial.sqlite').as_posix()}"


def rehearsal_database_url(study_path: Path) -> str:
    """URL of the database of simulated participants: ``rehearsal.sqlite`` beside the study."""
    return f"sqlite:///{(study_path.resolve().parent / 'rehearsal.sqlite').as_posix()}"


def settings_for_study(
    study_path: Path, stimuli_folder: Path | None = None, database_url: str | None = None
) -> ServerSettings:
    """Settings of a command that works on a study without serving it."""
    return ServerSettings(
        study_path=study_path,
        stimuli_folder=stimuli_folder or default_stimuli_folder(study_path),
        database_url=database_url or default_database_url(study_path),
    )


def settings_from_environment(environment: Mapping[str, str]) -> ServerSettings:
    """Settings of a server.

    Parameters
    ----------
    environment
        The environment variables, such as ``os.environ``; an empty variable counts as absent.

    Raises
    ------
    SettingsError
        ``MIXTRIAL_STUDY`` is missing, the password hash was not made by mixtrial, or the settings
        of an identity provider are incomplete or unsafe.
    """
    given = {key: value for key, value in environment.items() if value}
    if "MIXTRIAL_STUDY" not in given:
        raise SettingsError("MIXTRIAL_STUDY must name the study file to serve.")
    study_path = Path(given["MIXTRIAL_STUDY"])
    stimuli = given.get("MIXTRIAL_STIMULI")
    database_url = given.get("MIXTRIAL_DATABASE_URL") or default_database_url(study_path)
    return ServerSettings(
        study_path=study_path,
        stimuli_folder=Path(stimuli) if stimuli else default_stimuli_folder(study_path),
        database_url=database_url,
        admin_password_hash=admin_password_hash(given),
        secret=signing_key(given, database_url),
        oidc=_oidc(given),
        sessions_url=given.get("MIXTRIAL_SESSIONS_URL"),
    )


def admin_password_hash(given: Mapping[str, str]) -> str | None:
    """Hash of the password from the variables; ``SettingsError`` if it does not have our form."""
    encoded = given.get("MIXTRIAL_ADMIN_PASSWORD_HASH")
    if encoded is not None:
        if not is_password_hash(encoded):
            raise SettingsError(
                "MIXTRIAL_ADMIN_PASSWORD_HASH must be a scrypt hash that mixtrial made."
            )
        return encoded
    password = given.get("MIXTRIAL_ADMIN_PASSWORD")
    return None if password is None else hash_password(password)


def signing_key(given: Mapping[str, str], database_url: str) -> bytes:
    """Return the signing key, which is the same in all processes with the same environment.

    Without ``MIXTRIAL_SECRET``, the key is derived from the password, so that a stolen cookie
    reveals as little about the password as the password's hash does. If nobody can sign in, the key
    is random, because a guessed key would allow forged cookies.
    """
    told = given.get("MIXTRIAL_SECRET")
    if told is not None:
        return hashlib.sha256(told.encode()).digest()
    names = ("ADMIN_PASSWORD_HASH", "ADMIN_PASSWORD", "OIDC_CLIENT_SECRET")
    known = next((given[f"MIXTRIAL_{name}"] for name in names if f"MIXTRIAL_{name}" in given), None)
    if known is None:
        return secrets.token_bytes(32)
    salt = hashlib.sha256(database_url.encode()).digest()
    return hashlib.scrypt(known.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


def _oidc(given: Mapping[str, str]) -> OidcSettings | None:
    """Return the settings of an identity provider; None without an identity provider."""
    keys = ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URL", "ALLOWED")
    told = {key: given.get(f"MIXTRIAL_OIDC_{key}", "").strip() for key in keys}
    if not any(told.values()):
        return None
    for key in keys:
        if not told[key]:
            raise SettingsError(f"An identity provider also needs MIXTRIAL_OIDC_{key}.")
    for key in ("ISSUER", "REDIRECT_URL"):
        if not is_safe_address(told[key]):
            raise SettingsError(f"MIXTRIAL_OIDC_{key} must begin with https://.")
    if find_spec("jwt") is None:
        raise SettingsError(
            "An identity provider needs additional packages: pip install 'mixtrial[oidc]'."
        )
    allowed = {name.strip() for name in told["ALLOWED"].split(",") if name.strip()}
    return OidcSettings(
        issuer=told["ISSUER"],
        client_id=told["CLIENT_ID"],
        redirect_url=told["REDIRECT_URL"],
        allowed=frozenset(name if name.startswith("sub:") else name.lower() for name in allowed),
        client_secret=told["CLIENT_SECRET"],
    )


def check_database_is_there(url: str) -> None:
    """Raise ``StoreError`` if the SQLite file is missing: a reader must not create an empty one."""
    place = url.removeprefix("sqlite:///")
    if place != url and place not in ("", ":memory:") and not Path(place).is_file():
        raise StoreError(f"There is no database {place}; nobody has taken part yet.")

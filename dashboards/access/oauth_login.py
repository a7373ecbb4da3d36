"""Signing in with an organisation's own accounts: Panel's OAuth, a list of who may come in, and our own pages."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from panel.auth import AUTH_PROVIDERS, OAuthProvider
from panel.config import config
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from tornado.web import HTTPError, RequestHandler

from dashboards.access.gate import LOGIN_HOURS, LOGOUT, AccessRules, Gate, is_same_origin, send_page
from dashboards.access.refusals import PlainErrors
from simulator.common.errors import InputError

PROVIDERS = tuple(sorted({*AUTH_PROVIDERS} - {"password", "pam", "password_credentials"}))
TEXTS = ("provider", "key", "secret", "redirect_uri", "user")
KEYS = (*TEXTS, "allow", "extra")
LARGEST = 100_000
_DOMAIN = re.compile(r"@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True)
class OAuthSettings:
    """The settings in a file for `--auth oauth:FILE`. `allow`: whole names, or @domain for a whole organisation."""

    provider: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    allow: tuple[str, ...]
    redirect_uri: str = ""
    user: str = ""
    extra: Mapping[str, str] | None = None

    def admits(self, name: str) -> bool:
        """Whether somebody with this name may come in."""
        name = name.strip().lower()
        domain = f"@{name.rpartition('@')[2]}" if "@" in name else ""
        return bool(name) and any(listed in (name, domain) for listed in self.allow)


def read_oauth_settings(path: Path) -> OAuthSettings:
    """The settings in a YAML file; key and secret may come from the environment instead. Raises ValueError."""
    text = _read_text(path)
    try:
        fields = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise InputError(f"{path.name}: is not valid YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(fields, dict):
        raise InputError(f"{path.name}: must hold {', '.join(KEYS)}")
    unknown = sorted(str(key) for key in fields if key not in KEYS)
    if unknown:
        raise InputError(f"{path.name}: {', '.join(unknown)} is not known; there are {', '.join(KEYS)}")
    text_of = {key: str(fields.get(key) or "") for key in TEXTS}
    for key in ("key", "secret"):
        text_of[key] = os.environ.get(f"RINGFENCE_OAUTH_{key.upper()}", text_of[key])
    allow, extra = fields.get("allow"), fields.get("extra") or {}
    if not isinstance(extra, dict):
        raise InputError(f"{path.name}: extra must be a mapping")
    settings = OAuthSettings(
        text_of["provider"],
        text_of["key"],
        text_of["secret"],
        _read_allowed(allow, path.name),
        text_of["redirect_uri"],
        text_of["user"],
        {str(name): value for name, value in extra.items()},
    )
    _check(settings, path.name)
    return settings


def _read_text(path: Path) -> str:
    """The text of a file. Raises InputError for what cannot be read, or is no text."""
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: is not a file; give the name of a YAML file")
    try:
        return path.read_bytes()[:LARGEST].decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; docs/guide/serving.md says what it holds") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or 'the system refuses'}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name}: is not UTF-8 text") from None


def _read_allowed(value: Any, file: str) -> tuple[str, ...]:
    names = [str(entry).strip().lower() for entry in value] if isinstance(value, list) else []
    if not names or not all(names):
        raise InputError(f"{file}: allow must list who may come in: names as the provider gives them, or @domain")
    for name in names:
        if name.startswith("@") and not _DOMAIN.fullmatch(name):
            raise InputError(f"{file}: '{name[:60]}' is no domain; write it like @example.org")
        if "*" in name:
            raise InputError(f"{file}: '*' would let in everybody with an account; list names or domains")
    return tuple(names)


def _check(settings: OAuthSettings, file: str) -> None:
    if settings.provider not in PROVIDERS:
        raise InputError(f"{file}: provider must be one of {', '.join(PROVIDERS)}")
    if not settings.key:
        raise InputError(f"{file}: key is missing (or RINGFENCE_OAUTH_KEY)")
    if not settings.secret and settings.provider != "auth_code":
        raise InputError(f"{file}: secret is missing (or RINGFENCE_OAUTH_SECRET)")


class OAuthGate(Gate, OAuthProvider):
    """Lets in people whom the provider knows and who are on the list."""

    def __init__(self, oauth: OAuthSettings, house: AccessRules | None = None) -> None:
        self.oauth = oauth
        settings = {
            "provider": oauth.provider,
            "key": oauth.key,
            "secret": oauth.secret,
            "expiry": LOGIN_HOURS / 24,
            "extra_params": dict(oauth.extra or {}),
            "redirect_uri": oauth.redirect_uri or None,
            "jwt_user": oauth.user or None,
        }
        for name, value in settings.items():
            setattr(config, f"oauth_{name}", value)
        super().__init__(house)

    @property
    def login_handler(self) -> type[RequestHandler]:
        return type("OAuthLogin", (OAuthLoginErrors, super().login_handler), {})

    @property
    def logout_handler(self) -> type[RequestHandler]:
        return OAuthLogout

    @property
    def logout_url(self) -> str:
        return LOGOUT

    async def find_visitor(self, handler: Any) -> str | None:
        name: str | None = await super(Gate, self).get_user_async(handler)
        if name is None or self.oauth.admits(name):
            return name
        if hasattr(handler, "select_subprotocol"):  # a websocket has no page to show
            return None
        words = f"You are signed in as {name}, who is not on its list. Whoever runs it can add you."
        send_page(handler, "told.html", 403, title="You may not use this dashboard", words=words, leave=True)
        return None


class OAuthLoginErrors(PlainErrors):
    """Shows why a provider did not sign somebody in; any other error like all errors."""

    def write_error(self, status_code: int, **problem: Any) -> None:
        error = problem.get("exc_info", (None, None, None))[1]
        if status_code in (401, 403) and isinstance(error, HTTPError) and error.log_message:
            self.clear_all_cookies()
            send_page(self, "oauth_error.html", status_code, error=error.reason, error_msg=error.log_message)
        else:
            super().write_error(status_code, **problem)


class OAuthLogout(RequestHandler):
    """Forgets a visitor here; the provider still knows them."""

    def get(self) -> None:
        send_page(self, "logout.html", gone=False, name="")

    def post(self) -> None:
        if not is_same_origin(self):
            send_page(self, "told.html", 403, title="Nothing was done", words="Please sign out on the page itself.")
            return
        self.clear_all_cookies()
        send_page(self, "logout.html", gone=True, name="", elsewhere=True)

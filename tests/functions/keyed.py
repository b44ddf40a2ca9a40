"""Shared by the tests of authentication: callers with API keys, on functions that ask for them."""

import secrets
from collections.abc import Iterable
from typing import Any

from typing_extensions import override
from werkzeug.test import Client, TestResponse

from risksentinel.adapters.sql.api_key_ledger import SqlKeyLedger
from risksentinel.assembly.container import Container
from risksentinel.domain.access import Role
from risksentinel.domain.label import LabelSource
from risksentinel.usecases.manage_keys import ManageKeys
from tests.functions.caller import gateway


class KeyedClient(Client):
    """A client that sends an API key with each request."""

    key = ""

    @override
    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        headers = {**(kwargs.pop("headers", None) or {}), "Authorization": f"Bearer {self.key}"}
        return super().open(*args, headers=headers, **kwargs)


def manage_keys(container: Container) -> ManageKeys:
    """The use case on the container's database."""
    return ManageKeys(SqlKeyLedger(container.engine), container.clock, secrets.token_bytes)


def new_key(
    container: Container, name: str, roles: Iterable[Role], sources: Iterable[LabelSource] = ()
) -> str:
    """The text of a new key."""
    return manage_keys(container).create(name, roles, sources, None, "operator:test").text


def keyed(
    container: Container, name: str, *roles: Role, sources: Iterable[LabelSource] = ()
) -> KeyedClient:
    """A client with a new key of this name and these roles."""
    client = KeyedClient(gateway(container))
    client.key = new_key(container, name, roles, sources)
    return client

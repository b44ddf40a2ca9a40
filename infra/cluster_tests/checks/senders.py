"""Checks that events are taken by tokens of named service accounts for the right audience."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from http import HTTPStatus
from typing import Final

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.faulty import meanwhile
from infra.cluster_tests.ingress import IngressResponse
from infra.cluster_tests.kafka_source import kafka_source
from infra.cluster_tests.payments import payment
from infra.cluster_tests.refusals import refusals
from infra.cluster_tests.service_tokens import (
    ISSUER,
    accounts,
    make_accounts,
    sender_settings,
    token,
)
from infra.cluster_tests.token_source import scored_by_a_source
from infra.devstack.stack.timer import SOURCE, TYPE
from infra.kafka_source.credentials import SourceCredentials
from risksentinel.adapters.system_clock import new_id
from risksentinel.events import alert_raised, payment_submitted, transaction_received

Post = Callable[[str], IngressResponse]
_OTHER: Final = "score"  # an account of the namespace that sends no events
_LARGE: Final = "75000.00"


def check(bench: Bench) -> Iterator[CheckResult]:
    """Apply EVENT_AUTH=oidc with the cluster's issuer; post with right and wrong tokens."""
    overlay = bench.deployment.overlay.with_settings(**sender_settings()).with_component(ISSUER)
    with meanwhile(bench, overlay), ExitStack() as sources:
        bench.deployment.await_ready()
        make_accounts(bench.deployment.tools, accounts().values())
        for function, post in _posts(bench, sources).items():
            yield from _of(bench, function, post)
        yield scored_by_a_source(bench, accounts()["score"])


def _posts(bench: Bench, opened: ExitStack) -> Mapping[str, Post]:
    """Return for each function how to post an event that it takes, with a given token."""
    servers = bench.connections["KAFKA_BOOTSTRAP_SERVERS"]
    alerting, paid = payment("senders-alert", 0, _LARGE), payment("senders", 0)
    bench.ingress.pay(alerting)
    bench.ingress.pay(paid, Prefer="respond-async")
    received = opened.enter_context(
        kafka_source(servers, transaction_received.TOPIC, bench.ingress, "score", "")
    )
    accepted = received.until(lambda each: each.attributes.get("subject") == paid["id"])
    raised = opened.enter_context(
        kafka_source(servers, alert_raised.TOPIC, bench.ingress, "alert-dispatch", "")
    )
    alert = raised.until(lambda each: str(alerting["id"]).encode() in (each.value or b""))
    submitted = payment("senders", 1)

    def submit(bearer: str) -> IngressResponse:
        headers = {
            "ce-specversion": "1.0",
            "ce-type": payment_submitted.TYPE,
            "ce-source": "/payments",
            "ce-id": str(submitted["id"]),
            "Content-Type": "application/json",
            **SourceCredentials(bearer).headers,
        }
        return bench.ingress.call("ingest", "POST", "/", submitted, headers)

    return {
        "ingest": submit,
        "score": lambda bearer: received.post(accepted, bearer),
        "alert-dispatch": lambda bearer: raised.post(alert, bearer),
    }


def _of(bench: Bench, function: str, post: Post) -> Iterator[CheckResult]:
    tools, account = bench.deployment.tools, accounts()[function]
    audience = sender_settings()["EVENT_OIDC_AUDIENCE"]
    right = post(token(tools, account, audience))
    yield CheckResult(
        f"{function} takes an event with a token of its source's account",
        passed=right.status == HTTPStatus.NO_CONTENT,
        measured=f"{right.status} in {right.seconds:.2f} s",
    )
    wrong = {
        "no token": "",
        "another audience": token(tools, account, "another"),
        "a token for the API server": token(tools, account),
        "another account": token(tools, _OTHER, audience),
        "a forged signature": _forged(token(tools, account, audience)),
    }
    before = refusals(bench, function)
    answers = {name: post(bearer).status for name, bearer in wrong.items()}
    counted = refusals(bench, function) - before
    yield CheckResult(
        f"{function} refuses other tokens, and counts them",
        passed=set(answers.values()) == {HTTPStatus.UNAUTHORIZED} and counted == len(wrong),
        measured=f"{', '.join(f'{name} {status}' for name, status in answers.items())}; "
        f"{counted:.0f} counted",
    )
    if function == "score":
        yield _swept(bench, account, audience)


def _swept(bench: Bench, account: str, audience: str) -> CheckResult:
    """Post the timer's event without and with a token."""
    event = {"ce-specversion": "1.0", "ce-type": TYPE, "ce-source": SOURCE, "ce-id": str(new_id())}
    bearers = ("", token(bench.deployment.tools, account, audience))
    found = [
        bench.ingress.call(
            "score", "POST", "/outbox/sweep", b"", {**event, **SourceCredentials(bearer).headers}
        ).status
        for bearer in bearers
    ]
    return CheckResult(
        "a timer's event needs a token",
        passed=found == [HTTPStatus.UNAUTHORIZED, HTTPStatus.NO_CONTENT],
        measured=f"without {found[0]}, with {found[1]}",
    )


def _forged(right: str) -> str:
    """Return the token with one character of its signature changed."""
    place = len(right) - 20
    return right[:place] + ("A" if right[place] != "A" else "B") + right[place + 1 :]

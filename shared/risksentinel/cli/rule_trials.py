"""risksentinel rules try: tries a rule on past payments."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

import click

from risksentinel.assembly.container import Container
from risksentinel.assembly.rule_trials import try_rule
from risksentinel.cli.command_settings import command_settings
from risksentinel.domain.rule_trial import MAX_PAYMENTS, RuleSteps, RuleTrial
from risksentinel.errors import Malformed
from risksentinel.http.masking import masked
from risksentinel.ports.rule_trials import TrialSpan
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Rule
from risksentinel.text import rfc3339, strict_json

_MAX_BYTES: Final = 1024 * 1024


@click.command("try")
@click.argument("file", type=click.File("rb"))
@click.option("--since", help="The earliest payment, like 2026-05-01T00:00:00Z.")
@click.option("--until", help="Payments before this time.")
@click.option("--limit", type=click.IntRange(1, MAX_PAYMENTS), default=MAX_PAYMENTS)
@click.option("--seconds", type=click.IntRange(1, 600), default=60, help="How long it may take.")
@click.option("--transaction", "transaction_id", help="Only this payment, step by step.")
@click.option("--full-accounts", is_flag=True, help="Account numbers in full; default: masked.")
def tried(  # noqa: PLR0913 - one for each option
    file: BinaryIO,
    since: str | None,
    until: str | None,
    limit: int,
    seconds: int,
    transaction_id: str | None,
    *,
    full_accounts: bool,
) -> None:
    """Print what the rule of the JSON FILE would have fired on; nothing is stored.

    It looks at the newest payments of the span, 50,000 at most.
    """
    rule = _rule(file.read(_MAX_BYTES + 1))
    span = TrialSpan(_moment("--since", since), _moment("--until", until), limit)
    with closing(Container(command_settings())) as container:
        use_case = replace(try_rule(container), seconds=seconds)
        lines = (
            _of_trial(use_case.over(rule, span))
            if transaction_id is None
            else _of_steps(use_case.one(rule, transaction_id), full_accounts=full_accounts)
        )
        for line in lines:
            click.echo(line)


def _rule(document: bytes) -> Rule:
    if len(document) > _MAX_BYTES:
        raise click.BadParameter("FILE is larger than 1 MiB")
    now = datetime(1970, 1, 1, tzinfo=UTC)  # the rule is not stored
    parsed = strict_json.decode(document)
    return parse_rule(parsed, rule_id="try", version=1, created_at=now, updated_at=now)


def _moment(option: str, text: str | None) -> datetime | None:
    try:
        return None if text is None else rfc3339.parse(text).astimezone(UTC)
    except Malformed as malformed:
        raise click.UsageError(f"{option} {malformed}") from None


def _of_trial(trial: RuleTrial) -> Iterator[str]:
    if not trial.complete:
        down_to = trial.looked_down_to or "no payment"
        yield f"the time was over: it looked at the newest payments down to {down_to} only"
    share = "" if trial.share is None else f" ({trial.share:.4%})"
    yield f"payments looked at   {trial.payments:,}"
    yield f"fired                {trial.fired:,}{share}, R{trial.amount:,.2f}"
    yield f"labelled             {trial.fraud:,} fraud, {trial.genuine:,} genuine"
    precision = "unknown: no label" if trial.precision is None else f"{trial.precision:.2%}"
    yield f"precision            {precision}"
    yield f"genuine customers    {len(trial.customers):,}"
    yield f"new alerts a day     {trial.new_alerts_per_day:,.2f}"
    yield f"result unknown       {trial.unknown:,}, and {trial.without_facts:,} without facts"
    for each in trial.examples:
        payment, label = each.transaction, {True: "fraud", False: "genuine", None: "-"}[each.fraud]
        yield (
            f"  {payment.id}  {rfc3339.to_text(payment.occurred_at)}  {payment.amount.in_words}  "
            f"{payment.channel.value}  {each.decision.value}  {each.level.value}  {label}"
        )


def _of_steps(found: RuleSteps, *, full_accounts: bool) -> Iterator[str]:
    fires = "fires" if found.fires else "does not fire"
    yield f"{found.transaction_id}: the rule {fires} ({found.result})"
    yield from _step(found.steps if full_accounts else masked(found.steps), 1)


def _step(step: Mapping[str, Any], level: int) -> Iterator[str]:
    begin = f"{'  ' * level}{step['result']:<8}"
    for name in ("all", "any", "not"):
        if name in step:
            yield f"{begin}{name}"
            for part in step[name] if name != "not" else [step[name]]:
                yield from _step(part, level + 1)
            return
    value, seen = json.dumps(step["value"]), json.dumps(step["seen"])
    yield f"{begin}{step['field']} {step['operator']} {value}, and it is {seen}"

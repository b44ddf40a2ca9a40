"""risksentinel policy: versions of everything that decides, and files of them for review."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import BinaryIO, Final

import click

from risksentinel.adapters.sql.policy_records import SqlPolicyRecords
from risksentinel.assembly.container import Container
from risksentinel.assembly.policy import require_policy
from risksentinel.assembly.rule_changes import manage_policies, propose_change
from risksentinel.cli.command_settings import command_settings
from risksentinel.cli.operator import operator
from risksentinel.domain.policy_version import PolicyVersion
from risksentinel.domain.proposal import ProposalKind, ProposedChange
from risksentinel.errors import NotFound
from risksentinel.ports.policies import PolicyRecords
from risksentinel.scoring.policy_diff import policy_diff
from risksentinel.scoring.policy_document import differences

LIVE: Final = "live"
_LISTED: Final = 50


@click.group()
def policy() -> None:
    """The policy: rules, thresholds, escalations and the model, in numbered versions."""


@policy.command("list")
def listed() -> None:
    """List the newest versions."""
    with _records() as records:
        for one in records.policies(None, None, _LISTED).items:
            note = one.note or one.origin.value
            click.echo(
                f"{one.number:>5}  {one.state.value:<11}  {one.changed_at:%Y-%m-%d %H:%M}  "
                f"{one.changed_by}: {note}"
            )


@policy.command()
@click.argument("number", default=LIVE)
def export(number: str) -> None:
    """Write version NUMBER as YAML to standard output; the live one without a number."""
    from risksentinel.policy_files.policy_yaml import to_yaml

    with _records() as records:
        click.echo(to_yaml(version_of(records, number).contents), nl=False)


@policy.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--note", default="", help="What the draft is for.")
def imported(file: BinaryIO, note: str) -> None:
    """Make a draft of the YAML FILE, and print its number; it decides nothing yet."""
    from risksentinel.policy_files.policy_yaml import MAX_BYTES, from_yaml

    document = from_yaml(file.read(MAX_BYTES + 1))
    with closing(Container(command_settings())) as container:
        draft = manage_policies(container).draft(document, note, operator())
    click.echo(draft.number)


@policy.command()
@click.argument("number")
@click.argument("against", default=LIVE)
def diff(number: str, against: str) -> None:
    """Print what version NUMBER changes in version AGAINST, by default in the live one."""
    with _records() as records:
        after, before = version_of(records, number), version_of(records, against)
    found = policy_diff(before.contents, after.contents)
    for name, values in found["settings"].items():
        click.echo(f"{name}: {values['before']} -> {values['after']}")
    for what in ("added", "removed"):
        for rule in found["rules"][what]:
            click.echo(f"rule {rule['id']} {what}: {rule['name']}")
    for rule in found["rules"]["changed"]:
        for member, values in rule["changes"].items():
            click.echo(f"rule {rule['id']} {member}: {values['before']} -> {values['after']}")
    if found["model"]:
        click.echo(f"model: {found['model']['before']} -> {found['model']['after']}")


@policy.command()
@click.argument("number", type=click.IntRange(min=1))
@click.option("--reason", default="", help="Why, for the approver.")
def promote(number: int, reason: str) -> None:
    """Put draft NUMBER in force within two seconds; propose that where it needs approval."""
    change = ProposedChange(ProposalKind.POLICY_PROMOTION, str(number), {"number": number}, reason)
    with closing(Container(command_settings())) as container:
        if not _proposed(container, change):
            live = manage_policies(container).promote(number, operator())
            click.echo(f"version {live.number} is live")


@policy.command()
@click.option("--reason", required=True, help="Why, for the audit log.")
@click.option("--to", type=click.IntRange(min=1), help="A version that was live.")
def rollback(reason: str, to: int | None) -> None:
    """Put the version before the live one in force again, or version --to."""
    with closing(Container(command_settings())) as container:
        target = version_of(SqlPolicyRecords(container.engine), LIVE).based_on if to is None else to
        change = ProposedChange(
            ProposalKind.POLICY_ROLLBACK, str(target), {"to": target, "reason": reason}, reason
        )
        if not _proposed(container, change):
            live = manage_policies(container).roll_back(reason, operator(), target)
            click.echo(f"version {live.number} is live, with the contents of {live.restored}")


@policy.command()
def propose() -> None:
    """Propose the thresholds, limits and escalations of these settings; print the proposal's id.

    With FOUR_EYES a function or engine whose settings changed does not start before another person
    has approved the proposal.
    """
    with closing(Container(command_settings())) as container:
        proposal = require_policy(container).propose(container.settings.policy, operator())
    for name, values in differences(proposal.before or {}, proposal.after or {}).items():
        click.echo(f"{name}: {values['before']} -> {values['after']}", err=True)
    click.echo(proposal.id)
    click.echo(
        f"another person approves it: POST /api/v1/proposals/{proposal.id}/approve\n"
        "then: deploy these settings",
        err=True,
    )


@contextmanager
def _records() -> Iterator[PolicyRecords]:
    with closing(Container(command_settings())) as container:
        yield SqlPolicyRecords(container.engine)


def version_of(records: PolicyRecords, number: str) -> PolicyVersion:
    """The version with this number, or the live one. Raises NotFound."""
    if number == LIVE:
        live = records.live()
        if live is None:
            raise NotFound("no version is live: start the engine, or the function score, once")
        return live
    if not number.isascii() or not number.isdigit():
        raise click.BadParameter(f"must be the number of a version, or {LIVE}")
    return records.policy(int(number))


def _proposed(container: Container, change: ProposedChange) -> bool:
    """Whether the change needs approval; then it is proposed, and the id is printed."""
    propose_it = propose_change(container)
    if propose_it is None:
        return False
    proposal = propose_it(change, operator())
    click.echo(proposal.id)
    click.echo(
        f"another person approves it: POST /api/v1/proposals/{proposal.id}/approve", err=True
    )
    return True

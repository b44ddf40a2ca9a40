"""prepare: the options of the command -> the inputs of a backtest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from risksentinel.adapters.sql.list_digests import list_book_state
from risksentinel.adapters.sql.policy_records import SqlPolicyRecords
from risksentinel.assembly.code_digest import code_digest
from risksentinel.assembly.container import Container
from risksentinel.assembly.history import REMEMBERED
from risksentinel.assembly.model_registry import model_registry
from risksentinel.assembly.named_models import named_models
from risksentinel.assembly.rules import rule_book
from risksentinel.backtest.inputs import CANDIDATE, COMPARED, STORED, Inputs
from risksentinel.domain.policy_version import PROMOTED
from risksentinel.domain.transaction import EARLIEST
from risksentinel.errors import Malformed, Misconfigured, Rejected
from risksentinel.policy_files.policy_yaml import MAX_BYTES, from_yaml
from risksentinel.rules.active_rules import ActiveRules
from risksentinel.scoring.policy_contents import PolicyContents, contents_document, contents_of

LIVE: Final = "live"
_FORMAT: Final = 1  # of checkpoints: one of another release is not continued
Contents = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the operator asks for; `file` has the payments in place of the database."""

    policy: str
    against: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    file: Mapping[str, Any] | None = None  # path, digest and options of a file


def prepare(container: Container, asked: Asked, as_of: datetime) -> Inputs:
    """Return the inputs: the policies, the period, and the versions of lists and model.

    Raises:
        Misconfigured: the options contradict each other.
        NotFound: there is no such version of the policy.
        Malformed: a policy file is not valid.
    """
    against = asked.against
    if against is None:
        from_receipts = asked.policy == LIVE and asked.file is None
        against = STORED if from_receipts else LIVE
    if asked.policy == STORED:
        raise Misconfigured(f"--policy {STORED} decides nothing: give it to --against")
    if against == STORED and asked.file is not None:
        raise Misconfigured(f"--against {STORED} needs the payments of the database, not of a file")
    candidate, compared = _contents(container, asked.policy), _contents(container, against)
    every = [each for each in (candidate, compared) if each is not None]
    until = asked.until or as_of
    since = asked.since or EARLIEST
    if since >= until:
        raise Misconfigured("--since must be before --until")
    return Inputs(
        {
            "format": _FORMAT,
            "policies": {
                CANDIDATE: {"name": asked.policy, "contents": candidate},
                COMPARED: {"name": against, "contents": compared},
            },
            "live_lateness_seconds": _live(container).settings.max_lateness_seconds,
            "since": since.isoformat(),
            "until": until.isoformat(),
            "as_of": as_of.isoformat(),
            "warm_since": max(since - REMEMBERED, EARLIEST).isoformat()
            if asked.since is not None
            else EARLIEST.isoformat(),
            "lists": list_revisions(container, every),
            "model": _promoted(container)
            if any(each["model"] == PROMOTED for each in every)
            else None,
            "model_name": container.settings.model_name,
            "code": code_digest(),
            "file": asked.file,
        }
    )


def list_revisions(container: Container, policies: list[Contents]) -> Mapping[str, int]:
    """The revision of each list that the policies read; a list that does not exist is left out."""
    names = frozenset(name for each in policies for name in each["lists"])
    if not names:
        return {}
    state = list_book_state(container.engine, names, None)
    return {name: named.revision for name, named in sorted(state.lists.items())}


def refuse_changed_lists(container: Container, inputs: Inputs) -> None:
    """Raise Rejected if a list was changed since the inputs were prepared."""
    every = [one for side in (CANDIDATE, COMPARED) if (one := inputs.policy(side)) is not None]
    now = list_revisions(container, every)
    changed = sorted(
        name
        for name in now.keys() | inputs.document["lists"].keys()
        if now.get(name) != inputs.document["lists"].get(name)
    )
    if changed:
        raise Rejected(f"the lists {', '.join(changed)} were changed meanwhile: begin again")


def _contents(container: Container, policy: str) -> Contents | None:
    if policy == STORED:
        return None
    if policy == LIVE:
        return contents_document(_live(container))
    if policy.isascii() and policy.isdigit():
        found: object = SqlPolicyRecords(container.engine).policy(int(policy)).contents
    else:
        found = _of_file(Path(policy))
    contents = contents_document(contents_of(found, EARLIEST))
    return {**contents, "model": named_models(container).chosen(contents["model"])}


def _live(container: Container) -> PolicyContents:
    """What the engine decides with, as the audit log has it."""
    edition = rule_book(container).edition()
    model = edition.policy.model if edition.policy.ml_weight else None
    return PolicyContents(edition.policy, ActiveRules.of(edition.rules), model)


def _of_file(path: Path) -> object:
    try:
        with path.open("rb") as file:
            return from_yaml(file.read(MAX_BYTES + 1))
    except OSError as fault:
        raise Misconfigured(
            f"--policy {path}: give live, the number of a version or a YAML file ({fault.strerror})"
        ) from None
    except Malformed as malformed:
        raise Malformed(f"{path}: {malformed}") from None


def _promoted(container: Container) -> Mapping[str, str] | None:
    name = container.settings.model_name
    pointer = model_registry(container).promoted(name)
    if pointer is None:
        return None
    return {"name": name, **pointer.model_dump()}

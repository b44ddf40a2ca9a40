"""The ledger's tree: chaining, anchors, and the key of the process."""

from risksentinel.adapters.models.model_objects import Objects
from risksentinel.adapters.models.registries import open_objects
from risksentinel.adapters.objects.ledger_anchors import ObjectAnchors
from risksentinel.adapters.signing.head_keys import HeadKeys
from risksentinel.adapters.sql.ledger_log import SqlLedgerLog
from risksentinel.assembly.container import Container, built_once
from risksentinel.assembly.ledger_key import key_of
from risksentinel.usecases.anchor_ledger import AnchorLedger
from risksentinel.usecases.chain_entries import ChainEntries


def ledger_log(container: Container) -> SqlLedgerLog:
    """The tree over the audit log."""
    return SqlLedgerLog(container.engine)


@built_once
def head_keys(container: Container) -> HeadKeys | None:
    """The key that signs heads; None where the process has no key."""
    seed = key_of(container.settings)
    return None if seed is None else HeadKeys(seed)


@built_once
def anchors(container: Container) -> ObjectAnchors:
    """The anchors at LEDGER_URI. Raises Misconfigured if it is not a usable address."""
    settings = container.settings
    objects: Objects = open_objects(settings.anchors, settings.s3_endpoint_url, settings.aws_region)
    container.on_close(objects.close)
    return ObjectAnchors(objects)


def chain_entries(container: Container) -> ChainEntries:
    """The use case that chains committed entries."""
    return ChainEntries(ledger_log(container), head_keys(container), container.clock)


def anchor_ledger(container: Container) -> AnchorLedger:
    """The use case that anchors the head."""
    log, keys = ledger_log(container), head_keys(container)
    return AnchorLedger(log, anchors(container), keys, container.clock)

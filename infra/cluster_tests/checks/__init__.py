"""The checks, in the order in which they run; each is a file and a line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from infra.cluster_tests.check_results import Check
from infra.cluster_tests.checks import (
    database_users,
    deployed,
    events,
    killed,
    memory,
    missing_model,
    not_migrated,
    paths,
    resting,
    rollout,
    rush,
    senders,
    strangers,
    waking,
    wrong_setting,
)

CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "deployed": deployed.check,
        "paths": paths.check,
        "events": events.check,
        "database_users": database_users.check,
        "senders": senders.check,
        "strangers": strangers.check,
        "rollout": rollout.check,
        "killed": killed.check,
        "memory": memory.check,
        "resting": resting.check,
        "rush": rush.check,
        "waking": waking.check,
        "missing_model": missing_model.check,
        "wrong_setting": wrong_setting.check,
        "not_migrated": not_migrated.check,
    }
)

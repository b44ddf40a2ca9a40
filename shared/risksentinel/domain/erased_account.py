"""The name that stands for an erased account."""

import re
from typing import Final

_NAME: Final = re.compile(r"erased-[0-9a-f]{16}", re.ASCII)


def erased_name(random: bytes) -> str:
    """The name made of eight random bytes."""
    return f"erased-{random.hex()}"


def is_erased(account: str) -> bool:
    """Whether the account has been replaced by such a name."""
    return _NAME.fullmatch(account) is not None

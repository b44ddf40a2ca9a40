"""HeadKeys: signs and verifies heads of the ledger (Ed25519, RFC 8032)."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from risksentinel.domain.ledger_entry import Head

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True)
class HeadKeys:
    """Meets `ports.HeadSigner`. Cryptography is imported at the first use."""

    seed: bytes = field(repr=False)

    def sign(self, head: Head) -> Head:
        """The head with its signature."""
        return replace(head, signature=self._private.sign(head.signed))

    def is_valid(self, head: Head) -> bool:
        """Whether this key signed the head."""
        from cryptography.exceptions import InvalidSignature

        if head.signature is None:
            return False
        try:
            self._private.public_key().verify(head.signature, head.signed)
        except InvalidSignature:
            return False
        return True

    @cached_property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return self._private.public_key().public_bytes_raw()

    @cached_property
    def _private(self) -> "Ed25519PrivateKey":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed)

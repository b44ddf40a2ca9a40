"""A policy names a version of the model with the digest of its manifest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.model_choice import named_version
from risksentinel.domain.model_fields import is_name
from risksentinel.domain.model_version import Pointer
from risksentinel.domain.policy_version import names_version
from risksentinel.errors import Malformed

versions = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True).filter(is_name)
digests = st.text("0123456789abcdef", min_size=64, max_size=64)


@given(versions, digests)
def test_a_choice_is_read_as_it_was_written(version: str, digest: str) -> None:
    """The stored text is all that a process has to find the version."""
    pointer = Pointer(version=version, manifest_sha256=digest)

    assert Pointer.of(pointer.choice) == pointer
    assert names_version(pointer.choice)
    assert named_version(version).manifest_sha256 is None


@pytest.mark.parametrize(
    "text", ["", "../v1", "v1@", "v1@sha256:", "v1@sha256:" + "G" * 64, "v1@md5:" + "a" * 64, "v 1"]
)
def test_a_text_that_names_no_version_is_refused(text: str) -> None:
    """It would be a path in the storage of models."""
    with pytest.raises(Malformed, match="model: "):
        named_version(text)


def test_a_stored_choice_has_a_digest() -> None:
    """Without it a writer of the storage could replace the version."""
    with pytest.raises(Malformed, match="digest"):
        Pointer.of("v1")


def test_promoted_and_none_name_no_version() -> None:
    """The promoted version changes, and none has no weight."""
    assert not names_version("promoted")
    assert not names_version(None)

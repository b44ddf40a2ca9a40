import json

from infra.generate.receipt_dictionary import MAX_BYTES, chosen
from risksentinel.adapters.sql.packed_receipt import DICTIONARY, dictionary, packer


def receipts(count: int) -> list[str]:
    """Receipts of two kinds that differ in a number."""
    long = {"details": [f"feature_{n}" for n in range(200)]}
    return [
        json.dumps({"id": number, **(long if number % 2 else {"rule": "night"})})
        for number in range(count)
    ]


def size(text: bytes, *, by: bytes) -> int:
    """Return the length of the text compressed with this dictionary."""
    return len(packer(by).compress(text))


def test_a_dictionary_has_the_common_text_of_receipts() -> None:
    """A generated dictionary reduces the size of similar receipts."""
    made = chosen(receipts(60))
    (unseen,) = receipts(1_000)[-1:]

    assert 0 < len(made) <= MAX_BYTES
    assert size(unseen.encode(), by=made) < len(unseen) / 20


def test_the_dictionary_in_use_is_within_the_limit() -> None:
    """Receipts that were packed with zlib find no text beyond its window."""
    assert 0 < len(dictionary(DICTIONARY)) <= MAX_BYTES

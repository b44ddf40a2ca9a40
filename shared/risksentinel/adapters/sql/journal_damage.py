"""refuse_damaged_journal: finds committed transactions in SQLite's journal that SQLite would drop.

After a crash SQLite takes the transactions of the journal (the write-ahead log, FILE-wal) up to the
first frame with a wrong checksum, and drops the rest without an error. After a power cut that is
right, because the rest is one transaction that was not committed. After damage the rest has
committed transactions: with `synchronous=FULL` each is on the disk before the next one begins. So
a commit that is followed by another frame is evidence of damage.

Format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
"""

from collections.abc import Iterator
from pathlib import Path
from struct import Struct, unpack_from
from typing import BinaryIO, Final

from sqlalchemy import make_url

from risksentinel.errors import Unavailable

_HEADER: Final = Struct(">8I")  # magic, version, page size, sequence, salts, checksums
_FRAME: Final = Struct(">6I")  # page, pages after a commit (else 0), salts, checksums
_MAGIC: Final = 0x377F0682  # with the last bit, checksums are of big-endian words
_WORD: Final = 0xFFFFFFFF
_MIN_PAGE, _MAX_PAGE = 512, 65_536
_Sums = tuple[int, int]


def refuse_damaged_journal(url: str) -> None:
    """Return if SQLite recovers every committed transaction of the database's journal.

    No other process may have the database open. After a clean stop there is no journal to read.

    Raises:
        Unavailable: the journal is damaged; nothing was changed.
    """
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database:
        return
    journal = Path(f"{address.database}-wal")
    if not journal.exists():
        return
    with journal.open("rb") as file:
        damaged = _is_damaged(file)
    if damaged:
        raise Unavailable(
            "database",
            None,
            f"the SQLite journal {journal.name} is damaged, and payments that were answered are "
            "behind the damage: copy the database and its journal, and restore a backup; or open "
            "the database once with the program sqlite3, which drops those payments",
        )


def _is_damaged(file: BinaryIO) -> bool:
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return False  # no frame
    magic, _, size, _, *salts, first, second = _HEADER.unpack(header)
    order = ">" if magic & 1 else "<"
    sums = _sums(header[:24], (0, 0), order)
    if magic & ~1 != _MAGIC or sums != (first, second) or not _MIN_PAGE <= size <= _MAX_PAGE:
        return bool(file.read(1))
    return _drops_commits(_frames(file, size, tuple(salts)), sums, order)


def _frames(file: BinaryIO, size: int, salts: _Sums) -> Iterator[tuple[bytes, bytes, bool]]:
    """Header and page of each frame, and whether it is of this run of the journal."""
    while len(head := file.read(_FRAME.size)) == _FRAME.size:
        page = file.read(size)
        if len(page) < size:
            return
        yield head, page, _FRAME.unpack(head)[2:4] == salts


def _drops_commits(frames: Iterator[tuple[bytes, bytes, bool]], sums: _Sums, order: str) -> bool:
    is_valid, committed = True, False
    for head, page, is_current in frames:
        _, pages, *_, first, second = _FRAME.unpack(head)
        if is_valid:
            sums = _sums(page, _sums(head[:8], sums, order), order)
            is_valid = is_current and sums == (first, second)
        if is_valid or not is_current:
            continue
        if committed:
            return True
        committed = pages > 0
    return False


def _sums(data: bytes, before: _Sums, order: str) -> _Sums:
    """SQLite's checksum of 8-byte groups, continued."""
    one, two = before
    words = iter(unpack_from(f"{order}{len(data) // 4}I", data))
    for even in words:
        one = (one + even + two) & _WORD
        two = (two + next(words) + one) & _WORD
    return one, two

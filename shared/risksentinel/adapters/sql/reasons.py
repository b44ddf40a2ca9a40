"""reason_of: why a database did not answer, in its driver's words and without a secret."""

import re
from typing import Final

MAX_LENGTH: Final = 200
# What a driver repeats of an address that it could not read: user and password.
_LOGIN: Final = re.compile(r"//[^\s/]*@")
_PASSWORD: Final = re.compile(r"password\s*=\s*('[^']*'|\S+)", re.IGNORECASE)
# libpq quotes what it took for an option, which may be a part of a password.
_UNREADABLE: Final = re.compile(r"(?<=option )\"[^\"]*\"|(?<=after )\"[^\"]*\"")


def reason_of(error: BaseException | None) -> str:
    """The first line of the driver's message, at most MAX_LENGTH characters; "" if it has none.

    The lines that follow may hold values of rows; no line holds a password or a whole address.
    """
    lines = str(error or "").strip().splitlines()
    line = " ".join(lines[0].split()) if lines else ""
    line = _LOGIN.sub("//…@", line)
    line = _PASSWORD.sub("password=…", line)
    return _UNREADABLE.sub('"…"', line)[:MAX_LENGTH]

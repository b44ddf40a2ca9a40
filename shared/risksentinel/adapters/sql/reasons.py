"""reason_of: the reason why a database did not answer, from its driver, without secrets."""

import re
from typing import Final

MAX_LENGTH: Final = 200
# User and password: a driver repeats parts of a URL that it could not parse.
_LOGIN: Final = re.compile(r"//[^\s/]*@")
_PASSWORD: Final = re.compile(r"password\s*=\s*('[^']*'|\S+)", re.IGNORECASE)
# libpq quotes an option that it could not parse; the text may be a part of a password.
_UNREADABLE: Final = re.compile(r"(?<=option )\"[^\"]*\"|(?<=after )\"[^\"]*\"")


def reason_of(error: BaseException | None) -> str:
    """The first line of the driver's message, at most MAX_LENGTH characters; "" if it has none.

    The other lines may contain values of rows. Passwords and logins are replaced.
    """
    lines = str(error or "").strip().splitlines()
    line = " ".join(lines[0].split()) if lines else ""
    line = _LOGIN.sub("//…@", line)
    line = _PASSWORD.sub("password=…", line)
    return _UNREADABLE.sub('"…"', line)[:MAX_LENGTH]

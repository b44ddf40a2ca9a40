"""Characters that RiskSentinel refuses in text."""

import re
from typing import Final

# In identifiers, names and other texts of one line: C0 and C1 control characters, DEL, and
# unpaired surrogates (Unicode categories Cc and Cs).
FORBIDDEN_CHARACTERS: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# In every text, line breaks and tabs allowed: PostgreSQL stores no NUL, UTF-8 has no surrogates.
UNSTORABLE_CHARACTERS: Final = re.compile("[\x00\ud800-\udfff]")
FORBIDDEN_MESSAGE: Final = "contains a control character or an unpaired surrogate"

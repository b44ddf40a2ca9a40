"""TokenEndpoint: one request to the token endpoint of the issuer."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import Request

from risksentinel.adapters.oidc.bounded_http import PART, BoundedHttp, json_object
from risksentinel.errors import Unavailable

_REFUSALS: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED})
_ERROR: Final = re.compile(r"[a-z_]{1,40}", re.ASCII)
# The operator must correct the client; the person that signs in can do nothing.
_OF_THE_CLIENT: Final = frozenset({"invalid_client", "unauthorized_client"})


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """The answer of the token endpoint; `refusal` is the code of its error, None for tokens."""

    document: Mapping[str, Any]
    refusal: str | None = None


PostForm = Callable[[str, Mapping[str, str], Mapping[str, str]], TokenAnswer]


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """Meets `PostForm` with one request."""

    http: BoundedHttp

    def __call__(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str]
    ) -> TokenAnswer:
        """Send the form.

        Raises:
            Unavailable: no answer that can be read, or the issuer does not accept the client.
        """
        sent = {**headers, "Accept": "application/json"}
        body = urlencode(form).encode()
        status, answer = self.http.exchange(Request(url, body, sent, method="POST"))  # noqa: S310 - checked by `discover`
        if status == HTTPStatus.OK:
            return TokenAnswer(json_object(answer))
        if status not in _REFUSALS:
            raise Unavailable(PART, None, f"status {status} of its token endpoint")
        error = json_object(answer).get("error")
        code = error if isinstance(error, str) and _ERROR.fullmatch(error) else "no code"
        if code in _OF_THE_CLIENT:
            raise Unavailable(
                PART, None, f"it refuses OIDC_CLIENT_ID or OIDC_CLIENT_SECRET: {code}"
            )
        return TokenAnswer({}, code)

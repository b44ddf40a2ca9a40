"""What an endpoint's answer means for the delivery."""

from http import HTTPStatus

from risksentinel.errors import Rejected, Retryable


def accept(status: int) -> None:
    """Return on any 2xx.

    410 Gone is the one answer by which a receiver says "never again". Every other failure can be
    mended at the other end within minutes (a key, a route, a redirect), so the same is sent again.

    Raises:
        Rejected: the endpoint is gone.
        Retryable: it did not take the alert now.
    """
    if HTTPStatus(200) <= status < HTTPStatus(300):
        return
    if status == HTTPStatus.GONE:
        raise Rejected("answered 410: the endpoint is gone")
    if HTTPStatus(300) <= status < HTTPStatus(400):
        raise Retryable(f"answered {status}: redirects are not followed")
    raise Retryable(f"answered {status}")

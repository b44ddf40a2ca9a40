"""accept: what the status of an endpoint's answer means for the delivery."""

from http import HTTPStatus

from risksentinel.errors import Rejected, Retryable


def accept(status: int) -> None:
    """Return on any 2xx status.

    Only 410 Gone ends the deliveries to an endpoint. The receiver can correct every other failure
    within minutes (a key, a route, a redirect), so the delivery is retried.

    Raises:
        Rejected: the endpoint is gone.
        Retryable: the endpoint did not accept the alert now.
    """
    if HTTPStatus(200) <= status < HTTPStatus(300):
        return
    if status == HTTPStatus.GONE:
        raise Rejected("answered 410: the endpoint is gone")
    if HTTPStatus(300) <= status < HTTPStatus(400):
        raise Retryable(f"answered {status}: redirects are not followed")
    raise Retryable(f"answered {status}")

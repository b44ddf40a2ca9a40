"""boto3 behind one door: imported when first needed, and its errors in our words."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final, Protocol, cast

from risksentinel.errors import Misconfigured, RiskSentinelError, Unavailable

PART: Final = "object storage"
CONNECT_SECONDS: Final = 1
READ_SECONDS: Final = 5
ATTEMPTS: Final = 2
S3Answer = Mapping[str, Any]


class S3Client(Protocol):
    """What is used of boto3's client."""

    def get_object(self, **request: str) -> S3Answer:
        """Read one, by Bucket and Key."""

    def put_object(self, **request: str | bytes) -> S3Answer:
        """Write one, with its Body."""

    def list_objects_v2(self, **request: str | int) -> S3Answer:
        """List a page of keys by their Prefix."""

    def close(self) -> None:
        """Give the connections back."""


class S3Refusal(StrEnum):
    """An answer that is no error: the request asked whether."""

    ABSENT = "absent"
    UNCHANGED = "unchanged"
    TAKEN = "taken"
    UNSUPPORTED = "unsupported"


_REFUSALS: Final = {
    "NoSuchKey": S3Refusal.ABSENT,
    "304": S3Refusal.UNCHANGED,
    "PreconditionFailed": S3Refusal.TAKEN,
    "ConditionalRequestConflict": S3Refusal.TAKEN,
    "NotImplemented": S3Refusal.UNSUPPORTED,
}
_PASSING: Final = frozenset({"RequestTimeout", "SlowDown", "Throttling", "OperationAborted"})


def connect(endpoint_url: str, region: str) -> S3Client:
    """Make a client; credentials come from where boto3 looks, the AWS_ variables first.

    Raises:
        Misconfigured: boto3 cannot make one of these settings.
    """
    # Half a second, which no cold start has to spare: importing it here leaves it to a thread.
    import boto3  # type: ignore[import-untyped]  # it has no types; S3Client says what is used
    from botocore.config import Config  # type: ignore[import-untyped]  # the same

    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        s3={"addressing_style": "path"},
        # boto3's newer defaults send checksums that other S3 servers do not know.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    with in_our_words():
        session = boto3.session.Session(region_name=region or None)
        client = session.client("s3", endpoint_url=endpoint_url or None, config=config)
    return cast("S3Client", client)


def ask(call: Callable[..., S3Answer], **request: str | bytes | int) -> S3Answer | S3Refusal:
    """Send a request: the answer, or which of the refusals it got. See `in_our_words`."""
    from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # the same

    with in_our_words():
        try:
            return call(**request)
        except ClientError as error:
            refusal = _REFUSALS.get(_code(error.response))
            if refusal is None:
                raise
            return refusal


@contextmanager
def in_our_words() -> Iterator[None]:
    """Say in the project's errors what went wrong.

    Raises:
        Unavailable: the storage does not answer, or not now.
        Misconfigured: it refuses; the message has its code.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError  # type: ignore[import-untyped]  # the same

    try:
        yield
    except ClientError as error:
        raise _refused(error.response) from error
    except (BotoCoreError, ResponseParserError, OSError, ValueError) as error:
        raise _failed(error) from error


def _code(response: S3Answer) -> str:
    return str(response["Error"].get("Code", "no code"))


def _refused(response: S3Answer) -> RiskSentinelError:
    code, status = _code(response), response["ResponseMetadata"]["HTTPStatusCode"]
    if code == "NoSuchBucket":
        return Misconfigured("the bucket of MODEL_URI does not exist")
    failed = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS
    if failed or code in _PASSING:
        return Unavailable(PART)
    return Misconfigured(f"the object storage refuses: {code}")


def _failed(error: Exception) -> RiskSentinelError:
    from botocore import exceptions  # type: ignore[import-untyped]  # the same

    if isinstance(error, (exceptions.NoCredentialsError, exceptions.PartialCredentialsError)):
        return Misconfigured("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    if isinstance(error, exceptions.ParamValidationError):
        return Misconfigured("MODEL_URI has no valid bucket")
    if isinstance(error, (ValueError, exceptions.InvalidRegionError)):
        return Misconfigured("S3_ENDPOINT_URL or AWS_REGION cannot be used")
    return Unavailable(PART, error)

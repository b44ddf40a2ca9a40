"""The S3 client: boto3 is imported at the first use, and its errors are mapped."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final, Protocol, cast

from risksentinel.errors import Misconfigured, RiskSentinelError, Unavailable

PART: Final = "object storage"
CONNECT_SECONDS: Final = 1
READ_SECONDS: Final = 5
_NO_BOTO3: Final = (
    "boto3 is not installed, so the object storage needs AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY "
    "and AWS_REGION, and must answer"
)
ATTEMPTS: Final = 2
S3Answer = Mapping[str, Any]


class S3Client(Protocol):
    """The methods of boto3's client that are used."""

    def get_object(self, **request: str) -> S3Answer:
        """Read an object, by Bucket and Key."""

    def put_object(self, **request: str | bytes | datetime) -> S3Answer:
        """Write an object, with its Body."""

    def delete_object(self, **request: str) -> S3Answer:
        """Delete an object, by Bucket and Key."""

    def list_objects_v2(self, **request: str | int) -> S3Answer:
        """List a page of keys by their Prefix."""

    def list_object_versions(self, **request: str | int) -> S3Answer:
        """List a page of versions by the Prefix of their keys."""

    def close(self) -> None:
        """Close the connections."""


class NoBucket(Misconfigured):
    """The bucket does not exist."""


class S3Refusal(StrEnum):
    """A negative answer that the request expects, and that is no error."""

    ABSENT = "absent"
    UNCHANGED = "unchanged"
    TAKEN = "taken"
    UNSUPPORTED = "unsupported"
    NO_LOCK = "the bucket has no object lock"


_REFUSALS: Final = {
    "NoSuchKey": S3Refusal.ABSENT,
    "304": S3Refusal.UNCHANGED,
    "PreconditionFailed": S3Refusal.TAKEN,
    "ConditionalRequestConflict": S3Refusal.TAKEN,
    "NotImplemented": S3Refusal.UNSUPPORTED,
}
_PASSING: Final = frozenset({"RequestTimeout", "SlowDown", "Throttling", "OperationAborted"})


def connect(endpoint_url: str, region: str) -> S3Client:
    """Create a client; boto3 finds the credentials, in the AWS_ variables first.

    Raises:
        Misconfigured: boto3 does not accept these settings, or is not installed.
    """
    # The import takes half a second: here it runs on a thread, not in the cold start.
    try:
        import boto3  # type: ignore[import-untyped]  # it has no types; S3Client says what is used
        from botocore.config import Config  # type: ignore[import-untyped]  # the same
    except (
        ImportError
    ) as error:  # the image of rules-crud, which reads with keys of the environment
        raise Misconfigured(_NO_BOTO3) from error

    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        s3={"addressing_style": "path"},
        # boto3's newer defaults send checksums that other S3 servers do not know.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    with s3_errors_mapped():
        session = boto3.session.Session(region_name=region or None)
        client = session.client("s3", endpoint_url=endpoint_url or None, config=config)
    return cast("S3Client", client)


def ask(
    call: Callable[..., S3Answer], **request: str | bytes | int | datetime
) -> S3Answer | S3Refusal:
    """Send a request; answers the response or an expected refusal. Raises as `s3_errors_mapped`."""
    from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # the same

    with s3_errors_mapped():
        try:
            return call(**request)
        except ClientError as error:
            refusal = _REFUSALS.get(_code(error.response))
            if refusal is None and _lacks_lock(error.response, request):
                refusal = S3Refusal.NO_LOCK
            if refusal is None:
                raise
            return refusal


def _lacks_lock(response: S3Answer, request: Mapping[str, object]) -> bool:
    return "ObjectLockMode" in request and _code(response) in {
        "InvalidRequest",  # Amazon S3, MinIO
        "InvalidBucketObjectLockConfiguration",  # Versity
        "InvalidObjectLockConfiguration",
    }


@contextmanager
def s3_errors_mapped() -> Iterator[None]:
    """Map errors of boto3 to the project's errors.

    Raises:
        Unavailable: the storage does not answer, or fails temporarily.
        Misconfigured: the storage refuses the request; the message has its code.
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
        return NoBucket("the bucket of MODEL_URI does not exist")
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

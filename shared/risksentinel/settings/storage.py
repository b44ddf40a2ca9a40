"""StorageSettings: the database, the object storage and the folder of the embedded data."""

from pathlib import Path
from stat import S_ISVTX
from typing import Final

from pydantic import BaseModel, Field

from risksentinel.errors import Misconfigured

DATABASE_FILE: Final = "risksentinel.db"


class StorageSettings(BaseModel):
    """Where data is stored, a part of the settings of every process."""

    model_uri: str = Field(
        "", description="model storage: s3://bucket/prefix or a folder; RISKSENTINEL_HOME if unset"
    )
    ledger_uri: str = Field(
        "",
        description="storage of the ledger's anchors: s3://bucket/prefix or a folder; MODEL_URI if "
        "unset",
    )
    ledger_signing_key_file: str = Field(
        "",
        description="file of the Ed25519 private key that signs the ledger; without DATABASE_URL "
        "a key in RISKSENTINEL_HOME if unset",
    )
    s3_endpoint_url: str = Field("", description="URL of the object storage; Amazon S3 if unset")
    aws_region: str = Field(
        "", description="region of the object storage; the default of boto3 if unset"
    )
    risksentinel_home: Path = Field(
        Path(".risksentinel"), description="folder of the embedded data"
    )
    database_url: str = Field(
        "",
        repr=False,
        description="SQLAlchemy URL of the database; SQLite in RISKSENTINEL_HOME if unset",
    )

    @property
    def database(self) -> str:
        """The URL of the database; SQLite in RISKSENTINEL_HOME if DATABASE_URL is unset."""
        return self.database_url or f"sqlite:///{self.risksentinel_home / DATABASE_FILE}"

    def make_home(self, *, with_database: bool = True) -> None:
        """Make the folder of the embedded data and its database readable by their owner only.

        `with_database` is false for a folder that will have no database.

        Raises:
            Misconfigured: the folder cannot be created, or belongs to another user.
        """
        home = self.risksentinel_home
        try:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not home.stat().st_mode & S_ISVTX:  # a folder of all users, like /tmp, stays so
                home.chmod(0o700)
            if with_database and not self.database_url:
                (home / DATABASE_FILE).touch(0o600)  # what SQLite adds to it gets its mode
            for file in home.glob(f"{DATABASE_FILE}*"):
                file.chmod(0o600)
        except OSError as error:
            raise Misconfigured(
                f"RISKSENTINEL_HOME cannot be used: {error.strerror}; set it to a folder that you "
                "own and may write to"
            ) from None

    @property
    def models(self) -> str:
        """The root of the model storage, which contains models/<name>/<version>/."""
        return self.model_uri or str(self.risksentinel_home)

    @property
    def anchors(self) -> str:
        """The root of the storage of the ledger's anchors."""
        return self.ledger_uri or self.models

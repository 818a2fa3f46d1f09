"""Every setting: read from the environment with the prefix ``FOLLOWTHROUGH_``, or from a ``.env`` file."""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator can decide."""

    model_config = SettingsConfigDict(env_prefix="FOLLOWTHROUGH_", env_file=".env", extra="ignore")

    data_dir: Path = Field(default=Path("data"), description="Folder of the embedded SQLite database.")
    database_url: str = Field(
        default="",
        description="A postgresql:// address to use PostgreSQL; empty for SQLite in the data folder.",
    )
    admin_token: SecretStr = Field(
        default=SecretStr(""), description="Bearer token that may do everything. Unset, the API is read-only."
    )
    secret: SecretStr = Field(
        default=SecretStr(""), description="Signs cursors; unset, one is made and kept in the database."
    )
    bundled: bool = Field(default=True, description="Load the bundled register into an empty database at the start.")
    threads: int = Field(
        default=0,
        ge=0,
        le=256,
        description="Requests that use the database at once; 0: 2 on SQLite, 10 on PostgreSQL.",
    )
    query_seconds: float = Field(default=1.0, gt=0, description="Longest time that one reading request may take.")
    cache_bytes: int = Field(
        default=64 * 1024 * 1024,
        ge=0,
        description="Memory for ready-made public answers, in bytes; 0 turns it off.",
    )
    today: date | None = Field(
        default=None,
        description="The day to take for today, for tests and to reproduce a scorecard; unset, the real one.",
    )
    log_level: str = Field(default="info", description="One of debug, info, warning, error.")

    log_format: Literal["console", "json"] = Field(
        default="console", description="How the log is written: console for people, json for programs."
    )

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.lower() not in ("debug", "info", "warning", "error"):
            raise ValueError("must be one of debug, info, warning, error")
        return value.lower()

    @property
    def sqlite_file(self) -> Path:
        """The file of the embedded database."""
        return self.data_dir / "followthrough.sqlite3"

    @property
    def on_postgresql(self) -> bool:
        """Whether a PostgreSQL database is configured."""
        return bool(self.database_url)

    @property
    def sqlalchemy_url(self) -> str:
        """The address of the database as SQLAlchemy wants it; a plain postgresql:// address works as it stands."""
        if not self.database_url:
            return f"sqlite:///{self.sqlite_file}"
        scheme, separator, rest = self.database_url.partition("://")
        if not separator or scheme.partition("+")[0] not in ("postgresql", "postgres"):
            raise ValueError("FOLLOWTHROUGH_DATABASE_URL must be a postgresql:// address, or unset for SQLite")
        return f"postgresql+psycopg://{rest}"

    @property
    def worker_threads(self) -> int:
        """How many requests may use the database at once in one process."""
        return self.threads or (10 if self.on_postgresql else 2)

"""Every setting: read from the environment with the prefix ``FOLLOWTHROUGH_``, or from a ``.env`` file."""

from datetime import date
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import limits
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_STORES = ("redis", "rediss", "valkey", "valkeys")


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


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
    rate_limit: str = Field(
        default="60000/minute",
        description="Requests that one address may make, such as 100/minute or 5 per second; empty: any number.",
    )
    key_rate_limit: str = Field(
        default="60000/minute", description="Requests that one key may make, from wherever; empty: any number."
    )
    limits_url: SecretStr = Field(
        default=SecretStr(""),
        description="A redis:// or valkey:// address where processes count requests together; empty: each by itself.",
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses or networks, separated by commas, whose X-Forwarded-For is believed; empty: nobody's.",
    )
    header_seconds: float = Field(
        default=10.0, gt=0, description="Longest time in which the headers of a request must have come."
    )
    body_seconds: float = Field(
        default=60.0, gt=0, description="Longest time in which the body of a request must have come."
    )
    stalled_seconds: float = Field(
        default=30.0, gt=0, description="Longest time for which a client may leave its answer unread."
    )
    connections: int = Field(
        default=800, ge=1, description="Connections that one process serves at once; beyond, it answers 503."
    )
    today: date | None = Field(
        default=None,
        description="The day to take for today, for tests and to reproduce a scorecard; unset, the real one.",
    )
    log_level: str = Field(default="info", description="One of debug, info, warning, error.")

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.lower() not in ("debug", "info", "warning", "error"):
            raise ValueError("must be one of debug, info, warning, error")
        return value.lower()

    @field_validator("rate_limit", "key_rate_limit")
    @classmethod
    def _known_rate(cls, value: str) -> str:
        try:
            rates = limits.parse_many(value) if value.strip() else []
            usable = len(rates) <= 1 and all(rate.amount and rate.multiples for rate in rates)
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("must be one rate, such as 100/minute or 5 per second, or empty for none")
        return value.strip()

    @field_validator("limits_url")
    @classmethod
    def _known_store(cls, value: SecretStr) -> SecretStr:
        # What is wrong is said without the address, which may hold a password.
        wrong = "must be an address such as redis://host:6379/0 or valkey://host:6379/0, or empty"
        try:
            parts = urlsplit(value.get_secret_value())
            usable = parts.scheme in _STORES and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if value.get_secret_value() and not usable:
            raise ValueError(wrong)
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _known_networks(cls, value: str) -> str:
        for each in _listed(value):
            try:
                ip_network(each)
            except ValueError as error:
                raise ValueError(f"must be addresses or networks, separated by commas: {error}") from None
        return value

    @property
    def trusted_networks(self) -> list[IPv4Network | IPv6Network]:
        """The networks of proxies whose word on where a request comes from is taken."""
        return [ip_network(each) for each in _listed(self.trusted_proxies)]

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

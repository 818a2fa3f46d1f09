"""Every setting: read from the environment with the prefix ``FOLLOWTHROUGH_``, or from a ``.env`` file."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, SettingsConfigDict

from app import database_addresses
from app.setting_values import (
    AdminToken,
    Algorithms,
    Day,
    HostNames,
    IssuerAddress,
    LogLevel,
    Networks,
    PublicAddress,
    Rate,
    Secret,
    StoreAddress,
    listed,
    networks,
)


class Settings(BaseSettings):
    """What an operator can decide."""

    model_config = SettingsConfigDict(env_prefix="FOLLOWTHROUGH_", env_file=".env", extra="ignore")

    data_dir: Path = Field(default=Path("data"), description="Folder of the embedded SQLite database.")
    database_url: str = Field(
        default="",
        description="A postgresql:// address to use PostgreSQL; empty for SQLite in the data folder.",
    )
    read_database_url: str = Field(
        default="",
        description=(
            "postgresql:// addresses of streaming standbys, set apart by spaces or commas: what is read without a key "
            "is read there."
        ),
    )
    read_lag_seconds: float = Field(
        default=5.0,
        ge=0,
        description="How long a standby may lack a change and still be read; 0: it must have all that is known.",
    )
    public_url: PublicAddress = Field(
        default="",
        description="Where the public finds the register, such as https://register.example; unset, links are paths.",
    )
    admin_token: AdminToken = Field(
        default=SecretStr(""),
        description="Bearer token that may do everything, of 16 characters or more. Unset, the API is read-only.",
    )
    secret: Secret = Field(
        default=SecretStr(""),
        description="Signs cursors, of 32 bytes or more; unset, one is made and kept in the database.",
    )
    oidc_issuer: IssuerAddress = Field(
        default="", description="Address of the OpenID Connect issuer whose tokens are accepted; unset, none are."
    )
    oidc_audience: str = Field(
        default="",
        validate_default=True,
        description="What tokens name as their audience (aud); needed with an issuer.",
    )
    oidc_role_claim: str = Field(
        default="followthrough_role",
        min_length=1,
        description="The claim with the role, contributor, editor or admin; a.b.c is c in b in a.",
    )
    oidc_algorithms: Algorithms = Field(
        default="RS256,ES256", description="How tokens may be signed, set apart by commas; only asymmetric algorithms."
    )
    oidc_networks: Networks = Field(
        default="",
        description="Networks, separated by commas, where the issuer may be though they are not public: 10.0.0.0/8.",
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
        description="Memory for ready-made public responses, in bytes; 0 turns it off.",
    )
    short_way: bool = Field(
        default=True,
        description="Read what everybody reads past the framework's routing, answer what was asked before past all "
        "layers, and run statements past SQLAlchemy; false: the same responses by their ways.",
    )
    streams: int = Field(
        default=200,
        ge=0,
        description="Clients that may follow the changes live at once, a process; three quarters of one address.",
    )
    heartbeat_seconds: float = Field(
        default=15, gt=0, description="Pause after which a live stream that has nothing to tell sends a comment."
    )
    rate_limit: Rate = Field(
        default="60000/minute",
        description="Requests that one address may make, such as 100/minute or 5 per second; empty: any number.",
    )
    key_rate_limit: Rate = Field(
        default="60000/minute", description="Requests that one key may make, from wherever; empty: any number."
    )
    limits_url: StoreAddress = Field(
        default=SecretStr(""),
        description="A redis:// or valkey:// address where processes count requests together; empty: each by itself.",
    )
    assistant_hosts: HostNames = Field(
        default="",
        description=(
            "Host names by which assistants reach /mcp, separated by commas; then no other is answered there, nor a "
            "web page of another. Empty: any."
        ),
    )
    trusted_proxies: Networks = Field(
        default="",
        description="Addresses or networks, separated by commas, whose X-Forwarded-For is believed; empty: nobody's.",
    )
    header_seconds: float = Field(
        default=10.0, gt=0, description="Longest time in which the headers of a request must have come."
    )
    body_seconds: float = Field(
        default=15.0,
        gt=0,
        description="Longest time in which the body of a request must have come, and a second more per 100 kB of it.",
    )
    stalled_seconds: float = Field(
        default=30.0, gt=0, description="Longest time for which a client may leave its response unread."
    )
    connections: int = Field(
        default=800, ge=1, description="Connections that one process serves at once; beyond, it answers 503."
    )
    webhook_networks: Networks = Field(
        default="",
        description="Networks, separated by commas, where receivers of webhooks may be though they are not public.",
    )
    link_check_days: float = Field(
        default=0, ge=0, description="Days in which the server tries the address of each source once; 0: never."
    )
    today: Day | None = Field(
        default=None,
        description="The day to take for today, for tests and to reproduce a scorecard; unset, the real one.",
    )
    log_level: LogLevel = Field(default="info", description="One of debug, info, warning, error.")
    log_format: Literal["console", "json"] = Field(
        default="console", description="How the log is written: console for people, json for programs."
    )

    @field_validator("read_database_url")
    @classmethod
    def _standbys(cls, value: str, info: ValidationInfo) -> str:
        # What is wrong is said without the address, which may hold a password.
        urls = database_addresses.split(value)
        if not all(database_addresses.usable(each) for each in urls):
            raise ValueError("must be postgresql:// addresses, set apart by spaces or commas")
        if urls and not info.data.get("database_url"):
            raise ValueError("must be set only where FOLLOWTHROUGH_DATABASE_URL is: SQLite has no standbys")
        return value

    @field_validator("oidc_audience")
    @classmethod
    def _both_or_none(cls, value: str, info: ValidationInfo) -> str:
        # An issuer that is not valid is told of by itself.
        if "oidc_issuer" in info.data and bool(value) != bool(info.data["oidc_issuer"]):
            raise ValueError("must be set where FOLLOWTHROUGH_OIDC_ISSUER is, and only there")
        return value

    @property
    def token_algorithms(self) -> tuple[str, ...]:
        """How tokens of the issuer may be signed, by the names of RFC 7518."""
        return tuple(self.oidc_algorithms.split(","))

    @property
    def assistant_host_names(self) -> list[str]:
        """The host names by which assistants may come; none: any."""
        return listed(self.assistant_hosts)

    @property
    def trusted_networks(self) -> list[IPv4Network | IPv6Network]:
        """The networks of proxies whose word on where a request comes from is taken."""
        return networks(self.trusted_proxies)

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
        return (
            database_addresses.for_driver(self.database_url) if self.database_url else f"sqlite:///{self.sqlite_file}"
        )

    @property
    def read_database_urls(self) -> list[str]:
        """The addresses of the standbys."""
        return database_addresses.split(self.read_database_url)

    def at(self, database_url: str) -> Self:
        """The same settings for another database, which has no standbys."""
        return self.model_copy(update={"database_url": database_url, "read_database_url": ""})

    @property
    def worker_threads(self) -> int:
        """How many requests may use the database at once in one process."""
        return self.threads or (10 if self.on_postgresql else 2)


def given() -> dict[str, str | None]:
    """What the ``.env`` file and the environment say, which goes before it: values by their names in capitals."""
    sources = DotEnvSettingsSource(Settings), EnvSettingsSource(Settings)
    return {name.upper(): value for source in sources for name, value in source.env_vars.items()}


def unknown_names(names: Iterable[str]) -> list[str]:
    """Which of the names of environment variables look like a setting and are none."""
    prefix = str(Settings.model_config["env_prefix"])
    known = {f"{prefix}{name}".upper() for name in Settings.model_fields}
    return sorted(name for name in names if name.upper().startswith(prefix.upper()) and name.upper() not in known)

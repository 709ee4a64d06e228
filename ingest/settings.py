"""Everything a city can set, as environment variables or a `.env`, prefix `VERBATIM_`.

Nothing here is read at import: entry points build one `Settings` and pass on what each part needs.
"""

import logging
from pathlib import Path
from typing import Literal, Self

from platformdirs import user_cache_path
from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

log = logging.getLogger(__name__)


def _default_cache() -> Path:
    return user_cache_path("verbatim", appauthor=False)


class Settings(BaseSettings):
    """One machine's configuration. Paths may be relative to the working directory."""

    model_config = SettingsConfigDict(env_prefix="VERBATIM_", env_file=".env", extra="ignore")

    data: Path = Field(Path("data"), description="the one data directory")
    cache: Path = Field(default_factory=_default_cache, description="assembled model weights")
    database: str | None = Field(None, description="URL of SQLite or PostgreSQL; unset: in `data`")

    media: str | None = Field(
        None,
        pattern=r"^s3://[a-z0-9][a-z0-9.-]+(/[^\s?#]*)?$",
        description="an S3-compatible store of the sound, as s3://bucket/prefix; unset: in `data`",
    )
    media_endpoint: str | None = Field(
        None, pattern=r"^https?://[^\s@]+$", description="its address; unset: that of AWS"
    )
    aws_region: str = Field(
        "us-east-1", validation_alias=AliasChoices("AWS_REGION", "AWS_DEFAULT_REGION")
    )
    aws_access_key_id: str | None = Field(None, validation_alias="AWS_ACCESS_KEY_ID")
    aws_secret_access_key: SecretStr | None = Field(None, validation_alias="AWS_SECRET_ACCESS_KEY")
    aws_session_token: SecretStr | None = Field(None, validation_alias="AWS_SESSION_TOKEN")

    language: str = Field("fr", description="language spoken in the recordings")
    whisper: str = Field("packaged", description="'packaged', or any faster-whisper name or path")
    whisper_device: str = Field("cpu", description="cpu, cuda or auto")
    whisper_compute: str = Field("int8", description="CTranslate2 compute type")
    whisper_beam: int = Field(5, ge=1, le=20)
    embedder: str = Field("packaged", description="'packaged', or any sentence-transformers model")
    reader: str = Field(
        "packaged", description="'packaged', or any sentence-transformers CrossEncoder"
    )
    chroma: str = Field(
        "embedded",
        pattern=r"^(embedded|off|https?://[^\s/@]+(/[a-z0-9-]{1,60})?)$",
        description="Chroma, which finds by meaning: embedded, off, or a server's address, with a "
        "name of this archive (http://chroma:8000/rivemont) where the server serves others too",
    )
    vectors: Literal["memory", "chroma"] | None = Field(
        None, description="before 0.2.0: memory is VERBATIM_CHROMA=off, chroma is embedded"
    )
    diarizer: str = Field("packaged", description="'packaged', or a pyannote pipeline")
    numbers: Literal["espace", "apostrophe"] = Field(
        "espace", description="between thousands: 2 400 000 or 2'400'000"
    )
    hints: bool = Field(False, description="tell Whisper the names to expect: for larger models")
    glossary: Path | None = Field(None, description="the city's own words, a CSV or one a line")
    threads: int = Field(0, ge=0, description="threads for the models; 0: one per processor")
    window_minutes: int = Field(10, ge=1, le=30, description="longest stretch between checkpoints")

    max_file_gib: float = Field(20.0, gt=0, description="largest media file accepted")
    max_hours: float = Field(12.0, gt=0, description="longest session accepted")
    workers: int = Field(1, ge=0, le=16, description="processes of `serve` that work; 0: none")
    processes: int = Field(1, ge=1, le=64, description="processes that serve pages, each whole")
    inbox: Path | None = Field(None, description="a folder whose sub-folders are brought in")
    keep_unsent_days: int = Field(30, ge=1, description="how long what was not sent off is kept")
    keep_source_days: int = Field(
        30, ge=0, description="how long the recordings of a draft are kept, as they were sent"
    )
    backups: Path | None = Field(
        None, description="a folder, not within `data`, whose backups the office makes and lists"
    )
    decode_memory_gib: float = Field(3.0, gt=0, description="memory the decoding process may take")

    llm_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s@]+$",
        description="an OpenAI-compatible endpoint, as http://127.0.0.1:11434/v1; unset: no model",
    )
    llm_model: str = Field("default", description="the endpoint's name for the model")
    llm_key: SecretStr | None = Field(None, description="its key, if it wants one")
    llm_timeout_s: float = Field(20.0, gt=0, le=120, description="longest wait for its answer")

    city: str = Field("Ville de Rivemont", description="name shown on every page")
    country: str = Field(
        "fr", pattern=r"^[a-z]{2}$", description="the city's, by ISO 3166: ch, be, ..."
    )
    colour: str = Field("#9b1c31", pattern=r"^#[0-9a-fA-F]{6}$", description="the city's colour")
    logo: Path | None = Field(None, description="an SVG or PNG shown in the header")
    reading: Literal["public", "accounts"] = Field(
        "public", description="who reads what is published: anybody, or who has an account"
    )
    data_licence: str | None = Field(None, description="of what is published: CC BY 4.0, ...")
    data_licence_url: str | None = Field(
        None, pattern=r"^https?://\S+$", description="where that licence is read"
    )
    contact: str | None = Field(
        None, max_length=200, description="a mail address, or where to write, shown to readers"
    )
    legal_notice: Path | None = Field(None, description="a text that /mentions shows besides")
    accessibility: Path | None = Field(None, description="the city's own statement, a text")
    requests_per_minute: int = Field(
        120, ge=0, description="that one address may make of /api, /v1 and /mcp; 0: any number"
    )
    webhooks: str = Field(
        "",
        pattern=r"^(https?://[^\s,@]+( *, *https?://[^\s,@]+)*)?$",
        description="addresses that are told of published sessions, commas between",
    )
    webhook_secret: SecretStr | None = Field(
        None, min_length=16, description="what those calls are signed with"
    )
    assistants_key: SecretStr | None = Field(
        None, min_length=16, description="what /v1 and /mcp ask for as a bearer; unset: nothing"
    )
    address: str | None = Field(
        None, pattern=r"^https?://[^\s/@]+$", description="the site's own, as people type it"
    )
    smtp: SecretStr | None = Field(
        None, description="the mail server, as smtps://user:password@host:465; unset: no mail"
    )
    mail_from: str | None = Field(None, description="the address that mails come from")
    oidc_issuer: str | None = Field(
        None,
        pattern=r"^(https://|http://(localhost|127\.0\.0\.1)[:/])[^\s@]+$",
        description="the city's OpenID Connect provider, by its issuer; unset: passwords alone",
    )
    oidc_client_id: str = Field("verbatim", description="how that provider knows this product")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="its secret there")
    oidc_scopes: str = Field("openid profile email", description="what is asked of it")
    oidc_name: str = Field("le compte de la ville", description="se connecter avec ...")
    oidc_login: str = Field("email", description="the claim that names an account prepared here")
    oidc_groups: str = Field("groups", description="the claim that gives somebody's groups")
    oidc_roles: str = Field("", description="roles by group, as greffe=clerk,admins=administrator")
    proxies: str = Field(
        "127.0.0.1",
        pattern=r"^[0-9a-fA-F.:/]+( *, *[0-9a-fA-F.:/]+)*$",
        description="addresses of the proxies whose word on where requests come from is taken",
    )
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)

    @model_validator(mode="after")
    def _take_old_names(self) -> Self:
        if self.vectors and "chroma" not in self.model_fields_set:
            self.chroma = "off" if self.vectors == "memory" else "embedded"
            log.warning("VERBATIM_VECTORS is VERBATIM_CHROMA=%s since 0.2.0.", self.chroma)
        return self

    @property
    def database_url(self) -> str:
        """Where the truth is kept."""
        return self.database or f"sqlite:///{(self.data / 'archive.sqlite').absolute()}"

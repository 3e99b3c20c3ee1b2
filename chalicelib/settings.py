"""The only reader of the environment. Read on first use, so that packaging needs none of it."""

from functools import cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a deployment decides. Names stand in docs/architecture.md, with the prefix."""

    model_config = SettingsConfigDict(env_prefix="HANDSHAKE_", frozen=True, extra="ignore")

    stage: str = "dev"
    cases_table: str
    registry_table: str
    access_table: str
    jobs_table: str
    files_bucket: str
    work_queue_url: str
    jobs_queue_url: str
    brand_topic_arn_prefix: str
    root_secret_arn: str
    public_url: str = Field(description="Where the API is reached, without a slash at the end.")


@cache
def settings() -> Settings:
    """The settings of this process. pydantic.ValidationError names what is missing."""
    return Settings()

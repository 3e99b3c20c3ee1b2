"""The only reader of the environment. Read on first use, so that packaging needs none of it."""

import os
from functools import cache

from pydantic import BaseModel, ConfigDict, Field

PREFIX = "HANDSHAKE_"


class Settings(BaseModel):
    """What a deployment decides. Names stand in docs/architecture.md, with the prefix."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    stage: str = "dev"
    cases_table: str
    registry_table: str
    access_table: str
    jobs_table: str
    vault_table: str
    vault_keys_table: str
    vault_key_arn: str
    ledger_table: str
    files_bucket: str
    ledger_bucket: str
    ledger_key_id: str
    attachments_bucket: str
    work_queue_url: str
    jobs_queue_url: str
    attachments_queue_url: str
    outbound_queue_url: str
    work_dead_letters_url: str
    jobs_dead_letters_url: str
    attachments_dead_letters_url: str
    outbound_dead_letters_url: str
    schedule_dead_letters_url: str
    delivery_dead_letters_url: str
    brand_topic_arn_prefix: str
    root_secret_arn: str
    public_url: str = Field(description="Where the API is reached, without a slash at the end.")
    carriers_url: str = Field(
        "", description="Where requests to providers go instead; for machines without any."
    )
    requests_per_minute: int = Field(600, ge=1, description="Of one key.")
    filings_per_day: int = Field(
        10_000, ge=1, description="Of one partner, where its organisation says nothing else."
    )


@cache
def settings() -> Settings:
    """The settings of this process. pydantic.ValidationError names what is missing."""
    given = {name: os.environ.get(PREFIX + name.upper()) for name in Settings.model_fields}
    return Settings.model_validate({name: value for name, value in given.items() if value})

"""What stack.json says: everything a script needs to drive the running stack."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.local.environment import ACCOUNT, REGION
from infra.local.keys import DemoKey
from infra.local.organisations import RegisteredBrand


@dataclass
class Stack:
    """A running stack."""

    base_url: str
    aws_endpoint: str
    alerts_url: str
    keys: Sequence[DemoKey]
    settings: Mapping[str, str] = field(default_factory=dict)
    brands: Sequence[RegisteredBrand] = ()
    processes: Mapping[str, int] = field(default_factory=dict)

    def key(self, name: str) -> str:
        """A key in the clear, by its name in stack.json."""
        return next(key.key for key in self.keys if key.name == name)

    def document(self) -> dict[str, Any]:
        """stack.json. The names are described in docs/local.md."""
        return {
            "base_url": self.base_url,
            "aws_endpoint": self.aws_endpoint,
            "alerts_url": self.alerts_url,
            "region": REGION,
            "account": ACCOUNT,
            "keys": {key.name: key.key for key in self.keys},
            "organisations": {key.name: key.organisation for key in self.keys},
            "brands": {brand.brand_id: self._brand(brand) for brand in self.brands},
            "tables": {
                name: self.settings[f"HANDSHAKE_{name.upper()}_TABLE"]
                for name in ("cases", "registry", "access", "jobs", "ledger")
            },
            "bucket": self.settings["HANDSHAKE_FILES_BUCKET"],
            "ledger_bucket": self.settings["HANDSHAKE_LEDGER_BUCKET"],
            "attachments_bucket": self.settings["HANDSHAKE_ATTACHMENTS_BUCKET"],
            "queues": {
                name: self.settings[f"HANDSHAKE_{name.upper()}_QUEUE_URL"]
                for name in ("work", "jobs", "attachments", "outbound")
            },
            "root_secret_arn": self.settings["HANDSHAKE_ROOT_SECRET_ARN"],
            "brand_topic_arn_prefix": self.settings["HANDSHAKE_BRAND_TOPIC_ARN_PREFIX"],
            "pid": os.getpid(),
            "processes": dict(self.processes),
        }

    def _brand(self, brand: RegisteredBrand) -> dict[str, Any]:
        """The brand's topic and queue, and the key of its desk."""
        desk = next(k.key for k in self.keys if k.organisation == brand.brand_id)
        return {**brand._asdict(), "key": desk}

"""Lines of each provider, made up."""

from typing import Any

from chalicelib.carriers.carrier import Parcel
from chalicelib.domain.helpline.helpline_line import HelplineLine, Provider
from chalicelib.domain.references import derive_id
from tests.service import START

ACCOUNT = "AC" + "0" * 32
SECRETS = {
    "auth_token": "a-twilio-token",
    "bot_secret": "a-qq-secret",
    "token": "a-wechat-token",
    "app_id": "wx-app",
    "app_secret": "a-wechat-secret",
}
_OF = {
    Provider.TWILIO_MESSAGES: {"account": ACCOUNT, "address": "+15550100"},
    Provider.TWILIO_VOICE: {"account": ACCOUNT, "address": "+15550101"},
    Provider.QQ: {"account": "102000001"},
    Provider.WECHAT: {"account": "gh_000000000001"},
}


def line_of(provider: Provider, **changes: Any) -> HelplineLine:
    """A line of a provider."""
    fields = {
        "line_id": derive_id("ln", provider),
        "partner_id": "handshake-gz",
        "provider": provider,
        "name": f"Our {provider}",
        "created_at": START,
        **_OF.get(provider, {}),
    }
    return HelplineLine.model_validate({**fields, **changes})


def parcel(provider: Provider, **changes: Any) -> Parcel:
    """A message to be handed over."""
    fields: dict[str, Any] = {
        "text": "工资已经补发了吗?",
        "to": "+15550199",
        "line": line_of(provider),
        "secrets": SECRETS,
        "answers": None,
        "tell": "https://handshake.test/status",
    }
    return Parcel(**{**fields, **changes})

"""The carriers by channel."""

from functools import cached_property

from chalicelib.carriers.carrier import Carrier
from chalicelib.carriers.http import Http
from chalicelib.carriers.qq import Qq
from chalicelib.carriers.tokens import Tokens
from chalicelib.carriers.twilio import Twilio
from chalicelib.carriers.wechat import WeChat
from chalicelib.domain.vocabulary import Channel


class Carriers:
    """One for each channel on which a worker can be written to, or is recorded."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def on(self, channel: Channel) -> Carrier:
        """The carrier of a channel. KeyError for one that nobody carries."""
        return self._by_channel[channel]

    @cached_property
    def _by_channel(self) -> dict[Channel, Carrier]:
        return {
            Channel.SMS: Twilio(self._http, Channel.SMS),
            Channel.WHATSAPP: Twilio(self._http, Channel.WHATSAPP),
            Channel.PHONE: Twilio(self._http, Channel.PHONE),
            Channel.QQ: Qq(self._http, Tokens()),
            Channel.WECHAT: WeChat(self._http, Tokens()),
        }

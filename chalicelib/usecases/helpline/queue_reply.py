"""Have a reply sent, on a line whose provider takes none in its answer.

Nothing that is kept says whom it goes to: who wrote may have no case, or have joined somebody
else's by its code. So the whole of it travels in one message of the queue, sealed.
"""

from chalicelib.deps import Deps
from chalicelib.domain.helpline.helpline_line import HelplineLine
from chalicelib.domain.helpline.inbound import Inbound
from chalicelib.usecases.helpline.hearing.said_back import Heard
from chalicelib.usecases.helpline.sealed_reply import Reply, sealed


def queue_reply(heard: Heard, *, to: Inbound, line: HelplineLine, deps: Deps) -> None:
    """Have what is to be said sent to who wrote; nothing where there is nothing to say.

    Raises Unavailable: then the provider sends her message again, which has the same reply.
    """
    if heard.reply is None:
        return
    reply = Reply(text=heard.reply, to=to.sender, channel=to.channel, answers=to.message_id)
    deps.queues.send_reply(line.line_id, sealed(reply, line.line_id, deps.keyring))

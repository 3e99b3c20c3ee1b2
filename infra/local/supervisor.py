"""The foreground process: starts the two others, tells the terminal, starts the app anew when it
dies, and ends everything in the right order."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.local import ports
from infra.local.child import Child, News, in_words
from infra.local.environment import adopt
from infra.local.inbox import Heard, Inbox, signals_into
from infra.local.options import CannotStart, Options
from infra.local.places import Places
from infra.local.processes import Processes, last_words
from infra.local.sink import CARRIERS, MESSAGES, Received, Sink

if TYPE_CHECKING:
    from infra.local.organisations import RegisteredBrand
    from infra.local.stack import Stack

_READY_WITHIN = 120.0  # seconds
_WHAT_IS_LEFT = "Without it there are no data. The next start goes on from what was last saved."


class Failed(Exception):
    """The stack cannot go on; the message says why."""


class Stopped(Exception):
    """Somebody asked it to stop."""


def run(options: Options, environ: Mapping[str, str], say: Callable[[str], None]) -> int:
    """Run until it is stopped: 0. 1 when it could not start or go on, after saying why."""
    places, inbox = Places(options.directory), Inbox()
    try:
        with signals_into(inbox), places.lock():
            places.make()
            return Supervisor(options, places, environ, inbox, say).run()
    except CannotStart as reason:
        say(str(reason))
        return 1


class Supervisor:
    """One run of the stack. CannotStart when a port cannot be had."""

    def __init__(
        self,
        options: Options,
        places: Places,
        environ: Mapping[str, str],
        inbox: Inbox,
        say: Callable[[str], None],
    ) -> None:
        self._options = options
        self._places = places
        self._inbox = inbox
        self._terminal = say
        self._processes = Processes(options, places, environ, inbox)
        self._sink = Sink(_alerts_socket(options), self._announce_alert, self._announce_message)
        self._announced = False

    def run(self) -> int:
        """Start, serve, end. The exit code."""
        code = 0
        try:
            stack = self._started()
            self._announce(stack)
            self._serve(stack)
        except Stopped:
            self._say("Stopping.")
        except Failed as reason:
            self._say(str(reason))
            code = 1
        finally:
            self._end()
        return code

    def _started(self) -> "Stack":
        """Everything that belongs to the stack, once all of it answers."""
        self._processes.start()
        self._sink.start()
        threading.Thread(target=_import_what_comes_later, daemon=True).start()
        ready = self._wait_for("ready", self._processes.aws)
        stack = self._prepared()
        if ready["restored"]:
            self._say(ready["restored"])
        stack.settings = {
            **ready["settings"],
            "HANDSHAKE_PUBLIC_URL": stack.base_url,
            "HANDSHAKE_CARRIERS_URL": f"{self._sink.url}{CARRIERS}",
        }
        self._processes.start_app(
            settings=stack.settings,
            keys=[vars(key) for key in stack.keys],
            tick_seconds=self._options.tick_seconds,
        )
        self._wait_for("ready", self._processes.app)
        if not self._options.empty:
            stack.brands = self._registered(stack)
        return stack

    def _prepared(self) -> "Stack":
        """The URLs and the keys."""
        from infra.local.keys import keys_for
        from infra.local.organisations import holders
        from infra.local.stack import Stack

        kept = None if self._options.ephemeral else self._places.keys
        return Stack(
            base_url=self._processes.base_url,
            aws_endpoint=self._processes.aws_endpoint,
            alerts_url=self._sink.url,
            keys=keys_for(holders(), kept),
        )

    def _registered(self, stack: "Stack") -> "Sequence[RegisteredBrand]":
        """The demo brands, registered in the background: a stop need not wait for that."""
        from infra.local.organisations import Registrar

        adopt(self._processes.environment)
        registrar = Registrar(stack.base_url, stack.keys, stack.alerts_url)

        def register() -> None:
            try:
                self._inbox.put("registered", brands=registrar.register())
            except Exception as failure:  # noqa: BLE001  told by the main thread
                self._inbox.put("failed", why=f"{type(failure).__name__}: {failure}")

        threading.Thread(target=register, daemon=True).start()
        brands: Sequence[RegisteredBrand] = self._wait_for("registered", None)["brands"]
        return brands

    def _wait_for(self, name: str, sender: Child | None) -> News:
        """The next news of that name. Failed when it does not come, Stopped when nobody waits."""
        deadline = time.monotonic() + _READY_WITHIN
        while (heard := self._inbox.get(max(0.0, deadline - time.monotonic()))) is not None:
            if (heard.name, heard.sender) == (name, sender):
                return heard.news
            if heard.name == "ended" and heard.sender is not None:
                raise Failed(last_words(heard.sender, heard.news["code"]))
            self._heard(heard)
        raise Failed(f"No answer for {_READY_WITHIN:.0f} s. See {self._places.log}.")

    def _announce(self, stack: "Stack") -> None:
        """Now everything answers: stack.json appears, and the terminal says so."""
        from infra.local.banner import banner

        self._write_stack(stack)
        self._processes.save()
        self._say(banner(stack, self._options, self._places, datetime.now(UTC).date()))
        self._announced = True

    def _write_stack(self, stack: "Stack") -> None:
        stack.processes = self._processes.ids()
        self._places.write_stack(stack.document())

    def _serve(self, stack: "Stack") -> None:
        while True:
            heard = self._inbox.get()
            if heard is None:
                continue
            if heard.name == "ended" and heard.sender is not None:
                self._ended(heard.sender, heard.news["code"])
            elif heard.name == "ready":
                self._write_stack(stack)
                self._say("The app is back.")
            else:
                self._heard(heard)

    def _heard(self, heard: Heard) -> None:
        """What can come at any time."""
        if heard.name == "stop":
            raise Stopped()
        if heard.name == "failed":
            why = heard.news["why"]
            raise Failed(f"The demo organisations could not be registered: {why}")
        if heard.name == "tick":
            self._processes.tell_app("tick")
        if heard.name == "say" and self._announced:
            self._say(heard.news["text"])

    def _ended(self, child: Child, code: int) -> None:
        """The app gets another life; without AWS there is nothing to live on."""
        if child is self._processes.aws:
            raise Failed(f"{last_words(child, code)}\n{_WHAT_IS_LEFT}")
        pause = self._processes.app_died()
        self._say(f"The app ended ({in_words(code)}). Starting it anew; its data are in AWS.")
        if pause:
            self._say(last_words(child, code))
        self._pause(pause)
        self._processes.start_app_anew()

    def _pause(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if (heard := self._inbox.get(left)) is not None:
                self._heard(heard)

    def _announce_alert(self, received: Received) -> None:
        alert = received["alert"]
        what = f"alert {alert['public_ref']} ({alert['severity']}, {alert['category']})"
        text = f"          {what} reached {received['brand_id']}: {self._sink.url}/"
        self._inbox.put("say", text=text)

    def _announce_message(self, sent: Received) -> None:
        text = f"          a message went out by {sent['channel']}: {self._sink.url}{MESSAGES}"
        self._inbox.put("say", text=text)

    def _say(self, text: str) -> None:
        """Tell the terminal. Whoever closed it is gone, and so is the reason to go on."""
        try:
            self._terminal(text)
        except (OSError, ValueError):
            self._inbox.put("stop")

    def _end(self) -> None:
        self._places.stack.unlink(missing_ok=True)
        saved = self._processes.end()
        self._sink.close()
        if saved and not self._options.ephemeral:
            self._say(f"Stopped. State is kept in {self._places.snapshot.parent}.")
        else:
            self._say("Stopped.")


def _import_what_comes_later() -> None:
    """While the children start: boto3 and the like take seconds, and a stop should not."""
    from infra.local import banner, keys, organisations, stack  # noqa: F401


def _alerts_socket(options: Options) -> ports.Socket:
    if options.alerts_port is not None:
        return ports.listen(options.alerts_port, "ALERTS_PORT")
    return ports.listen_if_free(options.port + 1 if options.port else 0, "ALERTS_PORT")

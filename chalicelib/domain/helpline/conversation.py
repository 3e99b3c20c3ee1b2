"""A conversation with a worker: what has been asked, what she may answer, what follows from it.

`TABLE` is all of it. It says, for each step and for each thing that may be said there, what is
done, what is answered and where the conversation goes on. What has no row at a step is her own
words, and is kept with her case: nothing that was not asked can be agreed to, and silence agrees to
nothing.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field

from chalicelib.domain.cases.case import Case
from chalicelib.domain.cases.consent import borders
from chalicelib.domain.cases.facts import Consent, Facts
from chalicelib.domain.helpline.chat_words import Said
from chalicelib.domain.helpline.helpline_line import LineId
from chalicelib.domain.rules import REOPEN_WINDOW
from chalicelib.domain.text import LanguageTag
from chalicelib.domain.values import Moment, Value
from chalicelib.domain.vocabulary import Channel, ConsentLevel, IdentityState, State

MOST_AN_HOUR = 30
"""How many messages of one sender are answered within an hour; also how many are remembered."""

HOUR = timedelta(hours=1)

KEPT_WITHOUT_A_CASE = timedelta(days=1)
"""How long a conversation is remembered that has no case to be erased with."""

SCRIPT = "1"
"""Version of the two questions. Another wording of them is another version."""


class Step(StrEnum):
    """Where a conversation is."""

    NEW = "new"  # nothing of hers is with us
    CONSENT_ASKED = "consent_asked"  # whether brands may be told
    CONSENT_ASKED_AGAIN = "consent_asked_again"
    CONTACT_ASKED = "contact_asked"  # whether we may write to her
    FACTORY_ASKED = "factory_asked"  # which factory it is, where her case names none
    OPEN = "open"  # nothing is asked
    CHANGING_CONSENT = "changing_consent"  # she asked to be asked about brands
    STOPPED = "stopped"  # she does not want to be written to
    JOINED = "joined"  # to a case that began elsewhere, by its receipt code
    ENDED = "ended"  # the case is over; never stored, it follows from the case


class Effect(StrEnum):
    """What is done with her case."""

    OPEN_CASE = "open_case"
    ADD_MESSAGE = "add_message"
    JOIN_CASE = "join_case"
    AGREE_TO_FACTORY = "agree_to_factory"
    AGREE_TO_ISSUE = "agree_to_issue"
    AGREE_TO_NOTHING = "agree_to_nothing"
    ALLOW_CONTACT = "allow_contact"
    WITHDRAW_CONTACT = "withdraw_contact"


PROGRESS = "progress"
"""Stands for the two texts that say how her case stands."""

ANSWER = "answer"
"""Stands for the standard answer to what she asks, where there is one."""

ASK_BRANDS = "chat.ask_brands"
ASK_BRANDS_ABROAD = "chat.ask_brands_abroad"
"""The same question where the law asks for one more consent: it says that it leaves the country."""

ASK_AGAIN = "chat.ask_again"
"""Leads in what an officer has her asked once more."""

CLOSED = "chat.closed"
CLOSED_KEPT = "chat.closed_kept"
"""While nobody reads: nothing is kept of who is new, what belongs to a case is."""

ASK_CONTACT = "chat.ask_contact"
ASK_FACTORY = "chat.ask_factory"
FLOODED = "chat.flood"


class Move(NamedTuple):
    """What follows: the next step (None: the same), what is done, the texts that answer."""

    to: Step | None
    does: tuple[Effect, ...]
    says: tuple[str, ...]


def _go(to: Step | None, *says: str, does: tuple[Effect, ...] = ()) -> Move:
    return Move(to, does, says)


_OPENED = _go(Step.CONSENT_ASKED, "chat.received", ANSWER, ASK_BRANDS, does=(Effect.OPEN_CASE,))
_OPENED_WITH_HELP = _go(  # who cries for help writes the same word as who asks how this works
    Step.CONSENT_ASKED, "chat.received", "chat.help", ASK_BRANDS, does=(Effect.OPEN_CASE,)
)
_STOPPED = _go(Step.STOPPED, "chat.stopped", does=(Effect.WITHDRAW_CONTACT,))
_ADDED = (Effect.ADD_MESSAGE,)


def _with_codes() -> Mapping[Said, Move]:
    return {
        Said.CODE: _go(Step.JOINED, "chat.joined", PROGRESS, does=(Effect.JOIN_CASE,)),
        Said.CODE_AND_WORDS: _go(
            Step.JOINED, "chat.joined", "chat.added", does=(Effect.JOIN_CASE, Effect.ADD_MESSAGE)
        ),
        Said.WRONG_CODE: _go(None, "chat.code_unknown"),
        Said.TOO_MANY_CODES: _go(None, "chat.code_wait"),
    }


def _anywhere(*question: str) -> Mapping[Said, Move]:
    """What is the same wherever there is a case; the open question is repeated."""
    return {
        **_with_codes(),
        Said.NOTHING: _go(None, *(question or ("chat.tell_us",))),
        Said.STATUS: _go(None, PROGRESS, *question),
        Said.HELP: _go(None, "chat.help", *question, does=_ADDED),
        Said.LANGUAGES: _go(None, "chat.languages"),
        Said.LANGUAGE: _go(None, "chat.language_chosen", *question),
        Said.STOP: _STOPPED,
        Said.START: _go(Step.CONTACT_ASKED, ASK_CONTACT),
        Said.BRANDS: _go(Step.CHANGING_CONSENT, ASK_BRANDS),
    }


def _answers_about_brands(to: Step | None, *then: str) -> Mapping[Said, Move]:
    nothing = _go(to, "chat.agreed_nothing", *then, does=(Effect.AGREE_TO_NOTHING,))
    return {
        Said.FACTORY_TOO: _go(to, "chat.agreed_factory", *then, does=(Effect.AGREE_TO_FACTORY,)),
        Said.FACTORY_NOT: _go(to, "chat.agreed_issue", *then, does=(Effect.AGREE_TO_ISSUE,)),
        Said.NO_BRANDS: nothing,
        Said.NO: nothing,
    }


_CONTACT_YES = _go(
    Step.FACTORY_ASKED, "chat.contact_yes", ASK_FACTORY, does=(Effect.ALLOW_CONTACT,)
)
_CONTACT_NO = _go(
    Step.FACTORY_ASKED, "chat.contact_no", ASK_FACTORY, does=(Effect.WITHDRAW_CONTACT,)
)
_NO_FACTORY = _go(None, "chat.added", ASK_FACTORY, does=_ADDED)

TABLE: Mapping[Step, Mapping[Said, Move]] = {
    Step.NEW: {
        **_with_codes(),
        Said.WORDS: _OPENED,
        Said.HELP: _OPENED_WITH_HELP,
        Said.NOTHING: _go(None, "chat.tell_us"),
        Said.STATUS: _go(None, "chat.send_code"),
        Said.START: _go(None, "chat.tell_us"),
        Said.BRANDS: _go(None, "chat.tell_us"),
        Said.STOP: _go(None, "chat.stopped"),
        Said.LANGUAGES: _go(None, "chat.languages"),
        Said.LANGUAGE: _go(None, "chat.language_chosen", "chat.tell_us"),
    },
    Step.CONSENT_ASKED: {
        **_anywhere(ASK_BRANDS),
        **_answers_about_brands(Step.CONTACT_ASKED, ASK_CONTACT),
        Said.WORDS: _go(Step.CONSENT_ASKED_AGAIN, "chat.added", ASK_BRANDS, does=_ADDED),
        Said.BRANDS: _go(None, ASK_BRANDS),
    },
    Step.CONSENT_ASKED_AGAIN: {
        **_anywhere(ASK_BRANDS),
        **_answers_about_brands(Step.CONTACT_ASKED, ASK_CONTACT),
        Said.WORDS: _go(Step.CONTACT_ASKED, "chat.added", ASK_CONTACT, does=_ADDED),
        Said.BRANDS: _go(None, ASK_BRANDS),
    },
    Step.CONTACT_ASKED: {
        **_anywhere(ASK_CONTACT),
        **_answers_about_brands(None, ASK_CONTACT),  # late, or changed her mind at once
        Said.MAY_WRITE: _CONTACT_YES,
        Said.YES: _CONTACT_YES,
        Said.MAY_NOT_WRITE: _CONTACT_NO,
        Said.NO: _CONTACT_NO,
        Said.WORDS: _go(Step.FACTORY_ASKED, "chat.added", ASK_FACTORY, does=_ADDED),
    },
    Step.FACTORY_ASKED: {
        **_anywhere(ASK_FACTORY),
        # A number may be that of a building: no yes is taken from it, and it is no answer either.
        **dict.fromkeys((Said.FACTORY_TOO, Said.FACTORY_NOT, Said.NO_BRANDS), _NO_FACTORY),
        Said.MAY_WRITE: _NO_FACTORY,
        Said.MAY_NOT_WRITE: _CONTACT_NO._replace(to=None),
        Said.WORDS: _go(Step.OPEN, "chat.added", does=_ADDED),
    },
    Step.OPEN: {
        **_anywhere(),
        Said.WORDS: _go(None, "chat.added", does=_ADDED),
    },
    Step.CHANGING_CONSENT: {
        **_anywhere(ASK_BRANDS),
        **_answers_about_brands(Step.OPEN),
        Said.WORDS: _go(Step.OPEN, "chat.added", does=_ADDED),
        Said.BRANDS: _go(None, ASK_BRANDS),
    },
    Step.STOPPED: {
        **_anywhere(),
        Said.WORDS: _go(None, does=_ADDED),
        Said.NOTHING: _go(None),
        Said.STOP: _go(None),
    },
    Step.JOINED: {
        **_anywhere(),
        Said.WORDS: _go(None, "chat.added", does=_ADDED),
        # Not `chat.stopped`: what that says of START holds where the case began.
        Said.STOP: _go(None, "chat.contact_no", does=(Effect.WITHDRAW_CONTACT,)),
        Said.START: _go(None, "chat.only_where_it_began"),
        Said.BRANDS: _go(None, "chat.only_where_it_began"),
    },
    Step.ENDED: {
        **_anywhere(),
        Said.WORDS: _OPENED,
        Said.HELP: _OPENED_WITH_HELP,
        Said.STOP: _go(None, "chat.stopped", does=(Effect.WITHDRAW_CONTACT,)),
        Said.START: _go(None, "chat.tell_us"),
        Said.BRANDS: _go(None, "chat.tell_us"),
    },
}
"""Step → what is said → what follows."""


_OF_THE_CODE: Mapping[Said, str] = {
    Said.WRONG_CODE_AND_WORDS: "chat.code_unknown",
    Said.TOO_MANY_CODES_AND_WORDS: "chat.code_wait",
}


def move(step: Step, said: Said) -> Move:
    """What follows. What is not asked for at this step is words: a number, a yes, a no. Words with
    a code that opens nothing are words, and she is told that it does not, or to wait."""
    moves = TABLE[step]
    if (told := _OF_THE_CODE.get(said)) is not None:
        words = moves[Said.WORDS]
        return words._replace(says=(told, *words.says))
    return moves.get(said) or moves[Said.WORDS]


def while_closed(move: Move) -> Move:
    """What follows while nobody reads what comes in: the same, but nobody is told that an officer
    does. A worker who is new is to turn elsewhere, not to wait: no case is opened."""
    if Effect.OPEN_CASE in move.does:
        return Move(None, (), (CLOSED,))
    if Effect.ADD_MESSAGE not in move.does or not move.says:
        return move
    others = (key for key in move.says if key not in _AN_OFFICER_READS)
    return move._replace(says=(CLOSED_KEPT, *others))


_AN_OFFICER_READS = frozenset({"chat.added", "chat.help"})


def without_factory_question(follows: Move) -> Move:
    """The same where which factory it is is known, or was asked before: nothing more is asked."""
    to = Step.OPEN if follows.to is Step.FACTORY_ASKED else follows.to
    return follows._replace(to=to, says=tuple(key for key in follows.says if key != ASK_FACTORY))


class Remembered(Value):
    """A message that was heard, by a keyed hash, and the recipe of what was answered."""

    mark: str
    at: Moment
    texts: tuple[str, ...] = ()
    language: LanguageTag
    grievance_id: str | None = None


class AskedAgain(Value):
    """A question about brands that an officer has her asked: the message it goes out as, and the
    label of its wording."""

    message_id: str
    script: str


class Conversation(Value):
    """What is remembered of a sender on a line. Neither her number nor a word of hers is in it."""

    conversation_id: str
    partner_id: str
    line_id: LineId
    channel: Channel
    language: Annotated[LanguageTag, Field(description="A language that we have texts in.")]
    language_chosen: bool = False
    choosing_language: bool = False
    step: Step = Step.NEW
    grievance_id: str | None = None
    script: str | None = None
    """Of the question that was asked last: which wording, and in which language."""
    asked_again: AskedAgain | None = None
    """Until her next message after it was sent; then it is the question that was asked last."""
    factory_asked: bool = False
    """Whether she was asked about this case which factory it is: once is enough."""
    heard: tuple[Remembered, ...] = ()
    flooded_at: Moment | None = None
    version: int = 0

    def heard_before(self, mark: str) -> Remembered | None:
        """The message with this mark, if it is among the last that were heard."""
        return next((each for each in self.heard if each.mark == mark), None)

    def heard_last(self, mark: str) -> Remembered | None:
        """The message with this mark, if it is the very last that was heard."""
        return next((each for each in self.heard[-1:] if each.mark == mark), None)

    def is_flooding(self, at: datetime) -> bool:
        """Whether more come within an hour than are answered."""
        return len(self.heard) >= MOST_AN_HOUR and self.heard[-MOST_AN_HOUR].at > at - HOUR

    def was_told_so(self, at: datetime) -> bool:
        """Whether she was told within the hour that she sends too many."""
        return self.flooded_at is not None and self.flooded_at > at - HOUR

    def having(self, heard: Remembered, **updates: object) -> "Conversation":
        """The next version of it, with one more message heard; the oldest one is forgotten."""
        kept = (*self.heard, heard)[-MOST_AN_HOUR:]
        return self.model_copy(update={**updates, "heard": kept, "version": self.version + 1})

    def being_asked(self, again: AskedAgain) -> "Conversation":
        """The next version of it, with a question that is on its way to her."""
        return self.model_copy(update={"asked_again": again, "version": self.version + 1})

    def asked_now(self, again: AskedAgain | None) -> "Conversation":
        """The same version, with the question that has reached her open; None: none has."""
        if again is None:
            return self.model_copy(update={"asked_again": None})
        step = Step.CHANGING_CONSENT
        return self.model_copy(update={"asked_again": None, "step": step, "script": again.script})

    def without(self, grievance_id: str) -> "Conversation | None":
        """It without a trace of a case; None where that case is what it is about."""
        if self.grievance_id == grievance_id:
            return None
        kept = tuple(each for each in self.heard if each.grievance_id != grievance_id)
        return self.model_copy(update={"heard": kept, "version": self.version + 1})


class CaseTalk(Value):
    """The conversations about a case: where it began, and those that joined it by its code."""

    began_in: str | None = None
    joined: tuple[str, ...] = ()
    version: int = 0

    @property
    def all(self) -> tuple[str, ...]:
        """Their ids."""
        return (*((self.began_in,) if self.began_in else ()), *self.joined)

    def may_join(self, conversation_id: str) -> bool:
        """Whether this conversation may be about the case as well."""
        return conversation_id in self.all or len(self.joined) < MOST_JOINED

    def joined_by(self, conversation_id: str) -> "CaseTalk":
        """The next version, with another conversation."""
        joined = (*self.joined, conversation_id)
        return self.model_copy(update={"joined": joined, "version": self.version + 1})


MOST_JOINED = 20
"""How many conversations may join a case besides the one it began in."""


def is_over(case: Case, at: datetime) -> bool:
    """Whether what a worker writes now is another case: hers was closed and can no longer be
    reopened, was refused and objected to already, or nobody knows any more whose it is."""
    if case.identity is IdentityState.ERASED:
        return True
    if case.state is State.INADMISSIBLE:
        return case.appealed
    return case.closed_at is not None and case.closed_at + REOPEN_WINDOW < at


def standing(case: Case) -> tuple[str, str]:
    """The texts that say how a case stands, and what happens next."""
    return f"progress.{case.state}", f"next.{case.state}"


def goes_abroad(facts: Facts) -> bool:
    """Whether telling a brand takes the consent to what leaves the country as well."""
    return bool(borders(facts.law, facts.factory_reported.country))


def script_of(language: str, *, abroad: bool) -> str:
    """The label of the questions' wording, as the consent keeps it: `chat-bn-1`."""
    return f"chat-{language}-{SCRIPT}{_ABROAD if abroad else ''}"


def is_abroad(script: str | None) -> bool:
    """Whether the wording with this label says that what is told leaves the country."""
    return script is not None and script.endswith(_ABROAD)


_ABROAD = "-abroad"

_LEVELS: Mapping[Effect, ConsentLevel] = {
    Effect.AGREE_TO_FACTORY: ConsentLevel.C3,
    Effect.AGREE_TO_ISSUE: ConsentLevel.C2,
    Effect.AGREE_TO_NOTHING: ConsentLevel.C0,
}


def agreed(consent: Consent, effect: Effect, script: str | None) -> Consent:
    """The consent once she has answered. What she was not asked about stays as it is.

    A yes to brands is one to crossing the border where the script says that it is crossed.
    """
    if effect is Effect.ALLOW_CONTACT:
        return _with(consent, script, contact_back=True)
    if effect is Effect.WITHDRAW_CONTACT:
        return _with(consent, script, contact_back=False) if consent.contact_back else consent
    level = _LEVELS[effect]
    crosses = level is not ConsentLevel.C0 and is_abroad(script)
    publishes = consent.publish_summary and level is ConsentLevel.C3
    return _with(
        consent,
        script,
        level=level,
        cross_border=crosses,
        publish_summary=publishes,
        recipients=(),  # no answer of these names who may know who she is
    )


def _with(consent: Consent, script: str | None, **answers: object) -> Consent:
    changed: Consent = consent.changed(**answers, script_version=script or consent.script_version)
    return changed

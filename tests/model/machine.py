"""The state machine: every rule of every part, over one service and one model.

`HANDSHAKE_MODEL_EXAMPLES` and `HANDSHAKE_MODEL_STEPS` (of each) ask for more than the few of a
normal run, `HANDSHAKE_MODEL_SEED` repeats one; `HANDSHAKE_MODEL_SHRINK=0` fails at once, without a
search for the shortest way to the failure.
"""

import os
import secrets

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from infra.local.gateway import Gateway
from tests.model.audit_rules import AuditRules
from tests.model.desk_rules import DeskRules
from tests.model.partner_rules import PartnerRules

EXAMPLES = int(os.environ.get("HANDSHAKE_MODEL_EXAMPLES", "5"))
STEPS = int(os.environ.get("HANDSHAKE_MODEL_STEPS", "20"))
SHRINK = os.environ.get("HANDSHAKE_MODEL_SHRINK", "1") == "1"
SEED = int(os.environ.get("HANDSHAKE_MODEL_SEED") or secrets.randbits(32))


class Life(PartnerRules, DeskRules, AuditRules):
    """All that can happen."""


def run(
    gateway: Gateway,
    *,
    examples: int = EXAMPLES,
    steps: int = STEPS,
    seeded: int = SEED,
    shrink: bool = SHRINK,
) -> None:
    """Run the machine. What fails is told as the steps that led there, and the seed with it."""

    @seed(seeded)
    def life() -> Life:
        return Life(gateway)

    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    wanted = settings(
        max_examples=examples,
        stateful_step_count=steps,
        database=None,
        deadline=None,
        phases=phases,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    try:
        run_state_machine_as_test(life, settings=wanted)  # type: ignore[arg-type]
    except BaseException as failure:
        failure.add_note(
            f"HANDSHAKE_MODEL_SEED={seeded} HANDSHAKE_MODEL_EXAMPLES={examples} "
            f"HANDSHAKE_MODEL_STEPS={steps} repeats it"
        )
        raise

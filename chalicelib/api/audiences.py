"""Who reaches what: the roles that routes are opened to, named once."""

from chalicelib.domain.vocabulary import Role

STAFF = (Role.PARTNER_INTAKE, Role.PARTNER_SUPERVISOR)
"""Everybody at a partner NGO."""

LEAD = (Role.PARTNER_SUPERVISOR,)
"""The NGO's case lead."""

DESK = (Role.BRAND,)
"""A brand's compliance desk."""

MANAGEMENT = (Role.FACTORY,)
"""A factory's management."""

AUDITOR = (Role.AUDITOR,)
"""An outside auditor."""

OPERATOR = (Role.OPERATOR,)
"""Who runs the service: the registry, never a case."""

READERS = (Role.OPERATOR, *STAFF)
"""Who may look factories and brands up."""

DPO = (Role.DPO,)
"""The data-protection officer: identities and erasures of every partner's cases."""

OPENERS = (*STAFF, Role.DPO)
"""Who may open an identity: a partner its own cases', the data-protection officer any."""
ADMINISTRATORS = (Role.PARTNER_SUPERVISOR, Role.OPERATOR)
"""Who looks after access: the operator everybody's, a supervisor her own organisation's."""

ENGAGED = (Role.AUDITOR, Role.BRAND, Role.OPERATOR)
"""Who reads engagements: whose they are, and the operator."""

OVERSIGHT = (Role.DPO, Role.OPERATOR)
"""Who watches over how data are handled, without seeing any."""

ANNOUNCED_TO = (*STAFF, Role.DPO)
"""Who learns which cases retention is about: a partner of its own, the data-protection officer."""

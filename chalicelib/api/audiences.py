"""Who reaches what: the roles that routes are opened to, named once."""

from chalicelib.domain.vocabulary import Role

STAFF = (Role.PARTNER_INTAKE, Role.PARTNER_SUPERVISOR)
"""Everybody at a partner NGO."""

LEAD = (Role.PARTNER_SUPERVISOR,)
"""The NGO's case lead."""

DESK = (Role.BRAND,)
"""A brand's compliance desk."""

AUDITOR = (Role.AUDITOR,)
"""An outside auditor."""

OPERATOR = (Role.OPERATOR,)
"""Who runs the service: the registry, never a case."""

READERS = (Role.OPERATOR, *STAFF)
"""Who may look factories and brands up."""

OVERSIGHT = (Role.DPO, Role.OPERATOR)
"""Who watches over how data are handled, without seeing any."""

"""Checks an export against the sealed ledger, without the service: `python -m verifier`.

It imports nothing of the service, so that a fault there is not repeated here. docs/verify.md says
what is proved, and what is not.
"""

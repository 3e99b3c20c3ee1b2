"""Message catalogues, one file a language. Keys are the same in all of one kind; a test says so.

Alerts (`alert.`, `sms.`, `deadline.`), digests (`digest.`) and explanations of subscriptions
(`filter.`) are in the catalogues `for_brands`, here, with the words of the field (`kind.`,
`severity.`, `category.`, `ilo.`); how a case stands (`progress.`, `next.`) and what a line of a
helpline says (`chat.`, `voice.`) are in those `for_workers`, in `workers/`. What stands in braces
is filled in with `str.format`. Texts are drafts until somebody who speaks the language has read
them: docs/messages.md says which are.
"""

from chalicelib.texts.catalogues import FALLBACK, Catalogues, Texts

__all__ = ["FALLBACK", "Texts", "best_language", "catalogue", "for_workers", "languages"]

for_brands = Catalogues(".")
for_workers = Catalogues("workers")


def languages() -> frozenset[str]:
    """The languages that brands are written to in."""
    return for_brands.languages()


def catalogue(language: str) -> Texts:
    """What brands read, in one of `languages`."""
    return for_brands.catalogue(language)


def best_language(*tags: str) -> str:
    """The first of the tags that brands can be written to in, or something broader; else English.

    `zh-hant-hk` falls back to `zh-hant`, then to `zh` (RFC 4647, section 3.4).
    """
    return for_brands.best_language(*tags)

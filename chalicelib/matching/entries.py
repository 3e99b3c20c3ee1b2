"""One name of one facility as it lies in the index: parsed at build time, unpacked on demand."""

from dataclasses import dataclass
from typing import Final

from .identifiers import canonical_identifiers
from .names import ParsedName, parse_name
from .places import ParsedPlace, parse_place
from .records import Facility
from .sounds import skeleton, sound

FIELD: Final = "\x1f"
Fields = list[str]
"""What is packed of an entry, in the order of `packed`."""
_NONE: Final = frozenset[str]()


@dataclass(slots=True, eq=False, repr=False)
class Entry:
    """A registry name with everything the pair features compare; nobody changes it.

    It is not frozen, because a dozen are made for each query and freezing takes most of that time.
    """

    facility_id: str
    name: str
    country: str
    proper: tuple[str, ...]
    trades: frozenset[str]
    units: frozenset[str]
    forms: frozenset[str]
    countries: frozenset[str]
    han: str
    native: str
    joined: str  # proper words without blanks; the trade words of a name that has none
    heard: str
    bones: str
    place: ParsedPlace
    identifiers: frozenset[str]  # "scheme:VALUE"
    latitude: float | None
    longitude: float | None
    words: frozenset[str]  # the proper ones
    place_words: frozenset[str]


def joined_words(name: ParsedName) -> tuple[str, ...]:
    """The name's words without blanks; first without those that may be a place, if there are any.

    A name without words of its own is joined from its trade words.
    """
    whole = "".join(name.proper) or "".join(name.trades)
    if not name.hinted:
        return (whole,)
    return "".join(word for word in name.proper if word not in name.hinted), whole


def _coordinate(text: str) -> float | None:
    return float(text) if text else None


def packed(facility: Facility, name: str, parsed: ParsedName, place: ParsedPlace) -> str:
    """The text that is stored for one name of a facility."""
    joined = joined_words(parsed)[-1]
    fields = (
        facility.id,
        name.replace(FIELD, " "),
        facility.country.upper(),
        " ".join(parsed.proper),
        " ".join(parsed.trades),
        " ".join(sorted(parsed.units)),
        " ".join(sorted(parsed.forms)),
        " ".join(sorted(parsed.countries | parsed.located)),
        parsed.han,
        parsed.native,
        joined,
        sound(joined),
        skeleton(joined),
        " ".join(place.words),
        " ".join(sorted(place.numbers)),
        place.han,
        " ".join(sorted(canonical_identifiers(facility.identifiers))),
        "" if facility.latitude is None else repr(facility.latitude),
        "" if facility.longitude is None else repr(facility.longitude),
    )
    return FIELD.join(fields)


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split()) if text else _NONE


def unpacked(text: str) -> Entry:
    """The entry that `packed` stored."""
    return entry_of(text.split(FIELD))


def entry_of(f: Fields) -> Entry:
    """The entry of these fields."""
    proper, places = tuple(f[3].split()), tuple(f[13].split())
    return Entry(
        facility_id=f[0],
        name=f[1],
        country=f[2],
        proper=proper,
        trades=_set(f[4]),
        units=_set(f[5]),
        forms=_set(f[6]),
        countries=_set(f[7]),
        han=f[8],
        native=f[9],
        joined=f[10],
        heard=f[11],
        bones=f[12],
        place=ParsedPlace(places, _set(f[14]), f[15]),
        identifiers=_set(f[16]),
        latitude=_coordinate(f[17]),
        longitude=_coordinate(f[18]),
        words=frozenset(proper),
        place_words=frozenset(places),
    )


def entries_of(facility: Facility) -> list[tuple[ParsedName, ParsedPlace, str]]:
    """Each distinct name of a facility, parsed and packed."""
    place = parse_place(facility.address)
    parsed = [(name, parse_name(name)) for name in dict.fromkeys(facility.names) if name.strip()]
    return [(p, place, packed(facility, name, p, place)) for name, p in parsed]


def nameless(facility: Facility) -> str:
    """What is stored for a facility without a name, which only its identifiers can find."""
    return packed(facility, "", parse_name(""), parse_place(facility.address))

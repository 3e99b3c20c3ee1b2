"""What the whole index says about the best record: who else might bear its name or its address."""

import math
from typing import Final

from .entries import Entry
from .index import Index
from .keys import END, key, surprise_pieces
from .pairs import Asked

UNIQUENESS: Final = (
    "surprise", "mean_surprise", "most_surprise", "heads", "tails", "sounds", "place_bits_there",
    "place_bits_said", "borrowed",
)  # fmt: skip
UNKNOWN: Final = (0.0,) * len(UNIQUENESS)


def _ends(entry: Entry) -> tuple[int, ...]:
    return (
        key("e:^" + entry.joined[:END]),
        key("e:$" + entry.joined[-END:]),
        key("e:-" + entry.bones),
    )


def uniqueness(index: Index, asked: Asked, entry: Entry) -> tuple[float, ...]:
    """How rare the pieces of a name are: together, on average, and the rarest; how many entries
    begin, end or sound like it; how much its address tells, and how much of that the query says;
    how much of all this is borrowed: to be the only one proves little in a small registry.
    """
    pieces = [key(piece) for piece in surprise_pieces(entry.joined, entry.han)]
    ends = _ends(entry)
    places = {word: key("a:" + word) for word in entry.place.words}
    lengths = index.lengths({*pieces, *ends, *places.values()})
    rare = [index.rarity(lengths.get(piece, 0)) for piece in pieces] or [0.0]
    bits = {word: index.rarity(lengths.get(place, 0)) for word, place in places.items()}
    said = asked.place_words | asked.name.hinted | asked.name.repeated
    return (
        sum(rare),
        sum(rare) / len(rare),
        max(rare),
        *(math.log1p(lengths.get(end, 0)) for end in ends),
        sum(bits.values()),
        sum(weight for word, weight in bits.items() if word in said),
        index.borrowed,
    )

"""Distance between two points on the earth."""

from math import asin, cos, radians, sin, sqrt
from typing import Final

EARTH_KM: Final = 6371.0


def distance_km(
    latitude: float | None,
    longitude: float | None,
    other_latitude: float | None,
    other_longitude: float | None,
) -> float | None:
    """Great-circle distance in kilometres; `None` unless both points are known."""
    if latitude is None or longitude is None or other_latitude is None or other_longitude is None:
        return None
    a, b = radians(latitude), radians(other_latitude)
    half_lat, half_lon = (b - a) / 2, radians(other_longitude - longitude) / 2
    return 2 * EARTH_KM * asin(sqrt(sin(half_lat) ** 2 + cos(a) * cos(b) * sin(half_lon) ** 2))

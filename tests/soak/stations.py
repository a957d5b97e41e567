"""The stations of the soak: many, each alone with its trouble, so that no trouble looks like an outage."""

from collections.abc import Iterator

from bot.demo.station import SimulatedStation
from bot.portal.contract import Station

APART = 1.0
"""Degrees between two stations: further than any neighbour may be."""


def lonely_stations(how_many: int) -> Iterator[SimulatedStation]:
    """So many stations, sound and in contact."""
    for number in range(how_many):
        yield SimulatedStation(
            Station(
                id=f"2:{1000 + number}",
                serial=f"CT4G-3{number:04}",
                name=f"Bay {number}",
                generation=2,
                site=f"Site {number}",
                area=f"area-{number}",
                latitude=-60 + number * APART,
                longitude=10.0,
                comms="cellular",
                carrier="T-Mobile",
                circuits=2,
            )
        )

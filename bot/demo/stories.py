"""The demo's world: twelve stations in five places, the people who look after them, groups and channel."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.demo.station import SimulatedStation
from bot.portal.contract import Station


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody who can be chosen on the demo's page."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class DemoGroup:
    """A user group; `members` are ids of people."""

    id: str
    handle: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoChannel:
    """A channel; everybody is in it."""

    id: str
    name: str


SUPPORT_1 = DemoPerson("U0SUPPORT1", "Support 1")
SUPPORT_2 = DemoPerson("U0SUPPORT2", "Support 2")
TECH_1 = DemoPerson("U0TECH1", "Tech 1")
TECH_2 = DemoPerson("U0TECH2", "Tech 2")
LEAD = DemoPerson("U0LEAD", "Lead")
PEOPLE = (SUPPORT_1, SUPPORT_2, TECH_1, TECH_2, LEAD)

SUPPORT_GROUP = DemoGroup("S0SUPPORT", "support", (SUPPORT_1.id, SUPPORT_2.id))
TECHNICIAN_GROUP = DemoGroup("S0TECH", "technicians", (TECH_1.id, TECH_2.id))
LEAD_GROUP = DemoGroup("S0LEAD", "leads", (LEAD.id,))
GROUPS = (SUPPORT_GROUP, TECHNICIAN_GROUP, LEAD_GROUP)

ALERT_CHANNEL = DemoChannel("C0ALERTS", "charger-alerts")


@dataclass(frozen=True, slots=True)
class Place:
    """A site: what all its stations share."""

    site: str
    area: str
    latitude: float
    longitude: float
    address: str
    access: str
    panel: str


PIER_9 = Place(
    site="Pier 9",
    area="north",
    latitude=37.7993,
    longitude=-122.3970,
    address="Pier 9, parking garage, level B",
    access="Ask the garage desk for the level B gate",
    panel="P2, behind the lift",
)
HILL = Place(
    site="Hill",
    area="north",
    latitude=37.8024,
    longitude=-122.4058,
    address="Hill, upper car park",
    access="Open day and night",
    panel="P1, by the stairs",
)
DOCK = Place(
    site="Dock",
    area="north",
    latitude=37.7907,
    longitude=-122.3895,
    address="Dock, row 3",
    access="Harbour gate, ring for the watch",
    panel="D1, pump house",
)
MALL_EAST = Place(
    site="Mall East",
    area="south",
    latitude=37.7286,
    longitude=-122.4770,
    address="Mall East, roof deck",
    access="Service lift, key at the information desk",
    panel="ME4, roof plant room",
)
AIRPORT = Place(
    site="Airport",
    area="south",
    latitude=37.6213,
    longitude=-122.3790,
    address="Airport, long-stay car park",
    access="Escort needed, call the duty desk first",
    panel="A7, outside the pay hall",
)

T_MOBILE, ATT = "T-Mobile", "AT&T"
NEXT_BAY = 0.0002
"""Degrees between neighbouring stations of a site: some 20 m."""

BAYS = (
    (PIER_9, "CT4G-20117", "Garage B 4", T_MOBILE),
    (PIER_9, "CT4G-20118", "Garage B 5", T_MOBILE),
    (PIER_9, "CT4G-11502", "Garage B 6", ATT),
    (HILL, "CT4G-20544", "Upper 1", T_MOBILE),
    (HILL, "CT4G-20545", "Upper 2", T_MOBILE),
    (DOCK, "CT4G-10290", "Row 3 A", ATT),
    (DOCK, "CT4G-20871", "Row 3 B", T_MOBILE),
    (MALL_EAST, "CT4G-11873", "Roof 1", ATT),
    (MALL_EAST, "CT4G-11874", "Roof 2", ATT),
    (AIRPORT, "CT4G-21330", "Long stay 1", T_MOBILE),
    (AIRPORT, "CT4G-21331", "Long stay 2", T_MOBILE),
    (AIRPORT, "CT4G-12006", "Long stay 3", ATT),
)
FIRST_ID = 33973
WEAK = frozenset({"CT4G-11874"})
"""One bar only: a coverage finding is waiting there."""
CHARGING = frozenset({"CT4G-20871", "CT4G-21330"})
"""A car is charging there when the demo begins."""
FIRST_OF_GEN_2 = "CT4G-2"
"""How the serials of the later hardware begin (manual 1)."""


def demo_stations(pages: str = "https://portal.example") -> Iterator[SimulatedStation]:
    """The twelve stations, new and in contact. `pages` is where the portal shows them to people, by serial."""
    for index, (place, serial, name, carrier) in enumerate(BAYS):
        station_id = f"1:{FIRST_ID + index}"
        yield SimulatedStation(
            Station(
                id=station_id,
                serial=serial,
                name=name,
                model="CT4000",
                generation=2 if serial.startswith(FIRST_OF_GEN_2) else 1,
                site=place.site,
                area=place.area,
                latitude=place.latitude + NEXT_BAY * index,
                longitude=place.longitude,
                comms="cellular",
                carrier=carrier,
                portal_url=f"{pages}/{serial}",
                address=place.address,
                access=place.access,
                panel=place.panel,
                circuits=2,
            ),
            bars=1 if serial in WEAK else 4,
            sessions=1 if serial in CHARGING else 0,
        )

"""The parser meets any JSON: it gives a contract value or PortalDown, and nothing else."""

import json
from collections.abc import Callable
from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import PortalDown
from bot.portal import wire

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
TIME = "2026-11-22T03:00:00Z"
NEIGHBOUR = {
    "id": "1:2",
    "serial": "CT4G-2",
    "distance_m": 12.5,
    "online": True,
    "last_communication": TIME,
    "codes": ["CP-ERR-WIFI"],
    "carrier": "AT&T",
    "radio_group": "g1",
}
Parser = Callable[[object], object]
EXAMPLES: dict[str, tuple[Parser, dict[str, object]]] = {
    "capabilities": (
        wire.to_capabilities,
        {"status": "auto", "restart": "manual", "signal": "none", "clock": TIME},
    ),
    "station": (
        wire.to_station,
        {
            "id": "1:1",
            "serial": "CT4G-1",
            "name": "Garage",
            "model": "CT4000",
            "generation": 2,
            "site": "Pier 9",
            "area": "north",
            "latitude": 37.8,
            "longitude": -122.4,
            "comms": "cellular",
            "radio_group": None,
            "carrier": "T-Mobile",
            "portal_url": "https://portal.example",
            "address": "Pier 9",
            "access": "desk",
            "panel": "P2",
            "circuits": 2,
        },
    ),
    "status": (
        wire.to_status,
        {"id": "1:1", "online": None, "last_communication": TIME, "active_sessions": 1, "as_of": TIME},
    ),
    "alarm": (
        wire.to_alarm,
        {"id": "a1", "station_id": "1:1", "code": "CP-ERR-WIFI", "raised_at": TIME, "cleared_at": None},
    ),
    "signal": (wire.to_signal, {"bars": 3, "weak": False, "measured_at": TIME}),
    "neighbour": (wire.to_neighbour, NEIGHBOUR),
    "nearby": (
        lambda value: wire.to_nearby(value, "1:1"),
        {"items": [NEIGHBOUR], "complete": True, "next": None},
    ),
    "command": (
        wire.to_command,
        {
            "id": "c1",
            "outcome": "accepted",
            "detail": "done",
            "sent_at": TIME,
            "answered_at": TIME,
            "round_trip_ms": 812,
            "settings": [{"key": "HeartbeatInterval", "value": "30", "readonly": False}],
            "unknown_keys": ["Colour"],
        },
    ),
}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_example_is_understood(kind: str) -> None:
    parse, example = EXAMPLES[kind]
    assert parse(example)


def value_or_down(parse: Parser, json_value: object) -> object:
    """What a caller gets; every other exception than PortalDown fails the test."""
    try:
        return parse(json_value)
    except PortalDown as down:
        return str(down)


@pytest.mark.parametrize("kind", EXAMPLES)
@given(data=st.data())
def test_any_json_in_any_field_is_a_value_or_down(kind: str, data: st.DataObject) -> None:
    parse, example = EXAMPLES[kind]
    field = data.draw(st.sampled_from(sorted(example)))
    assert value_or_down(parse, example | {field: data.draw(ANY_JSON)})


@pytest.mark.parametrize("kind", EXAMPLES)
@given(anything=ANY_JSON)
def test_any_json_as_a_whole_is_a_value_or_down(kind: str, anything: object) -> None:
    parse, _ = EXAMPLES[kind]
    assert value_or_down(parse, anything)


@given(body=st.binary() | ANY_JSON.map(json.dumps).map(str.encode))
def test_any_bytes_are_a_json_value_or_down(body: bytes) -> None:
    try:
        value = wire.decode(body)
    except PortalDown:
        return
    assert json.dumps(value, allow_nan=True)


@pytest.mark.parametrize("body", [b'{"a": NaN}', b"-Infinity", b"\xff\xfe\x00", b"[" * 100_000, b"9" * 5_000])
def test_what_only_python_takes_for_json_is_down(body: bytes) -> None:
    with pytest.raises(PortalDown):
        wire.decode(body)


def test_a_number_too_large_for_a_float_is_out_of_range_not_a_crash() -> None:
    with pytest.raises(PortalDown, match="not between"):
        wire.to_signal({"bars": 10**400})
    with pytest.raises(PortalDown, match="not between"):
        wire.to_signal(wire.decode(b'{"bars": 1e999}'))


@pytest.mark.parametrize("text", ["\ud800", "a\x00b"])
def test_a_text_no_database_takes_is_down(text: str) -> None:
    with pytest.raises(PortalDown):
        wire.to_station({"id": "1:1", "serial": "CT4G-1", "name": text})


def test_times_of_any_zone_become_utc() -> None:
    status = wire.to_status({"id": "1:1", "as_of": "2026-11-22T05:00:00+02:00"})
    assert (status.as_of.hour, status.as_of.utcoffset()) == (3, timedelta(0))
    assert status.as_of.tzinfo is UTC


def test_blank_is_not_known_and_blank_is_no_id() -> None:
    assert wire.to_station({"id": "1:1", "serial": "CT4G-1", "name": "  "}).name is None
    with pytest.raises(PortalDown, match="id is missing"):
        wire.to_station({"id": " ", "serial": "CT4G-1"})


def test_a_further_page_of_neighbours_means_the_list_is_not_complete() -> None:
    assert not wire.to_nearby({"items": [NEIGHBOUR], "complete": True, "next": "2"}, "1:1").complete


def test_a_station_is_not_its_own_neighbour() -> None:
    assert wire.to_nearby({"items": [NEIGHBOUR], "complete": True}, "1:2").items == ()


def test_a_part_of_a_millisecond_counts_against_the_station() -> None:
    assert wire.to_command({"outcome": "accepted", "round_trip_ms": 5000.2}).round_trip_ms == 5001


def test_a_long_detail_is_cut_rather_than_the_outcome_lost() -> None:
    command = wire.to_command({"outcome": "rejected", "detail": "x" * 9_000})
    assert command.detail == "x" * wire.LONGEST_DETAIL

"""Made-up histories in the databases of tests."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.demo.history import seed_history
from bot.portal.contract import Station
from db.engine import database_url, migration_engine


def fleet(count: int) -> list[Station]:
    """So many stations: six to a site, thirty to an area, two generations, two carriers."""
    return [
        Station(
            id=f"1:{number}",
            serial=f"CT4G-{10_000 + number}",
            name=f"Bay {number % 6}",
            model="CT4000",
            generation=1 + number // 3 % 2,
            site=f"Site {number // 6}",
            area=f"Area {number // 30}",
            carrier="T-Mobile" if number % 3 else "AT&T",
            latitude=None,
            longitude=None,
        )
        for number in range(count)
    ]


def give_past(url: str, stations: Sequence[Station], until: datetime, **more: Any) -> None:
    """Write a past into the database at `url`; `more` is as `seed_history` takes it."""
    engine = migration_engine(database_url(url))
    with Session(engine) as session, session.begin():
        seed_history(session, stations, until, **more)
    engine.dispose()


def rows_of(url: str, *tables: Any) -> Mapping[str, list[tuple[Any, ...]]]:
    """All rows of these tables, in one order."""
    engine = migration_engine(database_url(url))
    with engine.connect() as connection:
        found = {
            table.__tablename__: sorted(
                (tuple(row) for row in connection.execute(table.__table__.select())), key=repr
            )
            for table in tables
        }
    engine.dispose()
    return found

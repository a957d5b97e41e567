"""What closed incidents speak for, counted, and a station's incidents by when they were opened.

Revision 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_FAILED = "coalesce(i.last_communication, i.raised_at)"
_QUARTER = {
    "sqlite": f"CAST(strftime('%H', {_FAILED}) AS INTEGER) / 6",
    "postgresql": f"extract(hour FROM {_FAILED} AT TIME ZONE 'UTC')::int / 6",
}
_CAUSES = {
    "SIM reseat": "SIM",
    "SIM replaced": "SIM",
    "antenna reconnection": "antenna",
    "antenna replaced": "antenna",
    "Wi-Fi reconfiguration": "Wi-Fi",
    "modem power cycle": "modem hang",
    "modem replaced": "modem failure",
    "provider restored service": "provider",
    "carrier recovered": "carrier",
    "recovered by itself": "by itself",
    "coverage finding": "coverage",
    "no power (not communications)": "power",
}
_EVIDENCE = """
INSERT INTO evidence (incident_id, cause, station_id, site, area, carrier, generation, quarter, restart)
SELECT i.id,
    CASE i.fix {causes} END,
    s.id, s.site, s.area, s.carrier, s.generation, {quarter},
    coalesce((
        SELECT CASE WHEN e.fix = 'modem power cycle' AND e.technician IS NULL THEN 'helped' ELSE 'failed' END
        FROM incidents e
        WHERE e.station_id = i.station_id AND e.closed_at < i.opened_at AND e.restarts > 0 AND NOT e.drill
        ORDER BY e.closed_at DESC LIMIT 1
    ), 'none')
FROM incidents i JOIN stations s ON s.id = i.station_id
WHERE i.closed_at IS NOT NULL AND NOT i.drill
    AND i.fix IN ({fixes})
    AND NOT (i.fix = 'recovered by itself' AND coalesce(i.lost_seconds, 0) < 1800)
"""
"""Every closed incident that says something; from now on their closing counts them."""

_TALLIES = """
INSERT INTO tallies (key, cause, cases)
SELECT key, cause, count(*) FROM (
    SELECT 'hours ' || quarter || ' ' || station_id AS key, cause FROM evidence
    UNION ALL SELECT 'station ' || station_id, cause FROM evidence
    UNION ALL SELECT 'site ' || site, cause FROM evidence WHERE site <> ''
    UNION ALL SELECT 'area ' || quarter || ' ' || area || ' / ' || carrier, cause FROM evidence
        WHERE area <> '' AND carrier <> ''
    UNION ALL SELECT 'kind ' || restart || ' ' || generation || ' ' || carrier, cause FROM evidence
        WHERE carrier <> '' AND generation <> 0
    UNION ALL SELECT 'all', cause FROM evidence
) AS counted GROUP BY key, cause
"""


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("incident_id", Id, nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("station_id", Id, nullable=False),
        sa.Column("site", sa.String(length=200)),
        sa.Column("area", sa.String(length=100)),
        sa.Column("carrier", sa.String(length=100)),
        sa.Column("generation", sa.Integer()),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("restart", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_evidence_incident_id_incidents"),
        sa.PrimaryKeyConstraint("incident_id", name="pk_evidence"),
    )
    op.create_table(
        "tallies",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "cause", name="pk_tallies"),
    )
    op.create_index("ix_incidents_station_opened", "incidents", ["station_id", "opened_at"])
    dialect = "sqlite" if op.get_bind().dialect.name == "sqlite" else "postgresql"
    # Not through `op.execute`, which takes a colon for a parameter.
    evidence = _EVIDENCE.format(
        causes=" ".join(f"WHEN '{fix}' THEN '{cause}'" for fix, cause in _CAUSES.items()),
        fixes=", ".join(f"'{fix}'" for fix in _CAUSES),
        quarter=_QUARTER[dialect],
    )
    op.get_bind().exec_driver_sql(evidence)
    op.get_bind().exec_driver_sql(_TALLIES)


def downgrade() -> None:
    op.drop_index("ix_incidents_station_opened", "incidents")
    op.drop_table("tallies")
    op.drop_table("evidence")

"""Settings that are wrong, and the line each of them gets."""

WRONG_VALUES = [
    (
        "PORTAL",
        "chargepoint",
        "PORTAL: the chargepoint connector is not in this version; use http or manual",
    ),
    ("SLACK_BOT_TOKEN", "xoxp-1", "SLACK_BOT_TOKEN: a bot token starts with xoxb-"),
    ("SLACK_APP_TOKEN", "xoxb-1", "SLACK_APP_TOKEN: an app token starts with xapp-"),
    ("SLACK_COMMAND", "charger", "SLACK_COMMAND: a slash and up to 31 of a-z, 0-9, - and _"),
    ("SLACK_API_URL", "slack.com/api", "SLACK_API_URL: not an http:// or https:// address"),
    ("PORTAL_URL", "https://me:pw@portal", "PORTAL_URL: must not carry a user name or password"),
    ("ALERT_CHANNEL", "#alerts", "ALERT_CHANNEL: a channel id such as C0123ABCD, not its name"),
    ("ALERT_SECRETS", "whsec_AAAA,AAAA", "ALERT_SECRETS: entry 2 is not whsec_ followed by base64"),
    ("ALERT_SECRETS", "whsec_", "ALERT_SECRETS: entry 1 is not whsec_ followed by base64"),
    ("ALERT_TOKENS", "a:b,c", "ALERT_TOKENS: entry 2 is not name:token"),
    ("ALERT_TOKENS", "webhook:b", "ALERT_TOKENS: entry 1: the name webhook belongs to signed alerts"),
    (
        "LEAD_GROUP",
        "S0LEADS,@ann",
        "LEAD_GROUP: entry 2 is no Slack user group (S...) or user id (U..., W...)",
    ),
    ("SITE_TIMEZONE", "Mars/Base", "SITE_TIMEZONE: no time zone such as America/New_York"),
    ("SITE_TIMEZONE", "../secrets", "SITE_TIMEZONE: no time zone such as America/New_York"),
    ("DATABASE_URL", "mysql://x", "DATABASE_URL: must start with sqlite:/// or postgresql+psycopg://"),
    ("GEN_1_SERIAL", "CT4G-1[0-9", "GEN_1_SERIAL: not a regular expression"),
    ("GEN_2_SERIAL", "*", "GEN_2_SERIAL: not a regular expression"),
    ("METRICS_TOKEN", "a b", "METRICS_TOKEN: empty, or with spaces in it"),
    (
        "DIGEST_CHANNELS",
        "C0123@07:00@UTC,#alerts@07:00@UTC",
        "DIGEST_CHANNELS: entry 2, C0123@07:00@America/New_York: a channel id such as C0123ABCD, not its name",
    ),
    (
        "DIGEST_CHANNELS",
        "C0123@7@UTC",
        'DIGEST_CHANNELS: entry 1, C0123@07:00@America/New_York: not a time of day such as "07:00"',
    ),
    (
        "DIGEST_CHANNELS",
        "C0123",
        'DIGEST_CHANNELS: entry 1, C0123@07:00@America/New_York: not a time of day such as "07:00"',
    ),
    (
        "DIGEST_CHANNELS",
        "C0123@07:00@Mars/Base",
        "DIGEST_CHANNELS: entry 1, C0123@07:00@America/New_York: no time zone such as America/New_York",
    ),
    (
        "DIGEST_CHANNELS",
        "C0123@07:00@UTC, C0123@19:00@UTC",
        "DIGEST_CHANNELS: entry 2 names a channel that has its digest already",
    ),
    ("CONFIG_FILE", "nowhere.toml", "CONFIG_FILE: No such file or directory"),
]
"""Name, value, line."""

"""Requests as Slack and an alert source send them: signed when they are made, good for five minutes."""

import json
import time
from dataclasses import asdict
from datetime import UTC, datetime

from slack_sdk.signature import SignatureVerifier
from standardwebhooks import Webhook

from bot.incidents.intake import AlertIn
from tests.bench.volley import request

SLACK_EVENTS = "/slack/events"


def signed_click(secret: str, form: bytes) -> bytes:
    """A POST of an interaction's form, signed with the app's signing secret."""
    stamp = str(int(time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=form)
    return request(
        SLACK_EVENTS,
        form,
        Content_Type="application/x-www-form-urlencoded",
        X_Slack_Request_Timestamp=stamp,
        X_Slack_Signature=str(signature),
    )


def signed_alert(secret: str, alert: AlertIn) -> bytes:
    """A POST of one alert, signed with a Standard Webhooks secret."""
    body, now = json.dumps(asdict(alert), default=datetime.isoformat), datetime.now(UTC)
    return request(
        "/alerts",
        body.encode(),
        Content_Type="application/json",
        webhook_id=alert.alert_id,
        webhook_timestamp=str(int(now.timestamp())),
        webhook_signature=Webhook(secret).sign(alert.alert_id, now, body),
    )

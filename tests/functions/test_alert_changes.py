"""Which changes of an alert are accepted, and what the audit log keeps of them."""

from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import Client

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import audit_log, outbox
from risksentinel.assembly.container import Container
from tests.functions.caller import ALERTS, said, violations
from tests.functions.caller import change_alert as change


def test_a_change_of_something_older_is_refused(api: Client, alert: dict[str, Any]) -> None:
    """Two analysts can change the same alert at the same time."""
    first = change(api, alert, {"assignee": "thandi"}, {"If-Match": '"1"'})
    second = change(api, alert, {"assignee": "pieter"}, {"If-Match": '"1"'})

    assert first.status_code == 200
    assert second.status_code == 412
    assert second.content_type == "application/problem+json"
    assert said(api.get(ALERTS + alert["id"]))["assignee"] == "thandi"


@pytest.mark.parametrize("tag", ["*", '"2"', 'W/"2"'])
def test_a_change_of_the_newest_is_taken(api: Client, alert: dict[str, Any], tag: str) -> None:
    """A proxy that compresses makes the ETag weak; `*` matches any version."""
    change(api, alert, {"note": "a"})

    assert change(api, alert, {"note": "b"}, {"If-Match": tag}).status_code == 200


@pytest.mark.parametrize("tag", ["", "2", '"two"', '"0"', '"1", "2"', '"' + "9" * 20 + '"', "**"])
def test_a_tag_that_is_none_of_ours_is_refused(
    api: Client, alert: dict[str, Any], tag: str
) -> None:
    """An invalid If-Match must not be ignored."""
    assert [*violations(change(api, alert, {"note": "a"}, {"If-Match": tag}))] == [
        "header.If-Match"
    ]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, ""),
        ({"status": None}, "status"),
        ({"status": "done"}, "status"),
        ({"disposition": None}, "disposition"),
        ({"disposition": "fraud"}, "disposition"),
        ({"assignee": ""}, "assignee"),
        ({"assignee": " a"}, "assignee"),
        ({"assignee": "a\nb"}, "assignee"),
        ({"assignee": "a" * 101}, "assignee"),
        ({"assignee": 7}, "assignee"),
        ({"note": ""}, "note"),
        ({"note": "a\u001bb"}, "note"),
        ({"note": "a" * 2001}, "note"),
        ({"version": 9}, "version"),
    ],
)
def test_a_change_that_means_nothing_is_refused(
    api: Client, alert: dict[str, Any], body: dict[str, object], path: str
) -> None:
    """Stored texts must be printable and limited in length."""
    assert [*violations(change(api, alert, body))] == [path]
    assert said(api.get(ALERTS + alert["id"]))["version"] == 1


def test_the_actor_of_a_change_is_stored_and_published(
    api: Client, thandi: Client, alert: dict[str, Any], container: Container
) -> None:
    """The actor is who was authenticated; no header states another one."""
    change(thandi, alert, {"note": "a"}, {"X-Actor": "head-of-fraud@bank"})
    change(api, alert, {"note": "b"}, {"X-Actor": "head-of-fraud@bank"})

    with reading(container.engine) as connection:
        actors = connection.scalars(
            select(audit_log.c.actor).where(audit_log.c.action == "alert.changed")
        ).all()
        topics = connection.scalars(select(outbox.c.topic)).all()
    assert actors == ["key:thandi", "local"]
    assert topics.count("alerts.updated") == 2


def test_the_audit_says_what_a_change_was(
    api: Client, alert: dict[str, Any], container: Container
) -> None:
    """The audit log keeps a removed note."""
    taken = {"status": "acknowledged", "assignee": "thandi", "note": "a"}
    change(api, alert, taken)
    change(api, alert, {"note": None, "disposition": "inconclusive"})

    with reading(container.engine) as connection:
        details = connection.scalars(
            select(audit_log.c.details).where(audit_log.c.action == "alert.changed")
        ).all()
    assert [each["version"] for each in details] == [2, 3]
    assert details[0]["before"].items() >= {"status": "open", "note": None}.items()
    assert details[0]["after"] == details[1]["before"] == {**taken, "disposition": None}
    assert details[1]["after"] == {**taken, "disposition": "inconclusive", "note": None}


def test_the_audit_says_where_a_change_comes_from(
    thandi: Client, alert: dict[str, Any], container: Container
) -> None:
    """A stolen key is found by the address that used it."""
    thandi.patch(
        ALERTS + alert["id"],
        json={"note": "a"},
        headers={"X-Forwarded-For": "198.51.100.7"},
        environ_base={"REMOTE_ADDR": "203.0.113.9"},
    )

    with reading(container.engine) as connection:
        details = connection.scalars(
            select(audit_log.c.details).where(audit_log.c.action == "alert.changed")
        ).one()
    assert (details["address"], details["forwarded_for"]) == ("203.0.113.9", "198.51.100.7")

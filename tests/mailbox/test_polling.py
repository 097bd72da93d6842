"""From the server to the wing: each message once, none lost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from portal.accounts.queries import actor_for
from portal.files.models import StoredFile
from portal.mailbox import actions, intake, polling, registry, tasks
from portal.mailbox.intake import MAX_ATTEMPTS, MAX_RAW
from portal.mailbox.models import InboundMessage, Mailbox
from portal.mailbox.threading import reply_address
from portal.notifications.delivery.composing import message_id
from portal.notifications.models import LetterReference
from tests.factories.accounts import administrator
from tests.factories.mailbox import message
from tests.mailbox.conftest import Wing
from tests.mailbox.imap import ImapServer, Kept


def states() -> list[str]:
    return list(InboundMessage.objects.order_by("pk").values_list("state", flat=True))


def test_a_message_goes_to_the_wing_with_its_attachments_and_is_marked_seen(
    box: Mailbox, server: ImapServer, wing: Wing
) -> None:
    one = server.put(message("Please help", headers={"Message-ID": "<1@g>"}, files={"a.txt": b"log"}))
    tasks.poll_one(box.pk)
    (taken,) = wing.taken
    assert (taken.text, taken.sender, taken.message_id) == ("Please help", "ming@guest.example.test", "<1@g>")
    assert [StoredFile.objects.get(pk=pk).name for pk in taken.file_ids] == ["a.txt"]
    assert one.seen
    row = InboundMessage.objects.get()
    assert (row.state, row.subject_type, row.subject_id) == ("done", "test.thing", row.pk)
    box.refresh_from_db()
    assert (box.last_uid, box.uid_validity, box.last_error) == (1, 7, "")


def test_the_same_message_twice_makes_one_row(box: Mailbox, server: ImapServer, wing: Wing) -> None:
    raw = message(headers={"Message-ID": "<1@g>"})
    server.put(raw)
    server.put(raw)
    server.put(message("no id"))
    server.put(message("no id"))
    tasks.poll_one(box.pk)
    assert [taken.text for taken in wing.taken] == ["Hello", "no id"]
    assert all(one.seen for one in server.messages)


def test_another_message_under_the_same_id_is_another_message(box: Mailbox, server: ImapServer, wing: Wing) -> None:
    """As a booking form sends them that writes one Message-ID for good."""
    form = {"headers": {"Message-ID": "<form@shop>"}, "sender": "form@shop.example.test"}
    ann, bob = (message(f"{who} books a room", **form) for who in ("Ann", "Bob"))
    scans = [message("", files={"scan.pdf": content}, **form) for content in (b"1", b"2")]
    for raw in (ann, bob, b"Received: by mx.test; once more\r\n" + ann, bob, *scans):
        server.put(raw)
    tasks.poll_one(box.pk)
    assert [taken.text for taken in wing.taken] == ["Ann books a room", "Bob books a room", "", ""]
    assert all(one.seen for one in server.messages)
    server.validity, server.messages = 8, [Kept(one.uid, one.raw) for one in server.messages]
    tasks.poll_one(box.pk)
    assert len(wing.taken) == InboundMessage.objects.count() == 4, "polled again they are the same"


def test_what_was_emptied_takes_no_other_message_for_itself(box: Mailbox, server: ImapServer, wing: Wing) -> None:
    form = {"headers": {"Message-ID": "<form@shop>"}}
    server.put(message("Ann", **form))
    tasks.poll_one(box.pk)
    actions.forget_words(InboundMessage.objects.get().pk)
    server.put(b"Received: by mx.test; once more\r\n" + message("Ann", **form))
    server.put(message("Bob", **form).replace(b"22 Nov", b"23 Nov"))
    tasks.poll_one(box.pk)
    assert [taken.text for taken in wing.taken] == ["Ann", "Bob"]


@pytest.mark.parametrize("date", ["", "yesterday"], ids=["none", "unreadable"])
def test_what_was_emptied_is_known_without_a_date(box: Mailbox, server: ImapServer, wing: Wing, date: str) -> None:
    ann = message("Ann", headers={"Message-ID": "<form@shop>"}, date=date)
    bob = message("Bob", headers={"Message-ID": "<form@shop>"}, date=date, sender="bob@guest.example.test")
    server.put(ann)
    tasks.poll_one(box.pk)
    actions.forget_words(InboundMessage.objects.get().pk)
    server.validity, server.messages = 8, []
    for raw in (ann, b"Received: by mx.test; once more\r\n" + ann, bob):
        server.put(raw)
    tasks.poll_one(box.pk)
    assert [taken.text for taken in wing.taken] == ["Ann", "Bob"]


@pytest.mark.parametrize("moment", ["UID STORE", "!UID STORE"])
def test_a_kill_between_keeping_and_marking_is_harmless(
    box: Mailbox, server: ImapServer, wing: Wing, moment: str
) -> None:
    one = server.put(message(headers={"Message-ID": "<1@g>"}))
    server.fail = {moment}
    polling.poll(box)
    assert (states(), one.seen) == (["new"], False)
    server.fail = set()
    tasks.poll_one(box.pk)
    assert (states(), one.seen, len(wing.taken)) == (["done"], True, 1)


def test_what_somebody_read_by_hand_before_us_is_not_missed(box: Mailbox, server: ImapServer, wing: Wing) -> None:
    server.put(message("history"), seen=True)
    server.put(message("first"))
    tasks.poll_one(box.pk)
    server.put(message("read by hand"), seen=True)
    tasks.poll_one(box.pk)
    assert [taken.text for taken in wing.taken] == ["first", "read by hand"]


def test_a_folder_that_was_made_anew_is_read_anew(box: Mailbox, server: ImapServer, wing: Wing) -> None:
    for text in ("one", "two"):
        server.put(message(text))
    tasks.poll_one(box.pk)
    server.validity, server.messages = 8, []
    server.put(message("three"))
    tasks.poll_one(box.pk)
    assert [taken.text for taken in wing.taken] == ["one", "two", "three"]


@pytest.mark.parametrize("fail", ["LOGIN", "SELECT", "UID SEARCH", "UID FETCH", "!UID FETCH", "!LOGIN"])
def test_a_server_that_fails_is_noted_and_read_next_time(
    box: Mailbox, server: ImapServer, wing: Wing, fail: str
) -> None:
    server.put(message())
    server.fail = {fail}
    tasks.poll_one(box.pk)
    box.refresh_from_db()
    assert wing.taken == []
    assert box.last_polled_at is not None
    assert box.last_error or fail == "UID FETCH"
    server.fail = set()
    tasks.poll_one(box.pk)
    box.refresh_from_db()
    assert (len(wing.taken), box.last_error) == (1, "")


def test_a_wrong_password_is_said(box: Mailbox) -> None:
    box.password = "wrong"
    box.save()
    polling.poll(box)
    box.refresh_from_db()
    assert "AUTHENTICATIONFAILED" in box.last_error


def test_what_cannot_be_read_is_kept_and_does_not_hold_up_the_rest(
    box: Mailbox, server: ImapServer, wing: Wing
) -> None:
    server.put(b"not a mail at all")
    server.put(message("fine"))
    tasks.poll_one(box.pk)
    assert states() == ["unparsed", "done"]
    row = InboundMessage.objects.get(state="unparsed")
    assert row.last_error == "it names no sender"
    assert row.raw.size == len(b"not a mail at all")


def test_a_message_that_is_too_large_is_kept_by_its_headers(box: Mailbox, server: ImapServer, wing: Wing) -> None:
    server.put(message("x" * 500, headers={"Message-ID": "<big@g>"}), claims=MAX_RAW + 1)
    tasks.poll_one(box.pk)
    row = InboundMessage.objects.get()
    assert (row.state, row.fingerprint, row.last_error) == ("unparsed", "<big@g>", "it is larger than 40 MB")
    assert row.raw.size < 500


@pytest.mark.parametrize("claims", [1, "NIL"])
def test_a_server_that_understates_a_size_is_not_asked_for_ever(
    box: Mailbox, server: ImapServer, wing: Wing, claims: int | str
) -> None:
    one = server.put(message("big", headers={"Message-ID": "<big@g>"}) + b"x" * MAX_RAW, claims=claims)
    tasks.poll_one(box.pk)
    row = InboundMessage.objects.get()
    assert (row.state, row.fingerprint, row.last_error) == ("unparsed", "<big@g>", "it is larger than 40 MB")
    assert (row.raw.size < 500, one.seen, row.message_id) == (True, True, "<big@g>")


def test_a_wing_that_fails_gets_it_again_later_and_in_the_end_it_is_shown(
    box: Mailbox, server: ImapServer, wing: Wing
) -> None:
    server.put(message())
    wing.broken = True
    tasks.poll_one(box.pk)
    row = InboundMessage.objects.get()
    assert (row.state, row.attempts, row.last_error) == ("new", 1, "RuntimeError: the wing is busy")
    assert row.next_attempt_at > timezone.now() + timedelta(seconds=20)
    for _attempt in range(MAX_ATTEMPTS):
        InboundMessage.objects.update(next_attempt_at=timezone.now())
        tasks.handle()
    assert states() == ["failed"]
    wing.broken = False
    actions.retry(actor=actor_for(administrator()), message_id=row.pk)
    tasks.handle()
    assert (states(), len(wing.taken)) == (["done"], 1)


def test_what_the_wing_wrote_before_it_failed_is_taken_back(box: Mailbox, server: ImapServer, wing: Wing) -> None:
    server.put(message(files={"a.txt": b"x"}))
    polling.poll(box)

    def half(incoming: object) -> None:
        StoredFile.objects.filter(name="a.txt").update(name="touched")
        raise RuntimeError

    registry.unregister_handler("test.mail")
    registry.register_handler(registry.Handler("test.mail", "Test mail", half))  # type: ignore[arg-type]
    assert intake.handle_one()
    assert StoredFile.objects.filter(name="a.txt").exists()


def test_only_one_worker_reads_a_mailbox_at_a_time(box: Mailbox, server: ImapServer) -> None:
    import psycopg

    parameters = connection.get_connection_params()
    with psycopg.connect(
        dbname=parameters["dbname"], user=parameters.get("user"), password=parameters.get("password"),
        host=parameters.get("host"), port=parameters.get("port"),
    ) as other:  # fmt: skip
        other.execute("SELECT pg_advisory_lock(%s, %s)", [polling._LOCKS, box.pk])
        server.put(message())
        assert polling.poll(box) == 0
        assert server.commands == []
        # Closing lets go as well, but the server may take a moment to notice.
        other.execute("SELECT pg_advisory_unlock(%s, %s)", [polling._LOCKS, box.pk])
        assert polling.poll(box) == 1


def test_replies_find_back(box: Mailbox, server: ImapServer, wing: Wing) -> None:
    LetterReference.objects.create(message_id=message_id("letter:1"), reference="AR-1182")
    server.put(message(subject="[EC-7] other", headers={"In-Reply-To": message_id("letter:1")}))
    server.put(message(to=reply_address("box@portal.example.test", "AR-9")))
    server.put(message(subject="回复: [EC-20418] 退款"))
    server.put(message(subject="nothing [x]"))
    tasks.poll_one(box.pk)
    assert [(taken.reference, taken.matched_by) for taken in wing.taken] == [
        ("AR-1182", "message_id"), ("AR-9", "address"), ("EC-20418", "subject"), ("", ""),
    ]  # fmt: skip

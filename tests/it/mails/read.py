"""Reads mail with eyes that are not ours: Python's email (policy.default) and icalendar.

Arguments: folders of .eml files. Each mail is held to the rules of a trusted sender; what is wrong is
printed, one line each, and the last line counts what was read.
"""
import email
import email.policy
import pathlib
import re
import sys

import icalendar

wrong = []
counted = {"mails": 0, "invitations": 0, "logos": 0}


def check(mail, name):
    def must(holds, what):
        if not holds:
            wrong.append(f"{name}: {what}")

    for header in ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Language"]:
        must(mail[header] is not None and len(mail.get_all(header)) == 1, f"{header} once")
    must(re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", mail["Message-ID"]), "Message-ID")
    must(mail["Auto-Submitted"] == "auto-generated", "Auto-Submitted")
    must(mail["X-Auto-Response-Suppress"] == "All", "X-Auto-Response-Suppress")
    must(mail["Date"].datetime.tzinfo is not None, "Date has an offset")
    must("\n" not in mail["Subject"] and mail["Subject"].strip(), "Subject is one line")
    must(mail["Bcc"] is None, "no Bcc")
    # Only what is said to a whole network can be unsubscribed from, and then in the mail too.
    if mail["List-Unsubscribe"] or mail["List-Unsubscribe-Post"]:
        must(mail["Subject"].startswith("Nyt hold:"), "an announcement")
    if mail["References"]:
        ids = str(mail["References"]).split()
        must(str(mail["In-Reply-To"]) == ids[-1], "In-Reply-To is the last of References")
        must(str(mail["Message-ID"]) not in ids, "it does not refer to itself")

    must(mail.get_content_type() == "multipart/alternative", mail.get_content_type())
    parts = list(mail.iter_parts())
    kinds = [part.get_content_type() for part in parts]
    must(kinds[0] == "text/plain", "text first")
    must(kinds[1] in ("text/html", "multipart/related"), "then HTML")
    must(kinds[2:] in ([], ["text/calendar"]), f"then a calendar or nothing: {kinds}")
    for part in mail.walk():
        must(not part.defects, f"defects {part.defects}")
        if part.get_content_maintype() == "text":
            must(part.get_content_charset() == "utf-8", f"{part.get_content_type()} in UTF-8")
    text = parts[0].get_content()
    html = parts[1]
    images = []
    if html.get_content_type() == "multipart/related":
        counted["logos"] += 1
        inner = list(html.iter_parts())
        must([part.get_content_type() for part in inner] == ["text/html", "image/png"], "related: HTML, picture")
        images = [part["Content-ID"].strip("<>") for part in inner[1:]]
        must(inner[1].get_content_disposition() == "inline", "the picture is inline")
        html = inner[0]
    html = html.get_content()
    named = re.findall(r'src="cid:([^"]+)"', html)
    must(named == images, f"pictures named {named}, pictures there {images}")
    language = str(mail["Content-Language"])
    must(f'lang="{language}"' in html, "the HTML is in the mail's language")
    reason = {"da": "får denne mail, fordi", "en": "You get this mail because"}[language]
    must(reason in text and reason in html, "both say why")
    if kinds[2:]:
        counted["invitations"] += 1
        invitation(mail, parts[2], must)


def invitation(mail, part, must):
    calendar = icalendar.Calendar.from_ical(part.get_content())
    method = part.get_param("method") if hasattr(part, "get_param") else None
    must(str(calendar["METHOD"]) == method, "METHOD in header and body")
    events = calendar.walk("VEVENT")
    must(len(events) == 1, "one event")
    event = events[0]
    must("@" in event["UID"], "UID")
    must(int(event["SEQUENCE"]) >= 0, "SEQUENCE")
    must(not isinstance(event.get("ATTENDEE"), list), "one attendee")
    to = [address.addr_spec for address in mail["To"].addresses]
    must(str(event["ATTENDEE"]).removeprefix("mailto:") in to, "the attendee gets the mail")
    must(str(event["ORGANIZER"]).removeprefix("mailto:") == mail["From"].addresses[0].addr_spec, "ORGANIZER")
    zones = [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")]
    must(event["DTSTART"].params.get("TZID") in zones, f"its time is in a zone that is told: {zones}")
    must(event["DTEND"].dt >= event["DTSTART"].dt, "it ends after it starts")
    must(str(event["STATUS"]) == {"REQUEST": "CONFIRMED", "CANCEL": "CANCELLED"}[method], "STATUS")


for folder in sys.argv[1:]:
    for path in sorted(pathlib.Path(folder).glob("*.eml")):
        raw = path.read_bytes()
        lines = raw.split(b"\r\n")
        if max(map(len, lines)) > 998 or any(b"\n" in line or b"\r" in line for line in lines):
            wrong.append(f"{path.name}: a line is too long, or does not end in CRLF")
        if not raw.isascii():
            wrong.append(f"{path.name}: its addresses are ASCII, and it is not")
        counted["mails"] += 1
        check(email.message_from_bytes(raw, policy=email.policy.default), path.name)

print("\n".join(wrong))
print(*(f"{count} {what}" for what, count in counted.items()), sep=", ")

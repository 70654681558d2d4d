"""An iTIP processor in a few lines (RFC 5546, 3.2), as a calendar program folds what comes by mail.

Arguments: .eml files in the order in which they came. Prints the entries the calendar then has.
"""
import email
import email.policy
import json
import sys

import icalendar

entries = {}
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        mail = email.message_from_binary_file(file, policy=email.policy.default)
    part = next((part for part in mail.walk() if part.get_content_type() == "text/calendar"), None)
    if part is None:
        continue
    calendar = icalendar.Calendar.from_ical(part.get_content())
    event = calendar.walk("VEVENT")[0]
    key = (str(event["UID"]), str(event["ATTENDEE"]))
    newest = (int(event["SEQUENCE"]), event["DTSTAMP"].dt)
    known = entries.get(key)
    # What is older than the calendar has is ignored; what is as old counts by its stamp.
    if known and newest < known["newest"]:
        continue
    if str(calendar["METHOD"]) == "CANCEL":
        if known:
            known.update(newest=newest, status="CANCELLED", changes=known["changes"] + 1)
        continue
    entries[key] = {
        "newest": newest,
        "status": str(event["STATUS"]),
        "start": event["DTSTART"].dt.isoformat(),
        "place": str(event.get("LOCATION", "")),
        "changes": known["changes"] + 1 if known else 0,
    }

print(json.dumps([
    {"uid": uid, "sequence": entry["newest"][0], **{k: entry[k] for k in ("status", "start", "place", "changes")}}
    for (uid, _), entry in sorted(entries.items())
]))

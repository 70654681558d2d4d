"""Checks the signatures of mails with dkimpy, which is not ours.

verify.py RECORDS MAIL...: RECORDS is a file of names and texts that DNS would answer. A line for each mail says
`good`, or why it is not.
"""

import json
import sys

import dkim

with open(sys.argv[1], encoding="utf-8") as file:
    records = json.load(file)


def dns(name, timeout=5):
    text = records.get(name.decode("ascii").rstrip("."))
    return text and text.encode("ascii")


for path in sys.argv[2:]:
    with open(path, "rb") as file:
        mail = file.read()
    try:
        said = "good" if dkim.verify(mail, dnsfunc=dns) else "bad"
    except dkim.DKIMException as error:
        said = f"{type(error).__name__}: {error}"
    print(said)

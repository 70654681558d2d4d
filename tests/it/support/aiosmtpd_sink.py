"""An independent SMTP server in a process of its own: aiosmtpd, one JSON line per accepted mail."""
import email
import email.policy
import json
import sys

from aiosmtpd.controller import Controller


class Sink:
    def __init__(self, path):
        self.file = open(path, "a", encoding="utf-8", buffering=1)

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        line = {
            "to": envelope.rcpt_tos,
            "message_id": mail["Message-ID"],
            "subject": mail["Subject"],
            "date": mail["Date"].datetime.isoformat(),
            "text": mail.get_body(("plain",)).get_content(),
        }
        self.file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return "250 accepted"


controller = Controller(Sink(sys.argv[1]), hostname="127.0.0.1", port=int(sys.argv[2]))
controller.start()
print("ready", flush=True)
sys.stdin.read()
controller.stop()

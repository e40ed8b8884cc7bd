"""A mail server for one test: aiosmtpd, on a free port of this machine, gone when its standard input is closed.

Each mail that it takes is a line of JSON in the file that it is told. The first line that it prints is its port.
"""

import argparse
import asyncio
import email
import email.policy
import json
import ssl
import sys
import threading

from aiosmtpd.smtp import SMTP, AuthResult

parser = argparse.ArgumentParser()
parser.add_argument("mails")
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--certificate")
parser.add_argument("--key")
parser.add_argument("--password")
parser.add_argument("--slow-ms", type=int, default=0)
options = parser.parse_args()


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        # What the server answers hangs on the address, so that a test chooses it.
        if address.startswith("unknown"):
            return "550 5.1.1 there is no mailbox " + address
        if address.startswith("full"):
            return "452 4.2.2 the mailbox of " + address + " is full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(options.slow_ms / 1000)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        if "virus" in mail["Subject"]:
            return "554 5.7.1 refused"
        part = lambda kind: mail.get_body((kind,)).get_content().replace("\r\n", "\n")
        line = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "is_encrypted": session.ssl is not None,
            "is_signed_in": bool(session.authenticated),
            "head": [[name, str(value)] for name, value in mail.items()],
            "text": part("plain"),
            "html": part("html"),
        }
        with open(options.mails, "a", encoding="utf-8") as mails:
            mails.write(json.dumps(line) + "\n")
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    # Unhandled: the server itself says no.
    return AuthResult(success=data.password.decode() == options.password, handled=False)


def make():
    more = {}
    if options.certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.certificate, options.key)
        more = {"tls_context": tls, "require_starttls": True}
    if options.password:
        more |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": bool(options.certificate)}
    return SMTP(Handler(), hostname="mail.example.org", **more)


async def main():
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", options.port)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait():
        sys.stdin.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait, daemon=True).start()
    await ended.wait()


asyncio.run(main())

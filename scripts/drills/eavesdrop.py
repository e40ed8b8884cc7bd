"""Listens to all that goes between the hosts of a cell while a known name is at work there: it is nowhere in clear.

The name is opened as a case, searched, listed, changed, and read by a standby; a primary is lost meanwhile, so that a new one is
copied from. That the ear hears is shown by a word that is sent without encryption on purpose.
Needs root and `scripts/setup lab`.
"""

import os
import secrets
import socket
import struct
import sys
import threading
import time

from people import bring_up, figures, keep, lab, new_id, signed_in, until

import network
import plan
import state

ALL_PROTOCOLS = 3
LONGEST_FRAME = 65_550
NAMES = ["Wilhelmine", "Zauberbergerin", "Wolkenkuckucksheim", "wilhelmine.zauberbergerin@example.org", "+49 621 7654321", "6217654321"]
PASSWORD = "ladder violet uncle brisk"
ALOUD = "said-aloud-" + secrets.token_hex(8)
"So much of a connection is kept as two of its packets may share a word."
KEPT = 64


class Ear(threading.Thread):
    "Hears every frame at every port of the switch, and notes which words were in it in clear."

    def __init__(self, words):
        super().__init__(daemon=True)
        self.words = {word: [word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be"), word.encode().hex().encode()] for word in words}
        self.heard, self.n_frames, self.n_bytes, self.n_lost, self.ends = {word: 0 for word in words}, 0, 0, 0, False
        self.tails, self.begun, self.failed = {}, threading.Event(), None

    def run(self):
        with open(f"/run/netns/{plan.SWITCH}", "rb") as space:
            if network.LIBC.setns(space.fileno(), network.CLONE_NEWNET) != 0:
                self.failed = "cannot enter the network of the switch"
                self.begun.set()
                return
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_PROTOCOLS)) as frames:
            frames.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
            frames.settimeout(0.5)
            self.begun.set()
            while not self.ends:
                try:
                    frame, where = frames.recvfrom(LONGEST_FRAME)
                except TimeoutError:
                    continue
                self.listen(frame, where[0])
            _, self.n_lost = struct.unpack("II", frames.getsockopt(263, 6, 8))  # SOL_PACKET, PACKET_STATISTICS

    def listen(self, frame, port):
        self.n_frames += 1
        self.n_bytes += len(frame)
        # Addresses and ports of IPv4 tell connections apart.
        flow = (port, frame[26:38])
        text = self.tails.get(flow, b"") + frame[54:]
        self.tails[flow] = text[-KEPT:]
        for word, forms in self.words.items():
            if any(form in text for form in forms):
                self.heard[word] += 1


def work(caller, seconds):
    "Somebody works with the known name for so long."
    end, n_done = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        details = {"first_name": NAMES[0], "last_name": NAMES[1], "city": NAMES[2], "email": NAMES[3], "phone": NAMES[4],
                   "tested": time.strftime("%Y-%m-%d")}
        case = {"case_id": new_id(), "person_id": new_id(), "person_is_known": False, "case_type": "index", "details": details}
        for method, path, body in (("POST", "/api/v1/cases", case), ("GET", "/api/v1/cases", None),
                                   ("POST", "/api/v1/cases/search", {"text": NAMES[1]}), ("GET", f"/api/v1/cases/{case['case_id']}", None)):
            try:
                status, answer = caller.call(method, path, body)
            except (OSError, network.http.client.HTTPException):
                break
            if status == 503:
                break
            if status in (400, 401, 403, 404, 422):
                sys.exit(f"{method} {path}: {status} {answer}")
            n_done += status in (200, 201)
    return n_done


def say_aloud():
    "Asks the port that speaks without encryption, which answers with a way to the other one."
    line = network.connect("client", plan.VIRTUAL, 80)
    line.sendall(f"GET /{ALOUD} HTTP/1.0\r\nHost: {plan.PAGE}\r\n\r\n".encode())
    line.recv(1024)
    line.close()


def main():
    bring_up()
    ear = Ear([*NAMES, PASSWORD, ALOUD])
    try:
        ear.start()
        ear.begun.wait()
        if ear.failed:
            sys.exit(ear.failed)
        caller = signed_in()
        n_done = work(caller, 15)
        primary = until("a primary", state.primary)
        network.run(primary, ["/bin/sh", "-c", "kill -9 $(head -n 1 /var/lib/postgresql/15/epitrace/postmaster.pid)"])
        n_done += work(caller, 20)
        until("a cell in which all is well", lambda: state.table()[1])
        n_done += work(caller, 5)
        say_aloud()
        until("the word that was said aloud", lambda: ear.heard[ALOUD] > 0)
        ear.ends = True
        ear.join()
    finally:
        lab("down")
    heard = {word: n for word, n in ear.heard.items() if n and word != ALOUD}
    print(f"{n_done} requests with the name; {ear.n_frames} frames of {ear.n_bytes >> 20} MiB heard, {ear.n_lost} missed; the word said aloud {ear.heard[ALOUD]} times; "
          f"in clear: {heard or 'nothing'}; load {os.getloadavg()[0]:.1f}", flush=True)
    method = "every frame at every port of the switch, while a case with a known name is opened, searched, listed, read, and a primary is lost"
    rows = [("words of a person heard between the hosts", len(heard), "words", "0", not heard and n_done > 50)]
    return keep("eavesdrop", figures(rows, {"requests": n_done, "frames": ear.n_frames}, method))


if __name__ == "__main__":
    sys.exit(main())

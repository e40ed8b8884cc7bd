"""Fuzzes the API for minutes: requests that fit its description, and many that don't, as an administrator's key.

No answer may be a 5xx, none may break the description, and afterwards the server is alive and its audit chain holds.
usage: fuzz.py [SECONDS]
"""

import base64, hashlib, hmac, json, os, pathlib, re, shutil, struct, subprocess, sys, tempfile, time, urllib.request, venv

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 300
ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
TOOLS = TARGET / "drill" / "venv"
SCHEMATHESIS = "schemathesis==4.*"


def tool():
    "Installs schemathesis into a place of its own, once."
    program = TOOLS / "bin" / "schemathesis"
    if not program.exists():
        venv.create(TOOLS, with_pip=True, clear=True)
        subprocess.run([TOOLS / "bin" / "pip", "install", "--quiet", SCHEMATHESIS], check=True)
    return program


def code(secret):
    "The code that an authenticator app shows now: RFC 6238."
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


class Caller:
    def __init__(self, base):
        self.base, self.headers = base, {"content-type": "application/json"}

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, self.headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            cookie = answer.headers.get("set-cookie")
            if cookie:
                self.headers["cookie"] = cookie.split(";")[0]
            text = answer.read()
            return json.loads(text) if text else None


def administrator(base, token):
    caller = Caller(base)
    secret = caller.call("POST", "/api/v1/invitations/open", {"token": token})["totp"]["secret"]
    accepted = caller.call(
        "POST", "/api/v1/invitations/accept", {"token": token, "password": "ladder violet uncle brisk", "code": code(secret)}
    )
    caller.headers["x-epitrace-csrf"] = accepted["session"]["csrf"]
    return caller


def main():
    subprocess.run(["cargo", "build", "--release", "--locked", "-q", "-p", "epitrace"], cwd=ROOT, check=True)
    program, schemathesis = TARGET / "release" / "epitrace", tool()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="epitrace-fuzz-"))
    subprocess.run([program, "demo", "--cases", "200", "--data", folder / "data", "--quiet"], check=True)
    log = open(folder / "serve.log", "wb")
    command = [program, "serve", "--listen", "127.0.0.1:0", "--data", folder / "data"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        base = server.stdout.readline().strip().rstrip("/")
        token = next(line.split("#")[1].strip() for line in server.stdout if "/invitation#" in line)
        caller = administrator(base, token)
        scopes = caller.call("GET", "/api/v1/session")["scopes"]
        key = caller.call("POST", "/api/v1/tokens", {"name": "fuzz", "scopes": scopes, "days": 1})["token"]
        document = folder / "openapi.json"
        document.write_bytes(subprocess.run([program, "openapi"], check=True, capture_output=True).stdout)
        fuzz = [
            schemathesis, "run", document, "--url", base, "--header", f"authorization: Bearer {key}",
            "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
            "--exclude-path-regex", "/events$|/api/v1/session|/invitations/", "--continue-on-failure",
            "--mode", "all", "--max-examples", "200", "--request-timeout", "30", "--phases", "coverage,fuzzing",
        ]
        begun = time.monotonic()
        n_rounds, failed, said = 0, False, ""
        while time.monotonic() - begun < SECONDS and not failed:
            n_rounds += 1
            left = max(30, SECONDS - (time.monotonic() - begun))
            try:
                done = subprocess.run([*map(str, fuzz), "--seed", str(n_rounds)], capture_output=True, text=True, timeout=left)
                said, failed = done.stdout + done.stderr, done.returncode != 0
            except subprocess.TimeoutExpired as over:
                said = (over.stdout or b"").decode(errors="replace")
        chain = caller.call("GET", "/api/v1/audit/verification")
        n_errors = sum(1 for line in open(folder / "serve.log") if '"level":"ERROR"' in line)
        n_requests = sum(1 for line in open(folder / "serve.log") if '"message":"answered"' in line)
        figures = [
            {"figure": "requests", "value": n_requests, "unit": "requests", "goal": None, "met": None},
            {"figure": "errors in the server's log", "value": n_errors, "unit": "lines", "goal": "0", "met": n_errors == 0},
            {"figure": "breaks of the audit chain", "value": int(chain["first_break"] is not None), "unit": "breaks",
             "goal": "0", "met": chain["first_break"] is None},
            {"figure": "answers against the description", "value": int(failed), "unit": "runs", "goal": "0", "met": not failed},
        ]
        out = TARGET / "drill" / "fuzz.json"
        out.parent.mkdir(parents=True, exist_ok=True)
        method = f"schemathesis, {SECONDS} s, {n_rounds} rounds with the key of an administrator"
        out.write_text(json.dumps([{**f, "peer": None, "ratio": None, "n": n_rounds, "method": method} for f in figures], indent=1))
        for figure in figures:
            print(f"{figure['figure']:36} {figure['value']:>8} {figure['unit']}")
        if failed:
            print(re.sub(r"\x1b\[[0-9;]*m", "", said)[-12_000:])
        ok = all(figure["met"] in (True, None) for figure in figures)
        if not ok:
            print(f"left for a look: {folder}")
        return 0 if ok else 1
    finally:
        server.terminate()
        server.wait(10)
        if sys.exc_info()[0] is None and "ok" in locals() and ok:
            shutil.rmtree(folder)


sys.exit(main())

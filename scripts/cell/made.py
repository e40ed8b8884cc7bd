"""What `up` makes anew each time: authorities, certificates, passwords."""

import pathlib
import secrets
import subprocess

import plan

WHAT_FOR = ["db", "kafka", "app", "keys", "backup", "web"]
PASSWORDS = ["superuser", "replication", "rewind", "migrator", "app", "jobs", "intake", "kafka", "repository", "cookie"]


class Made:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def make(self):
        """Makes all of it. Who may sign for whom: database hosts, brokers and servers each have an authority of their own.
        Database hosts have a second one for backups, since whoever has a certificate of their own may choose the primary."""
        for kind in WHAT_FOR:
            self._run("new", self.folder / "authorities" / kind, f"Lab: authority of {kind}")
        for host in plan.HOSTS:
            kind = plan.role(host)
            if kind in ("db", "kafka", "app", "keys"):
                self.sign(host)
            if kind in ("db", "backup"):
                self._run("sign", self.folder / "authorities" / "backup", self.folder / "hosts" / f"{host}-backup", plan.full(host))
        self._run("sign", self.folder / "authorities" / "web", self.folder / "hosts" / "web", plan.PAGE)
        (self.folder / "passwords").mkdir(mode=0o700)
        for name in PASSWORDS:
            (self.folder / "passwords" / name).write_text(secrets.token_urlsafe(18))

    def sign(self, host):
        "Makes the certificate of a host, by the authority of its kind."
        kind = plan.role(host)
        also = [plan.DATABASE] if kind == "db" else []
        self._run("sign", self.folder / "authorities" / kind, self.folder / "hosts" / host, plan.full(host), *also)
        if kind == "app":
            # With it a server asks the keyring, and does nothing else.
            self._run("sign", self.folder / "authorities" / "keys", self.folder / "hosts" / f"{host}-keys", plan.full(host))

    def _run(self, *words):
        subprocess.run([plan.DEPLOY / "authority", *words], check=True)

    def authority(self, kind):
        return self.folder / "authorities" / kind / "authority.pem"

    def certificate(self, host):
        return self.folder / "hosts" / host / "certificate.pem"

    def key(self, host):
        return self.folder / "hosts" / host / "key.pem"

    def password(self, name):
        return (self.folder / "passwords" / name).read_text()

    def patroni_passwords(self):
        return "".join(f"PATRONI_{name.upper()}_PASSWORD={self.password(name)}\n" for name in ("superuser", "replication", "rewind"))

    def passphrase(self):
        return f"[global]\nrepo1-cipher-pass={self.password('repository')}\n"

    def pgpass(self):
        "As the file in `deploy/`, with passwords in their places."
        text = (plan.DEPLOY / "epitrace/pgpass").read_text()
        lines = []
        for line in text.splitlines():
            user = line.split(":")[3].removeprefix("epitrace_")
            lines.append(f"{line.rsplit(':', 1)[0]}:{self.password(user)}\n")
        return "".join(lines)

"""How do the main pages score in Lighthouse, on a phone and on a desk?

    python -m tests.benchmarks.lighthouse [--runs 3]

Loads the sample with a published run into a fresh PostgreSQL and serves it as README says for production:
settings of production, collected and compressed static files, granian, over HTTPS with a certificate of its
own that Chromium is told to accept. Lighthouse visits the front page, a course and, signed in, the list of
courses for a learner, with an empty cache and its own throttling, and skips no audit. Prints the
medians of the scores, and each audit that cost points.

Needs npm with Node 18.20 or newer, Chromium, openssl and PostgreSQL; npm keeps Lighthouse in its own cache.
"""

import argparse
import json
import os
import re
import secrets
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from contextlib import ExitStack, contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

from tests import services

LIGHTHOUSE = "lighthouse@12.8.2"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
DEVICES = {"phone": [], "desk": ["--preset=desktop"]}
ROOT = Path(__file__).parent.parent.parent
MANAGE = [sys.executable, str(ROOT / "manage.py")]
LEARNER = "learner@example.hk"


def main():
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=layout)
    parser.add_argument("--runs", type=int, default=3, help="visits of each page; default: 3")
    options = parser.parse_args()
    stop_where_something_is_missing()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = os.environ | {
            "HKTALENT_VAR": str(folder),
            "DATABASE_URL": stack.enter_context(services.postgres()),
            "REDIS_URL": "",
        }
        manage(environment, "quickstart", "--no-serve")
        site = Site(stack.enter_context(served(environment, folder)))
        site.sign_in(password(folder))
        print(
            f"{os.cpu_count()} cores, {LIGHTHOUSE}, Chromium {chromium_version()}, median of {options.runs}"
        )
        print(f"| page | device | {' | '.join(CATEGORIES)} |\n|---|---|" + "---|" * len(CATEGORIES))
        wanting = set()
        for name, path, is_signed_in in (
            ("front page", "/", False),
            ("courses for you", "/courses-for-you/", True),
            ("course", site.first_course(), False),
        ):
            for device, preset in DEVICES.items():
                reports = [site.report(path, preset, is_signed_in, folder) for _ in range(options.runs)]
                print(f"| {name} | {device} | {' | '.join(scores(reports))} |", flush=True)
                wanting |= {f"{name}: {audit}" for report in reports for audit in faults(report)}
        print("\n".join(sorted(wanting)))


def stop_where_something_is_missing():
    programs = ("npx", "chromium", "openssl")
    missing = [program for program in programs if not shutil.which(program)]
    if services.postgres_binaries() is None:
        missing.append("PostgreSQL")
    if missing:
        names = ", ".join(missing)
        sys.exit(f"Not installed on this machine: {names}. Debian: npm, chromium, openssl, postgresql.")


def manage(environment, *arguments):
    subprocess.run([*MANAGE, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)


def password(folder):
    """The demo learner's, from the file that quickstart leaves."""
    lines = (folder / "demo-sign-ins.txt").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.split()[0] == LEARNER)


@contextmanager
def served(environment, folder):
    """The address of the site as it runs in production."""
    environment = environment | {
        "HKTALENT_ENVIRONMENT": "production",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "localhost",
    }
    manage(environment, "collectstatic", "--no-input")
    make_certificate(folder)
    port = services.free_port()
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    command += ["--workers", "2", "--log-level", "error", "hktalent.wsgi:application"]
    command += ["--ssl-certificate", f"{folder}/certificate.pem", "--ssl-keyfile", f"{folder}/key.pem"]
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        yield f"https://localhost:{port}"
    finally:
        process.terminate()
        process.wait()


def make_certificate(folder):
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    command += ["-addext", "subjectAltName=DNS:localhost"]
    command += ["-keyout", f"{folder}/key.pem", "-out", f"{folder}/certificate.pem"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


class Site:
    """The served site, as a browser that keeps its cookies sees it."""

    def __init__(self, address):
        self.address = address
        self.cookies = CookieJar()
        trusting = ssl._create_unverified_context()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=trusting), urllib.request.HTTPCookieProcessor(self.cookies)
        )
        services.wait_for(lambda: self.read("/"), seconds=30, expected=OSError)

    def read(self, path, fields=None):
        data = fields and urllib.parse.urlencode(fields).encode()
        request = urllib.request.Request(self.address + path, data, {"Referer": self.address})
        with self.opener.open(request) as answer:
            return answer.read().decode()

    def sign_in(self, password):
        form = self.read("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)[1]
        page = self.read(
            "/accounts/login/", {"csrfmiddlewaretoken": token, "login": LEARNER, "password": password}
        )
        assert "/accounts/logout/" in page, "The demo learner could not sign in."

    def first_course(self):
        return re.search(r'href="(/courses/\d+/)"', self.read("/courses/"))[1]

    def report(self, path, preset, is_signed_in, folder):
        """Lighthouse's report of one visit, a dict."""
        command = ["npx", "--yes", LIGHTHOUSE, self.address + path, *preset, "--quiet", "--output=json"]
        command += [f"--only-categories={','.join(CATEGORIES)}", f"--output-path={folder}/report.json"]
        command.append("--chrome-flags=--headless=new --no-sandbox --ignore-certificate-errors")
        if is_signed_in:
            cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)
            command.append(f"--extra-headers={json.dumps({'Cookie': cookies})}")
        environment = os.environ | {"CHROME_PATH": shutil.which("chromium")}
        subprocess.run(command, env=environment, check=True)
        report = json.loads((folder / "report.json").read_text())
        assert urllib.parse.urlsplit(report["finalDisplayedUrl"]).path == path
        return report


def scores(reports):
    for category in CATEGORIES:
        found = [report["categories"][category]["score"] for report in reports]
        yield f"{100 * statistics.median(found):.0f}" if None not in found else "failed"


def faults(report):
    """Audits that count towards a score and are not passed in full."""
    for category in CATEGORIES:
        for counted in report["categories"][category]["auditRefs"]:
            audit = report["audits"][counted["id"]]
            if counted["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                yield f"{audit['title']} ({category}) {audit.get('displayValue', '')}".rstrip()


def chromium_version():
    printed = subprocess.run(["chromium", "--version"], check=True, capture_output=True, text=True).stdout
    return re.search(r"[\d.]+", printed)[0]


if __name__ == "__main__":
    main()

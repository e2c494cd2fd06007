"""`manage.py quickstart`."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommender.learners.models import Learner
from recommender.learners.sample import load_sample
from recommender.recommendations import runs, tasks
from recommender.recommendations.embedded_redis import embedded_redis
from recommender.recommendations.lists import shown_list
from recommender.recommendations.models import Run
from recommender.recommendations.refresh import live_run
from recommender.recommendations.reporting import StageBars, describe_list, describe_run, follow

HELP = """See the whole product work on this machine, with nothing set up.

Makes the database, loads the sample (real Hong Kong courses, roles and demand signals; synthetic offerings,
openings and learners), starts a Redis if one can be found, has a worker carry out a recommendation run,
prints the run's figures and one learner's list with reasons, and serves the site until Ctrl-C. Safe to run
again."""


class Command(BaseCommand):
    help = HELP

    def add_arguments(self, parser: CommandParser):
        parser.add_argument("--no-serve", action="store_true", help="stop after the tables")
        parser.add_argument("--port", type=int, default=8000, help="port of the site (default: 8000)")

    def handle(self, *, no_serve, port, **options):
        if settings.PRODUCTION:
            raise CommandError("quickstart loads demo accounts: it does not run in production.")
        if not no_serve and not is_free(port):
            raise CommandError(f"Port {port} is in use: give another one with --port.")
        # Stopped by another process, it must stop its children all the same.
        for stop in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(stop, lambda *_: sys.exit())
        with ExitStack() as services:
            services.enter_context(only_one_here())
            call_command("migrate", verbosity=0)
            self.load_sample()
            environment = self.environment(services)
            process = services.enter_context(worker(environment)) if environment else None
            run = self.recommend(environment, process)
            self.show(run)
            if not no_serve:
                self.serve(environment, port)

    def load_sample(self):
        passwords = load_sample()
        if passwords:
            keep_sign_ins(passwords)

    def environment(self, services):
        """Environment of child processes with an address of Redis; None where there is no Redis to be had."""
        address = settings.REDIS_URL or services.enter_context(embedded_redis(settings.VAR / "redis"))
        if address is None:
            self.stdout.write("No Redis on this machine: tasks run in process.")
            return None
        self.stdout.write(f"Redis: {address}")
        return os.environ | {"REDIS_URL": address}

    def recommend(self, environment, process):
        """A finished run: by the worker where there is a broker, else here."""
        tasks.fail_stalled()
        bars = StageBars()
        if environment is None:
            run = Run.objects.create()
            runs.carry_out(run.pk, report=bars.report)
        else:
            before = Run.objects.order_by("pk").last()
            subprocess.run([sys.executable, sys.argv[0], "recommend", "--queue"], env=environment, check=True)
            run = Run.objects.filter(pk__gt=before.pk if before else 0).first()
            follow(run.pk, bars, process)
            tasks.fail_stalled()
        bars.close()
        run.refresh_from_db()
        return run

    def show(self, run):
        self.stdout.write("")
        self.lines(describe_run(run))
        if live_run() is None:
            raise CommandError(f"Run {run.pk} was not published, and no earlier one was.")
        learner = Learner.objects.filter(is_synthetic=True).order_by("pk").first()
        self.stdout.write(f"\nRecommended to {learner}:")
        self.lines(describe_list(shown_list(learner)))

    def serve(self, environment, port):
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error"]
        command += ["--port", str(port), "--blocking-threads", "4", "hktalent.wsgi:application"]
        with child(command, environment) as process:
            while process.poll() is None and is_free(port):
                time.sleep(0.1)
            self.stdout.write(f"\nThe site: http://127.0.0.1:{port}/  (admin: /admin/, API: /api/v1/docs/)")
            self.stdout.write("Demo sign-ins:")
            self.lines(sign_ins())
            self.stdout.write("Ctrl-C stops everything.")
            self.stdout.flush()
            try:
                process.wait()
            except KeyboardInterrupt:
                self.stdout.write("Stopping.")

    def lines(self, lines):
        for line in lines:
            self.stdout.write(line)


def sign_ins_file():
    return settings.VAR / "demo-sign-ins.txt"


def sign_ins():
    if sign_ins_file().exists():
        return sign_ins_file().read_text().splitlines()
    return ["  Their passwords are lost: set one with `manage.py changepassword learner@example.hk`."]


def keep_sign_ins(passwords):
    """Keeps the demo passwords of the first load: the database holds only their hashes."""
    with open(os.open(sign_ins_file(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"  {email}  {password}\n" for email, password in passwords.items())


@contextmanager
def only_one_here():
    """Two of them would fight over one Redis and one worker's log."""
    with open(settings.VAR / "quickstart.lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                f"quickstart is running in {settings.VAR} already: use that, or stop it."
            ) from None
        yield


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def worker(environment):
    """A Celery worker with the schedule inside; its log lies beside the database."""
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "hktalent", "worker", "--beat"]
    log = str(settings.VAR / "worker.log")
    return child([*command, "--concurrency", "2", "--loglevel", "WARNING", "--logfile", log], environment)


@contextmanager
def child(command, environment):
    process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()

"""What the command line says of a run: a bar while it works, tables when it is done."""

import sys
import time

from tqdm import tqdm

from recommender.recommendations.models import Run

LEAST_SHOWN = 0.0005
FIGURES = (("ndcg", "NDCG@10"), ("recall", "recall@10"), ("hit_rate", "hit rate"), ("coverage", "coverage"))


class StageBars:
    """A progress bar a stage, on standard error; `report` fits `runs.carry_out`."""

    def __init__(self):
        self.stage, self.bar = None, None

    def report(self, stage, done, total):
        if stage != self.stage:
            self.close()
            self.stage = stage
            self.bar = tqdm(total=total, desc=str(Run.Stage(stage).label), file=sys.stderr, disable=None)
        self.bar.update(done - self.bar.n)

    def close(self):
        if self.bar is not None:
            self.bar.update(self.bar.total - self.bar.n)
            self.bar.close()
            self.bar = None


def follow(run_id, bars, worker):
    """Shows the progress of a run that a worker carries out, until the run or the worker has ended."""
    while worker.poll() is None:
        run = Run.objects.get(pk=run_id)
        if run.stage:
            bars.report(run.stage, run.done, run.total)
        if run.finished_at:
            break
        time.sleep(0.2)


def describe_run(run):
    """Lines that say what became of a run, and its figures beside popularity's and the live run's."""
    seconds = (run.finished_at - run.started_at).total_seconds() if run.started_at else 0
    yield f"Run {run.pk}: {run.get_status_display().lower()} after {seconds:.1f} s."
    if run.read_at:
        yield f"{run.n_learners:,} learners, {run.n_courses:,} courses, {run.n_enrolments:,} enrolments."
    if run.error:
        yield run.error
    if n_synthetic := run.quality.get("n_synthetic"):
        yield f"{n_synthetic:,} of the learners are synthetic: the figures say nothing about people."
    if run.quality:
        yield from _quality_table(run.quality)


def _quality_table(quality):
    judged = quality["model"]["n_learners"]
    yield f"Judged on the last enrolment of {judged:,} learners:"
    yield f"{'':12}" + "".join(f"{label:>12}" for _, label in FIGURES)
    for name in ("model", "popularity", "live"):
        if figures := quality.get(name):
            yield f"{name:12}" + "".join(f"{_figure(figures[key]):>12}" for key, _ in FIGURES)


def _figure(value):
    return "-" if value is None else f"{value:.4f}"


def describe_list(shown):
    """Lines of one learner's recommendations with where each came from and why."""
    for item in shown.items:
        yield f"{item.rank:3}. {item.course.title} ({item.course.provider.name})"
        parts = [*_parts(item.by_relevance), *_parts(item.by_value)]
        yield f"     {item.source.label}: {item.score:.3f} = {' '.join(parts)}"


def _parts(part):
    for reason in part.reasons:
        yield f"{reason.share:+.3f} ({reason.subject})"
    if abs(part.rest) >= LEAST_SHOWN:
        yield f"{part.rest:+.3f} (all else)"

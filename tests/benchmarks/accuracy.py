"""How well does each model rank, how long does it take, and in how much memory?

    python tests/benchmarks/accuracy.py xuetangx/train.csv.gz xuetangx/test.csv.gz

Runs `manage.py evaluate` once per model, each in a process of its own, and prints a Markdown table.
Hyperparameters are chosen on the train file within the command's own time budget.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

MANAGE = Path(__file__).parents[2] / "manage.py"
MODELS = ("popularity", "neighbours", "ease", "als", "next-item-ridge", "blend")
COLUMNS = ("recall", "ndcg", "hit_rate", "coverage", "fit_seconds", "recommend_seconds", "peak_rss_mb")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("train", help="CSV with columns learner,course and optionally at; gzip accepted")
    parser.add_argument("test", help="the same, what learners did next")
    parser.add_argument("--k", default="10", help="length of the lists; default: 10")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, {Path(options.train).parent.name}, k = {options.k}\n")
    print("| model | " + " | ".join(COLUMNS) + " | all in all, seconds |")
    print("|---" * (len(COLUMNS) + 2) + "|")
    for model in MODELS:
        began = time.perf_counter()
        figures = evaluate(model, options)
        cells = [f"{figures[column]:.4f}" for column in COLUMNS[:4]]
        cells += [f"{figures[column]:.1f}" for column in COLUMNS[4:]]
        print(f"| {model} | {' | '.join(cells)} | {time.perf_counter() - began:.1f} |", flush=True)


def evaluate(model, options):
    command = [sys.executable, MANAGE, "evaluate", "--train", options.train, "--test", options.test]
    command += ["--k", options.k, "--model", model]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


if __name__ == "__main__":
    main()

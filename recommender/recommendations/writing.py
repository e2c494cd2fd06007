"""Puts packed lists into the database: thousands a second, beside the lists that learners see."""

from django.db import connection, transaction

from recommender.recommendations.models import PackedList
from recommender.recommendations.packing import pack


def write_lists(run_id, learner_ids, lists):
    """Adds the lists of a block of learners to a run that nobody sees yet."""
    rows = [(run_id, int(learner), pack(items)) for learner, items in zip(learner_ids, lists, strict=True)]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            table = PackedList._meta.db_table
            with cursor.copy(f"COPY {table} (run_id, learner_id, packed) FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["int8", "int8", "bytea"])
                for row in rows:
                    copy.write_row(row)
        else:
            PackedList.objects.bulk_create(
                PackedList(run_id=run, learner_id=learner, packed=packed) for run, learner, packed in rows
            )


def replace_list(run_id, learner_id, items):
    """Puts one learner's new list in the place of the one in a run."""
    PackedList.objects.update_or_create(
        run_id=run_id, learner_id=learner_id, defaults={"packed": pack(items)}
    )

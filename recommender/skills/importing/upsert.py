"""Adds and changes rows of a model in batches, and leaves alone what is as it should be."""

from itertools import islice

from django.dispatch import Signal

BATCH = 500
# Sent with the model as sender once its rows are written.
imported = Signal()


def upsert(model, rows):
    """Brings the database to what CsvRows say; fields that the file lacks stay as they are.

    The first field of the table's key must never be empty. Counts on `rows.result`.
    Returns the objects that existed and were changed.
    """
    values = (row.values for row in rows)
    changed = []
    while batch := list(islice(values, BATCH)):
        changed += _write_batch(model, rows.table.key, batch, rows.result)
    imported.send(sender=model)
    return changed


def _write_batch(model, key, batch, result):
    to_many = {field.name for field in model._meta.many_to_many}
    existing = {
        tuple(getattr(found, name) for name in key): found
        for found in model.objects.filter(**{f"{key[0]}__in": {row[key[0]] for row in batch}})
    }
    objects, added, changed, fields = [], [], [], set()
    for row in batch:
        plain = {name: value for name, value in row.items() if name not in to_many}
        found = existing.get(tuple(row[name] for name in key))
        if found is None:
            found = model(**plain)
            added.append(found)
        elif differing := {name for name, value in plain.items() if getattr(found, name) != value}:
            for name in differing:
                setattr(found, name, plain[name])
            fields |= differing
            changed.append(found)
        objects.append(found)
    model.objects.bulk_create(added)
    if changed:
        model.objects.bulk_update(changed, {model._meta.get_field(name).name for name in fields})
    for name in to_many & batch[0].keys():
        known = {found.pk for found in added + changed}
        relinked = _write_to_many(model, name, objects, [row[name] for row in batch])
        changed += [found for found in relinked if found.pk not in known]
    result.added += len(added)
    result.changed += len(changed)
    result.unchanged += len(batch) - len(added) - len(changed)
    return changed


def _write_to_many(model, name, objects, wanted):
    """Sets a many-to-many field of many objects in three queries; returns the objects that it changed."""
    field = model._meta.get_field(name)
    through = field.remote_field.through
    near, far = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
    links = through.objects.filter(**{f"{near}__in": [found.pk for found in objects]})
    held = {(getattr(link, near), getattr(link, far)): link.pk for link in links}
    needed = {(found.pk, other) for found, others in zip(objects, wanted, strict=True) for other in others}
    missing, surplus = needed - held.keys(), held.keys() - needed
    through.objects.bulk_create(through(**{near: one, far: other}) for one, other in sorted(missing))
    through.objects.filter(pk__in=[held[pair] for pair in surplus]).delete()
    touched = {one for one, _other in missing | surplus}
    return [found for found in objects if found.pk in touched]

"""What other apps are told of a learner's decisions. An erased learner sends Django's own `post_delete`."""

from django.dispatch import Signal

# Sent with `sender=Learner` and the `instance` when consent to profiling that was given is withdrawn.
profiling_withdrawn = Signal()

"""Which forms of a page were sent and have something wrong in them."""

from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def failed_forms(context):
    """The forms with errors among `forms`, or else the one `form` where it was posted."""
    request = context.get("request")
    forms = context.get("forms")
    if forms is None:
        is_posted = request is not None and request.method == "POST" and context.get("form") is not None
        forms = [context["form"]] if is_posted else []
    return [form for form in forms if form.errors]

"""ESCO as it is published: its skills, its occupations as roles, and which occupation needs which skill.

https://esco.ec.europa.eu, reused under Decision 2011/833/EU. What is ours: the discipline of a skill, by
words of its name or description; importance 1.0 for essential, 0.5 for optional; and the level, which ESCO
does not state.
"""

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommender.engine.aliases import AliasMatcher
from recommender.skills.importing import cells
from recommender.skills.importing.results import Rejects, importing
from recommender.skills.importing.rows import CsvRows
from recommender.skills.importing.tables import Column, Table
from recommender.skills.importing.upsert import upsert
from recommender.skills.models import Discipline, Framework, Level, Skill
from recommender.workforce.models import Role, RoleSkill

ATTRIBUTION = "This service uses the ESCO classification of the European Commission."
IMPORTANCE = {"essential": 1.0, "optional": 0.5}
ASSUMED_LEVEL = Level.INDEPENDENT
SOURCES = {
    importance: f"ESCO: {kind}; level {ASSUMED_LEVEL} assumed, ESCO states none"
    for kind, importance in IMPORTANCE.items()
}
# The first discipline of which the name holds a word, or else the description; of none: other.
DISCIPLINES = {
    Discipline.COMPUTER_VISION: ("computer vision", "image processing", "image recognition"),
    Discipline.NLP: (
        "natural language",
        "speech recognition",
        "computational linguistics",
        "machine translation",
    ),
    Discipline.GENERATIVE_AI: ("generative", "language models", "prompt"),
    Discipline.MACHINE_LEARNING: (
        "machine learning",
        "artificial intelligence",
        "neural networks",
        "deep learning",
        "recommender systems",
        "cognitive computing",
    ),
    Discipline.ROBOTICS: ("robot", "robotics", "robotic", "mechatronics", "mechatronic", "automation"),
    Discipline.CYBERSECURITY: (
        "security",
        "cyber",
        "firewall",
        "anti-virus",
        "attack",
        "penetration",
        "forensic",
        "virtual private network",
        "encryption",
        "hacking",
    ),
    Discipline.AI_GOVERNANCE: (
        "privacy",
        "data protection",
        "personal data",
        "compliance",
        "ethics",
        "audit",
    ),
    Discipline.CLOUD: ("cloud", "virtual machines", "network", "server", "SaaS"),
    Discipline.DATA_SCIENCE: (
        "data mining",
        "data analytics",
        "statistics",
        "statistical",
        "visual presentation",
    ),
    Discipline.DATA_ENGINEERING: ("data", "database", "query language", "SQL", "LDAP", "big data"),
    Discipline.SMART_CITY_IOT: (
        "Internet of Things",
        "embedded",
        "sensor",
        "smart",
        "geographic information",
    ),
    Discipline.FINTECH: ("blockchain", "smart contract", "financial", "payment"),
    Discipline.DIGITAL_MARKETING: ("marketing", "search engine", "social media"),
    Discipline.DIGITAL_MEDIA: ("audio", "video", "sound", "multimedia", "animation", "graphics", "film"),
    Discipline.EXTENDED_REALITY: ("augmented reality", "virtual reality"),
    Discipline.PRODUCT: ("product", "user experience", "user interface", "customer"),
    Discipline.PROGRAMMING: (
        "programming",
        "computer programming",
        "software",
        "web",
        "code",
        "algorithm",
        "debug",
        "scripting",
        "JavaScript",
        "PHP",
        "development environment",
    ),
    Discipline.TRANSVERSAL: (
        "communication",
        "team",
        "project management",
        "problem",
        "staff",
        "creative",
        "think",
    ),
    Discipline.DIGITAL_OTHER: ("ICT", "IT", "computer", "digital", "information technology"),
}


def other_labels(cell):
    """Other names of a thing, one a line."""
    return list(dict.fromkeys(cells.text(200)(line.strip()) for line in cell.splitlines() if line.strip()))


def importance(cell):
    if cell not in IMPORTANCE:
        raise ValueError(_("must be one of: %s") % ", ".join(IMPORTANCE))
    return IMPORTANCE[cell]


def address(name, kind, **how):
    return Column(name, "its address", f"http://data.europa.eu/esco/{kind}/3a2d5b45", required=True, **how)


LABEL = Column(
    "preferredLabel", "name in English", "machine learning", cells.text(200), required=True, to="name_en"
)
SKILLS = Table(
    "skills",
    "Skills (--skills), ESCO's skills_en.csv. One with the same address, or without one and with the same "
    "English name, keeps its names and gains other names. Else one is added, its discipline by words of its "
    "name or description.",
    (
        address("conceptUri", "skill", read=cells.web_address(300), to="framework_url"),
        LABEL,
        Column("altLabels", "other names, one a line", "", other_labels, to="aliases", empty=[]),
        Column("description", "what it is", "", empty=""),
    ),
    key=("framework_url",),
)
OCCUPATIONS = Table(
    "occupations",
    "Occupations (--occupations), ESCO's occupations_en.csv, each a role. A role with the same address, or "
    "without one and with the same English name, keeps its names.",
    (
        address("conceptUri", "occupation", read=cells.web_address(300), to="framework_url"),
        Column("code", "its code", "2511.4", cells.text(64), to="framework_code", empty=""),
        LABEL,
    ),
    key=("framework_url",),
)
RELATIONS = Table(
    "relations",
    "Relations (--relations), ESCO's occupationSkillRelations.csv, each a skill a role needs: essential "
    "is importance 1.0, optional 0.5, and level 3 is assumed, as ESCO states none. Roles whose skills rest "
    "on other sources keep theirs.",
    (
        address("occupationUri", "occupation", lookup="occupation", to="role_id"),
        Column(
            "relationType", "essential or optional", "essential", importance, required=True, to="importance"
        ),
        address("skillUri", "skill", lookup="skill", to="skill_id"),
    ),
    key=("role_id", "skill_id"),
)


def import_esco(
    *,
    skills=None,
    occupations=None,
    relations=None,
    strict=False,
    dry_run=False,
    rejects=None,
    progress=None,
):
    """Adds what the given files hold to skills, roles and skills of roles; returns an ImportResult for each.

    Raises ImportRefusedError when nothing went in.
    """
    rejects = rejects or Rejects()
    steps = (
        (SKILLS, Skill, SkillRows, skills),
        (OCCUPATIONS, Role, RoleRows, occupations),
        (RELATIONS, RoleSkill, NeedRows, relations),
    )
    results = []
    with importing(rejects, strict=strict, dry_run=dry_run):
        for table, model, prepared, file in steps:
            if file is not None:
                rows = CsvRows(file, table, rejects, lookups=_lookups(), progress=progress)
                upsert(model, prepared(rows))
                results.append(rows.result)
    return results


def _lookups():
    models = {"occupation": Role, "skill": Skill}
    return {name: _by_address(model) for name, model in models.items()}


def _by_address(model):
    """The first row of each address in ESCO."""
    rows = model.objects.filter(framework=Framework.ESCO).order_by("-pk")
    return dict(rows.exclude(framework_url="").values_list("framework_url", "pk"))


class NamedRows:
    """Rows of things with a label: what is known by its address is enriched, the rest is added."""

    model = None

    def __init__(self, rows):
        self.rows, self.table, self.result = rows, rows.table, rows.result

    def __iter__(self):
        rows = self.model.objects.order_by("-pk")
        self.slugs = set(rows.values_list("slug", flat=True))
        known = {row.framework_url: row for row in rows if row.framework_url}
        unplaced = {
            row.name_en.casefold(): row for row in rows if not row.framework_url and not row.framework
        }
        for row in self.rows:
            values = row.values
            found = known.get(values["framework_url"]) or unplaced.get(values["name_en"].casefold())
            if found is None:
                slug = self.free_slug(values["name_en"], values["framework_url"])
                row.values = self.added(values) | {"slug": slug, "framework": Framework.ESCO}
            else:
                self.place(found, values)
                row.values = self.enriched(found, values)
            yield row

    def place(self, found, values):
        """Gives the address in ESCO to something of ours that has the same name."""
        if not found.framework_url:
            found.framework, found.framework_url = Framework.ESCO, values["framework_url"]
            found.save()

    def free_slug(self, name, url):
        """A short name that no other thing has: with the end of its address where need be."""
        longest = self.model._meta.get_field("slug").max_length
        end = url.rpartition("/")[2][:8]
        slug = slugify(name)[:longest].strip("-")
        if not slug or slug in self.slugs:
            slug = f"{slug[: longest - len(end) - 1]}-{end}".strip("-")
        self.slugs.add(slug)
        return slug


class SkillRows(NamedRows):
    model = Skill

    def __init__(self, rows):
        super().__init__(rows)
        self.matcher = AliasMatcher(list(DISCIPLINES.values()))

    def added(self, values):
        discipline = self.discipline(values["name_en"], values.pop("description", ""))
        aliases = without_repeats([values["name_en"], *values.get("aliases", [])])[1:]
        return values | {"aliases": aliases, "discipline": discipline}

    def enriched(self, found, values):
        names = [name for name in (found.name_en, found.name_zh_hant, found.name_zh_hans) if name]
        labels = [values["name_en"], *values.get("aliases", [])]
        known = without_repeats([*names, *found.aliases])
        more = without_repeats([*names, *found.aliases, *labels])[len(known) :]
        return {"framework_url": values["framework_url"], "aliases": [*found.aliases, *more]}

    def discipline(self, *texts):
        for text in texts:
            if found := {match.skill for match in self.matcher.matches(text)}:
                return list(DISCIPLINES)[min(found)]
        return Discipline.OTHER


def without_repeats(names):
    """The first of the names that differ in case only."""
    first = {}
    for name in names:
        first.setdefault(name.casefold(), name)
    return list(first.values())


class RoleRows(NamedRows):
    model = Role

    def added(self, values):
        return values

    def enriched(self, found, values):
        return {
            "framework_url": values["framework_url"],
            "framework_code": found.framework_code or values.get("framework_code", ""),
        }


class NeedRows:
    """Rows of skills that roles need, without the roles whose skills rest on other sources."""

    def __init__(self, rows):
        self.rows, self.table, self.result = rows, rows.table, rows.result

    def __iter__(self):
        others = RoleSkill.objects.exclude(source__in=list(SOURCES.values()))
        theirs = set(others.values_list("role_id", flat=True))
        left_alone = set()
        for row in self.rows:
            if row.values["role_id"] in theirs:
                left_alone.add(row.values["role_id"])
                self.result.unchanged += 1
                continue
            row.values |= {"level": ASSUMED_LEVEL, "source": SOURCES[row.values["importance"]]}
            yield row
        if left_alone:
            note = ngettext(
                "%d role keeps its skills, which rest on other sources",
                "%d roles keep their skills, which rest on other sources",
                len(left_alone),
            )
            self.result.notes.append(note % len(left_alone))

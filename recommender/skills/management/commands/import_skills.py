from recommender.skills.importers import SKILLS, import_skills
from recommender.skills.importing.command import ImportCommand


class Command(ImportCommand):
    introduction = "Imports the vocabulary of skills that courses, roles and learners share."
    tables = (SKILLS,)

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="the skills")
        super().add_arguments(parser)

    def import_files(self, options, **how):
        return [import_skills(options["file"], **how)]

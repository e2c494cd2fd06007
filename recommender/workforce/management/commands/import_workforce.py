from recommender.skills.importing.command import FilesCommand
from recommender.workforce.importers import DEMAND, GRADUATES, ROLE_SKILLS, ROLES, SECTORS, import_workforce


class Command(FilesCommand):
    introduction = (
        "Imports sectors, roles, the skills that roles need, demand and graduates: any of the five files, "
        "in this order."
    )
    tables = (SECTORS, ROLES, ROLE_SKILLS, DEMAND, GRADUATES)

    def import_files(self, options, **how):
        return import_workforce(**self.given_files(options), **how)

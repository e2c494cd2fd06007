from recommender.skills.importing.command import FilesCommand
from recommender.workforce.importers import DEMAND, ROLE_SKILLS, ROLES, SECTORS, import_workforce


class Command(FilesCommand):
    introduction = (
        "Imports sectors, roles, the skills that roles need, and demand: any of the four files, "
        "in this order."
    )
    tables = (SECTORS, ROLES, ROLE_SKILLS, DEMAND)

    def import_files(self, options, **how):
        return import_workforce(**self.given_files(options), **how)

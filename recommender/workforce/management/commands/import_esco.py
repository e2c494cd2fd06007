from recommender.skills.importing.command import FilesCommand
from recommender.workforce.esco import ATTRIBUTION, OCCUPATIONS, RELATIONS, SKILLS, import_esco


class Command(FilesCommand):
    introduction = (
        "Imports ESCO, the European classification of skills and occupations, from the CSV files that "
        "https://esco.ec.europa.eu offers: any of the three, in this order. Show this wherever ESCO's data "
        f"shows: {ATTRIBUTION}"
    )
    tables = (SKILLS, OCCUPATIONS, RELATIONS)

    def import_files(self, options, **how):
        return import_esco(**self.given_files(options), **how)

"""What the search box of the site looks through: its pages, with other words under which people look for them."""

from __future__ import annotations

from dashboards.offline.site.answers import Answer, SiteAnswers
from dashboards.selection.policy_form import load_scenario_words

PAGES = (
    ("index.html", "The answer", "; home headline ring-fence leadership summary"),
    ("recommendations/index.html", "All interventions", "; list recommendations policies numbers compare ranking"),
    ("explorer.html", "The explorer", "; levers try change build own policy simulate offline"),
    ("assumptions.html", "The assumptions", "; evidence sources uncertain numbers judgement levers outcomes who says"),
    ("model.html", "How the model works", "; method equations description odd boards decisions"),
    ("data/README.txt", "Data", "; csv json numbers spreadsheet download machine-readable"),
)


def list_places(answers: SiteAnswers) -> list[list[str]]:
    """Each place as its page, its title, and what else it may be found by, what means just it before a semicolon."""
    words = load_scenario_words()
    found = [
        [answer.page, answer.label, _join_words(answer, words.get(answer.policy.name, ""))] for answer in answers.pages
    ]
    return [*(list(place) for place in PAGES), *found]


def _join_words(answer: Answer, words: str) -> str:
    """The words of a scenario, then those of its question and its answer, which may lead to it."""
    return f"{words}{'' if ';' in words else ';'} {answer.policy.question} {answer.headline}"

"""Actions: list, board, one, and what is done with it."""

from django.urls import path

from ..views import action_pages, actions, actions_of

urlpatterns = [
    path("actions/", actions.actions, name="actions"),
    path("actions/board/", actions.board, name="action_board"),
    path("actions/new/", actions.action_new, name="action_new"),
    path("actions/of-case/<str:ref>/", actions_of.of_case, name="actions_of_case"),
    path("actions/of-site/<str:code>/", actions_of.of_site, name="actions_of_site"),
    path("actions/of-scorecard/<str:code>/", actions_of.of_scorecard, name="actions_of_scorecard"),
    path("actions/<str:ref>/", action_pages.action, name="action"),
    path("actions/<str:ref>/change/", actions.action_change, name="action_change"),
    path("actions/<str:ref>/<slug:verb>/", action_pages.act, name="action_act"),
]

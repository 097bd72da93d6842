"""Report jobs and kinds of review."""

from django.urls import path

from ..views import jobs, kinds

urlpatterns = [
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/new/", jobs.job_new, name="job_new"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/change/", jobs.job_change, name="job_change"),
    path("jobs/<int:pk>/pause/", jobs.job_pause, name="job_pause"),
    path("jobs/<int:pk>/resume/", jobs.job_resume, name="job_resume"),
    path("jobs/<int:pk>/end/", jobs.job_end, name="job_end"),
    path("jobs/<int:pk>/make/", jobs.job_make, name="job_make"),
    path("kinds/", kinds.kinds, name="kinds"),
    path("kinds/new/", kinds.kind_new, name="kind_new"),
    path("kinds/<slug:code>/change/", kinds.kind_change, name="kind_change"),
    path("kinds/<slug:code>/archive/", kinds.kind_archive, name="kind_archive"),
    path("kinds/<slug:code>/restore/", kinds.kind_restore, name="kind_restore"),
]

"""The URLs of the log and the runner's pages."""

from django.urls import path

from challenge.workouts.views import complaints, entries, imports, log, plan, strength

urlpatterns = [
    path("today/", plan.today, name="today"),
    path("plan/", plan.plan, name="plan"),
    path("plan/<int:number>/", plan.week, name="plan_week"),
    path("metronome/", plan.metronome, name="metronome"),
    path("progress/", plan.progress, name="progress"),
    path("me/complaints/", complaints.complaints, name="complaints"),
    path("sw.js", log.service_worker, name="service_worker"),
    path("log/offline/", log.offline_page, name="log_offline"),
    path("log/", entries.log, name="log"),
    path("log/run/", log.run, name="log_run"),
    path("log/strength/", strength.strength, name="log_strength"),
    path("log/strength/by-hand/", strength.by_hand, name="log_strength_by_hand"),
    path("log/strength/set/", strength.sets, name="log_strength_set"),
    path("log/strength/finish/", strength.finish, name="log_strength_finish"),
    path("log/strength/done/<int:pk>/", strength.done, name="log_strength_done"),
    path("log/morning/", log.morning, name="log_morning"),
    path("log/daily-life/", log.daily_life, name="log_daily_life"),
    path("log/nothing/", log.rest_week, name="log_nothing"),
    path("log/pause/", log.pause, name="log_pause"),
    path("log/stop/", log.stop, name="log_stop"),
    path("log/import/", imports.upload, name="log_import"),
    path("log/import/address/", imports.address, name="log_import_address"),
    path("log/import/share/", imports.share, name="log_import_share"),
    path("log/import/<uuid:batch>/", imports.preview, name="log_import_preview"),
    path("log/<str:kind>/<int:pk>/", entries.entry, name="log_entry"),
    path("log/<str:kind>/<int:pk>/delete/", entries.delete, name="log_delete"),
]

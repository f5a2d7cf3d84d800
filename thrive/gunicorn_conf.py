"""How gunicorn serves the program, here and in production; the command line says where and how wide."""

from pathlib import Path

worker_class = "gthread"  # a browser's idle connections must not block the two workers
threads = 4
preload_app = True  # one import for all workers
control_socket_disable = True
timeout = 30
graceful_timeout = 10
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - heartbeat files, not on a slow disk

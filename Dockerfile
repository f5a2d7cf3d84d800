# One image for web, worker, beat and migrate; docker-compose.yml says which is which.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements/base.txt requirements/base.txt
RUN python -m venv /venv && /venv/bin/pip install --no-deps --require-hashes -r requirements/base.txt
COPY manage.py ./
COPY thrive thrive
COPY challenge challenge
COPY templates templates
COPY static static
# DEBUG for this one command: collecting needs no secret and no address.
RUN DEBUG=1 /venv/bin/python manage.py collectstatic --noinput

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 --no-create-home thrive && install --directory --owner thrive /erasures
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build --chown=thrive:thrive /app /app
USER thrive
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-m", "thrive.healthcheck"]
CMD ["gunicorn", "thrive.wsgi", "--config", "python:thrive.gunicorn_conf", "--bind", "0.0.0.0:8000", "--workers", "3"]

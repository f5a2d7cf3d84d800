# One image for web, worker, beat, migrate and backup; docker-compose.yml says which is which.
# The two bases are named by digest, so that a build next year is the build of today. A newer digest comes as a pull
# request of Dependabot each week; docs/operations.md has the command to do it by hand.
FROM python:3.14-slim-trixie@sha256:51dafde81dbdb6ebde285137a295cf18a47ca95234fe388a343719cb97305b3d AS python
FROM postgres:18-trixie@sha256:86c951e05bf56c93d95d397747fb8820ac76cc3bedb78f43abd83eedbe3666ae AS postgres
# pg_dump of the server's own version, with TLS; what else it needs comes from Debian, with its security fixes.
RUN install -D --target-directory /client/bin /usr/lib/postgresql/18/bin/pg_dump /usr/lib/postgresql/18/bin/pg_restore \
    && install -D --target-directory /client/lib /usr/lib/*-linux-gnu*/libpq.so.5

FROM python AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements/base.txt requirements/base.txt
COPY requirements/sbom.txt requirements/sbom.txt
# pip stays in a folder of its own, which the image does not get. Nor does it get catalogs of translations and the lists
# of places and carriers of telephone numbers: 50 MB that the program never opens.
RUN python -m venv --without-pip /venv && python -m venv /pip \
    && /pip/bin/pip --python /venv/bin/python install --no-deps --require-hashes -r requirements/base.txt \
    && find /venv -name '*.[mp]o' -delete \
    && /pip/bin/pip install --no-deps --require-hashes -r requirements/sbom.txt \
    && /pip/bin/cyclonedx-py environment --output-reproducible --of JSON -o /app/sbom.cdx.json /venv/bin/python \
    && rm -r /venv/lib/python*/site-packages/phonenumbers/geodata /venv/lib/python*/site-packages/phonenumbers/carrierdata
COPY manage.py ./
COPY thrive thrive
COPY challenge challenge
COPY templates templates
COPY static static
# DEBUG for this one command: collecting needs no secret and no address. Compiled here, because at run time nothing of
# the program may be written.
RUN DEBUG=1 /venv/bin/python manage.py collectstatic --noinput && rm -r requirements \
    && /venv/bin/python -m compileall -q thrive challenge

FROM python
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN apt-get update && apt-get install --yes --no-install-recommends libpq5 liblz4-1 libzstd1 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /usr/local/bin/pip* \
    && rm -rf $(python -c 'import importlib.util as u; print(*(s.submodule_search_locations[0] for s in map(u.find_spec, ["pip", "ensurepip"]) if s))') \
    && useradd --system --uid 10001 --no-create-home thrive && install --directory --owner thrive /erasures /beat
WORKDIR /app
COPY --from=postgres /client /usr/local
COPY --from=build /venv /venv
COPY --from=build /app /app
RUN ldconfig && pg_dump --version && pg_restore --version
USER thrive
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=15s --start-period=120s CMD ["python", "-m", "thrive.healthcheck"]
CMD ["gunicorn", "thrive.wsgi", "--config", "python:thrive.gunicorn_conf", "--bind", "0.0.0.0:8000", "--workers", "3"]
